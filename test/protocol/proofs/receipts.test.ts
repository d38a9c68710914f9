// Receipts, headers and blooms without a chain: tries of every shape, and proofs that claim more than they show.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hex } from "viem";
import { concat, fromRlp, keccak256, pad, toHex, toRlp } from "viem/utils";
import { concatBytes } from "../../../protocol/bytes.ts";
import { isWatched, mayMatter, watchedEvents } from "../../../protocol/dossier/events.ts";
import { decodeReceipts, encodeReceipts, proveEvents, type BlockReceipts } from "../../../protocol/dossier/receipts.ts";
import { bloomBits, decodeHeaders, encodeHeader, mayHold } from "../../../protocol/proofs/headers.ts";
import { readHeader } from "../../../protocol/proofs/header.ts";
import { buildReceiptsProof, encodeReceipt, proveReceipts } from "../../../protocol/proofs/receipts.ts";
import { deployment, header, question } from "./support.ts";

const invalid = (code: string, message: RegExp) => (error: unknown) => error instanceof Error && "code" in error && error.code === code && (assert.match(error.message, message), true);
const about = { deployment, federation: question.federation, vault: question.vault };
const watched = watchedEvents(about);
const sealed = watched.find(({ name }) => name === "RoundSealed") ?? assert.fail();
const NO_BLOOM: Hex = `0x${"00".repeat(256)}`;
const BLOCK: Hex = `0x${"b1".repeat(32)}`;
const receipt = (index: number, topics: readonly Hex[] = [], type = index % 3) =>
  encodeReceipt({ type: toHex(type), status: "0x1", cumulativeGasUsed: toHex(21_000 * (index + 1)), logsBloom: NO_BLOOM, transactionIndex: toHex(index), blockHash: BLOCK, logs: topics.length === 0 ? [] : [{ address: sealed.address, topics, data: "0x1234" }] }).bytes;
const block = (count: number, at = 0) => Array.from({ length: count }, (_, index) => receipt(index, index === at ? sealed.topics : []));

/** The recorded header with other receipts, on a parent. */
function headerOf(number: bigint, parentHash: Hex, receiptsRoot: Hex, bloom: Hex): { readonly hash: Hex; readonly bytes: Uint8Array } {
  const bytes = encodeHeader({ ...header.fields, number: toHex(number), parentHash, receiptsRoot, logsBloom: bloom });
  return { hash: keccak256(bytes), bytes };
}
function bloomOf(values: readonly Hex[]): Hex {
  const bytes = new Uint8Array(256);
  for (const bit of bloomBits(values)) bytes[255 - (bit >> 3)] = (bytes[255 - (bit >> 3)] ?? 0) | (1 << (bit & 7));
  return toHex(bytes);
}

describe("proofs of receipts", () => {
  it("proves blocks of every size, typed receipts among them, whole and in part", async () => {
    for (const count of [1, 2, 3, 17, 130, 300]) {
      const receipts = block(count, count - 1);
      const { root, proof } = await buildReceiptsProof(receipts, [], true);
      const logs = await proveReceipts(root, proof, "it");
      assert.deepEqual(logs.map(({ transaction, data }) => [transaction, data]), [[count - 1, "0x1234"]], `${count}`);
      const part = await buildReceiptsProof(receipts, [count - 1], false);
      assert.deepEqual([part.root, part.proof.count], [root, null]);
      assert.deepEqual(await proveReceipts(root, part.proof, "it"), logs);
      assert.ok(count < 17 || part.proof.nodes.length < proof.nodes.length);
    }
  });

  it("attack_forgedReceipt: every node changed, left out, or of another trie", async () => {
    const { root, proof } = await buildReceiptsProof(block(20), [], true);
    for (const at of proof.nodes.keys()) {
      const flipped = proof.nodes.map((node, i): Hex => (i === at ? `${node.slice(0, -1)}${node.endsWith("0") ? "1" : "0"}` as Hex : node));
      await assert.rejects(proveReceipts(root, { ...proof, nodes: flipped }, "it"), invalid("proof-invalid", /receipts of it/));
      await assert.rejects(proveReceipts(root, { ...proof, nodes: proof.nodes.filter((_, i) => i !== at) }, "it"), invalid("proof-invalid", /receipts of it/));
    }
    await assert.rejects(proveReceipts(keccak256("0x01"), proof, "it"), invalid("proof-invalid", /another node/));
    await assert.rejects(proveReceipts(root, { ...proof, nodes: [] }, "it"), invalid("proof-invalid", /empty/));
    await assert.rejects(proveReceipts(root, { ...proof, nodes: [`0x${"00".repeat(2 ** 20 + 1)}`] }, "it"), invalid("proof-invalid", /more than/));
  });

  it("attack_countedShort: a block that is said to have fewer receipts than it has, or more, or the same twice", async () => {
    const { root, proof } = await buildReceiptsProof(block(5, 4), [], true);
    await assert.rejects(proveReceipts(root, { ...proof, receipts: [0, 1, 2, 3], count: 4 }, "it"), invalid("proof-invalid", /more than 4/));
    await assert.rejects(proveReceipts(root, { ...proof, receipts: [0, 1, 2, 3, 4, 5], count: 6 }, "it"), invalid("proof-invalid", /no receipt 5/));
    await assert.rejects(proveReceipts(root, { ...proof, receipts: [0, 1, 3, 4] }, "it"), invalid("proof-invalid", /all of its 5/));
    await assert.rejects(proveReceipts(root, { ...proof, receipts: [4, 4], count: null }, "it"), invalid("proof-invalid", /order/));
  });

  it("refuses what is no receipt, though it lies in the trie", async () => {
    const [log] = fromRlp(receipt(0, sealed.topics, 0), "hex").slice(3) as [Hex[]];
    for (const strange of ["0x", "0x05", toRlp(["0x01", "0x01", NO_BLOOM]), toRlp(["0x01", "0x01", NO_BLOOM, "0x1234"]), toRlp(["0x01", "0x01", NO_BLOOM, [[sealed.address, "0x"]]]), concat(["0x02", "0xff"]), toRlp(["0x01", "0x01", NO_BLOOM, [["0x12", [], "0x"]]]), toRlp([[], "0x", [log ?? "0x"]])] as Hex[]) {
      if (strange === "0x") continue;
      const { root, proof } = await buildReceiptsProof([strange], [], true);
      await assert.rejects(proveReceipts(root, proof, "it"), invalid("proof-invalid", /that is none/), strange);
    }
    for (const malformed of [null, {}, { logs: [], transactionIndex: "1" }]) assert.throws(() => encodeReceipt(malformed), invalid("proof-invalid", /malformed/));
  });
});

describe("headers and their events", () => {
  const chain = async (length: number, holding: number) => {
    const { root, proof } = await buildReceiptsProof(block(2, 1), [], true);
    const bloom = bloomOf([sealed.address, ...sealed.topics]);
    const headers: { hash: Hex; bytes: Uint8Array }[] = [];
    for (let i = 0; i < length; i++) headers.push(headerOf(BigInt(10 + i), headers.at(-1)?.hash ?? pad("0x01"), i === holding ? root : keccak256("0x80"), i === holding ? bloom : NO_BLOOM));
    const anchor = { hash: headers.at(-1)?.hash ?? "0x" } as const;
    const blocks: BlockReceipts[] = [{ block: BigInt(10 + holding), ...proof }];
    const receipts = (given: readonly BlockReceipts[] = blocks, kept = headers) => decodeReceipts(concatBytes(kept.map(({ bytes }) => bytes)), encodeReceipts(given));
    return { headers, anchor, blocks, receipts };
  };

  it("encodes a header as the chain hashed it", () => {
    assert.equal(keccak256(encodeHeader(header.fields)), header.hash);
    const [decoded] = decodeHeaders(encodeHeader(header.fields), 1);
    assert.deepEqual([decoded?.hash, decoded?.number, decoded?.timestamp, decoded?.parentHash, decoded?.receiptsRoot], [header.hash, header.number, Number(header.timestamp), header.fields["parentHash"], header.fields["receiptsRoot"]]);
    assert.deepEqual(readHeader(header.fields).fields, header.fields);
  });

  it("denies by its bloom nothing that is there", () => {
    const values = [sealed.address, ...sealed.topics];
    const bloom = bloomOf(values);
    assert.ok(mayMatter({ bloom }, watched) && !mayMatter({ bloom: NO_BLOOM }, watched));
    assert.ok(!mayHold(new Uint8Array(256), bloomBits(values)));
    assert.ok(isWatched({ address: sealed.address, topics: sealed.topics }, watched) && !isWatched({ address: question.vault, topics: sealed.topics }, watched));
    assert.ok(!isWatched({ address: sealed.address, topics: [sealed.topics[0] ?? "0x", pad("0x99")] }, watched));
  });

  it("takes events of a linked chain, and calls it complete", async () => {
    const { anchor, receipts } = await chain(6, 2);
    const { events, isComplete, unlinked } = await proveEvents(receipts(), anchor, [], watched);
    assert.deepEqual([events.length, isComplete, unlinked.length, events[0]?.blockNumber, events[0]?.transactionIndex], [1, true, 0, 12n, 1]);
  });

  it("attack_silence: receipts left out of a block whose bloom may hold an event", async () => {
    const { anchor, receipts } = await chain(6, 2);
    await assert.rejects(proveEvents(receipts([]), anchor, [], watched), invalid("proof-invalid", /Block 12 may hold an event/));
  });

  it("attack_gap: without a header in between nothing before it counts, unless the reader vouches for it", async () => {
    const { anchor, receipts, blocks, headers } = await chain(6, 2);
    const gap = receipts(blocks, headers.filter((_, i) => i !== 3));
    const { events, isComplete, unlinked } = await proveEvents(gap, anchor, [], watched);
    assert.deepEqual([events.length, isComplete, unlinked.map(({ block: number }) => number)], [0, false, [12n]]);
    const vouched = await proveEvents(gap, anchor, [headers[2]?.hash ?? "0x"], watched);
    assert.deepEqual([vouched.events.length, vouched.isComplete, vouched.unlinked], [1, false, []]);
    // A header that nothing leads to proves no more for having receipts that fit it.
    const other = await proveEvents(receipts(), { hash: keccak256("0x02") }, [], watched);
    assert.deepEqual([other.events.length, other.unlinked.length], [0, 1]);
  });

  it("attack_headerSwapped: another header of the same number breaks the chain", async () => {
    const { anchor, receipts, blocks, headers } = await chain(6, 2);
    const swapped = headerOf(13n, headers[2]?.hash ?? "0x", keccak256("0x80"), bloomOf(["0x01"]));
    const { events, isComplete } = await proveEvents(receipts(blocks, headers.map((each, i) => (i === 3 ? swapped : each))), anchor, [], watched);
    assert.deepEqual([events.length, isComplete], [0, false]);
  });

  it("refuses files of headers that are cut, disordered, too many or something else", async () => {
    const { headers } = await chain(3, 1);
    const [first, second] = headers.map(({ bytes }) => bytes) as [Uint8Array, Uint8Array];
    const bad: readonly (readonly [Uint8Array, RegExp])[] = [
      [first.subarray(0, -1), /middle/], [concatBytes([second, first]), /behind/], [concatBytes([first, first]), /behind/], [new Uint8Array(900), /something else/], [Uint8Array.of(0xf9, 0xff, 0xff), /something else/],
      [Uint8Array.of(0xf9, 1, 0, ...new Uint8Array(256)), /another length/], [Uint8Array.of(0xf9, 1, 0, ...new Uint8Array(256).fill(0xbf)), /malformed/],
    ];
    for (const [bytes, message] of bad) assert.throws(() => decodeHeaders(bytes, 10), invalid("header-invalid", message), String(message));
    assert.throws(() => decodeHeaders(concatBytes([first, second]), 1), invalid("header-invalid", /more than 1/));
    assert.deepEqual(decodeHeaders(new Uint8Array(), 1), []);
  });
});
