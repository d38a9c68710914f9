import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Address, Hex } from "viem";
import { getAddress, keccak256, toHex } from "viem/utils";
import { ROUND_STATES } from "../../../protocol/ledger/states.ts";
import { parseAccountProof, proveAccount, type AccountProof } from "../../../protocol/proofs/account.ts";
import { readHeader } from "../../../protocol/proofs/header.ts";
import { proveLedger } from "../../../protocol/proofs/ledger.ts";
import { DATASET_COUNT, FROZEN_UNTIL, OFFSETS, roundSlots, SLOTS } from "../../../protocol/proofs/slots.ts";
import { MOST_NODE_BYTES, MOST_NODES, openTrie } from "../../../protocol/proofs/trie.ts";
import { deployment, header, proofs, question, recorded } from "./support.ts";

const refused = (code: string, message: RegExp) => (error: unknown) => error instanceof Error && "code" in error && error.code === code && (assert.match(error.message, message), true);
const invalid = (message: RegExp) => refused("proof-invalid", message);
const rounds = getAddress(deployment.contracts.rounds);
const [hashSlot, stateSlot] = roundSlots(question.federation, 1);
const ofRounds = (): AccountProof => proofs().get(rounds) as AccountProof;

/** The proof with the nodes of one slot changed. */
function changed(slot: bigint, change: (nodes: readonly Hex[]) => readonly Hex[]): AccountProof {
  const { accountProof, storageProof } = ofRounds();
  return { accountProof, storageProof: storageProof.map(({ key, proof }) => ({ key, proof: key === slot ? [...change(proof)] : proof })) };
}
const prove = (proof: AccountProof, slots: readonly bigint[] = [hashSlot], root: Hex = header.stateRoot, address: Address = rounds) => proveAccount(root, address, proof, slots);
const flipped = (node: Hex, at = 40): Hex => `${node.slice(0, at)}${node[at] === "0" ? "1" : "0"}${node.slice(at + 1)}` as Hex;

describe("proofs of storage", () => {
  it("gives what the contracts answered, from proofs alone", async () => {
    const { rounds: proven, head, settlement, epoch, vault, codeHashes } = await proveLedger(header, deployment, question, proofs());
    for (const [round, said] of Object.entries(recorded.said.rounds)) {
      const { state, hash, attempt, deadline, parentRound, parentAttempt, consentEpoch, entries, accepted, holds } = said;
      assert.deepEqual(proven.get(Number(round)), { hash, state: ROUND_STATES[Number(state)], attempt, deadline, parentRound, parentAttempt, consentEpoch, entries, accepted, holds });
    }
    assert.deepEqual([head.last, head.tip], [recorded.said.head.last, recorded.said.head.tip]);
    const { account, epoch: operators } = recorded.said;
    assert.deepEqual([settlement.nextIndex, settlement.settledThrough, settlement.statementHash, settlement.rewardsRoot], [account["nextIndex"], account["settledThrough"], account["statementHash"], account["rewardsRoot"]]);
    assert.deepEqual([epoch.number, epoch.size, epoch.threshold], [operators["number"], operators["size"], operators["threshold"]]);
    assert.deepEqual([String(vault?.credited), vault?.rewardsRoot, vault?.total], [recorded.said.credited, recorded.said.rewardsRoot, vault?.credited]);
    assert.equal(codeHashes.size, Object.keys(deployment.contracts).length + 1);
  });

  it("proves that nothing was written to a slot", async () => {
    const beyond = Math.max(...question.rounds);
    const slots = roundSlots(question.federation, beyond);
    const { slots: words } = await prove(ofRounds(), slots);
    assert.deepEqual([words.get(slots[0]), words.get(slots[1])], [0n, 0n]);
  });

  it("keeps the slots of the committed layout", () => {
    const snapshot = JSON.parse(readFileSync(path.join(import.meta.dirname, "..", "..", "..", "snapshots", "contracts.json"), "utf8")) as Record<string, { storage: Record<string, string> }>;
    for (const [name, slot] of Object.entries(SLOTS)) {
      const [contract = "", variable = ""] = name.split(".");
      assert.match(snapshot[contract]?.storage[variable] ?? "", new RegExp(`^slot ${slot} \\+ 0: `), name);
    }
    for (const [name, offset] of Object.entries(OFFSETS)) {
      const [contract = "", struct, field] = name.split(".");
      const holder = contract.startsWith("I") ? contract.slice(1) : contract;
      assert.match(snapshot[holder]?.storage[`struct ${contract}.${struct}.${field}`] ?? "", new RegExp(`^slot 0 \\+ ${offset}: `), name);
    }
    const { storage } = snapshot["Rounds"] as { storage: Record<string, string> };
    assert.deepEqual([storage["struct Rounds.Record.hash"], storage["struct Rounds.Record.slot"], storage["struct Rounds.Federation.configHash"]], ["slot 0 + 0: bytes32", "slot 1 + 0: RoundSlot", "slot 1 + 0: bytes32"]);
    assert.equal(snapshot["Datasets"]?.storage["datasetCount"], `slot ${DATASET_COUNT.slot} + ${DATASET_COUNT.byte}: uint32`);
    assert.equal(snapshot["Datasets"]?.storage["struct IDatasets.Terms.card"], "slot 0 + 0: bytes32");
    assert.equal(storage["struct Rounds.Federation.frozenUntil"], `slot ${FROZEN_UNTIL.word} + ${FROZEN_UNTIL.byte}: uint40`);
    const account = snapshot["Settlement"]?.storage ?? {};
    assert.deepEqual(["total", "statementHash", "rewardsRoot"].map((field) => account[`struct ISettlement.Account.${field}`]), ["slot 2 + 16: uint128", "slot 3 + 0: bytes32", "slot 4 + 0: bytes32"]);
    for (const field of ["rewardsRoot", "total", "_paid"]) assert.equal(snapshot["PointsVault"]?.storage[field], snapshot["RewardsVault"]?.storage[field]);
  });

  it("reads a round's state as the contract packs it", () => {
    const source = readFileSync(path.join(import.meta.dirname, "..", "..", "..", "contracts", "libraries", "RoundSlot.sol"), "utf8");
    const at = (name: string) => Number(new RegExp(`${name}_AT = (\\d+);`).exec(source)?.[1]) / 8;
    assert.deepEqual(["ATTEMPT", "DEADLINE", "PARENT_ROUND", "PARENT_ATTEMPT", "CONSENT_EPOCH", "ENTRIES", "ACCEPTED", "HOLDS"].map(at), [1, 2, 7, 11, 12, 27, 29, 31]);
  });
});

describe("attacks on proofs of storage", () => {
  it("refuses a forged node, wherever it lies", async () => {
    const { accountProof, storageProof } = ofRounds();
    for (const [i, node] of accountProof.entries()) await assert.rejects(prove({ storageProof, accountProof: accountProof.with(i, flipped(node)) }), invalid(/root|lead/));
    const nodes = storageProof.find(({ key }) => key === hashSlot)?.proof ?? [];
    for (const [i, node] of nodes.entries()) await assert.rejects(prove(changed(hashSlot, () => nodes.with(i, flipped(node, node.length - 3)))), invalid(/root|lead/), `node ${i}`);
  });

  it("refuses a proof of another slot under this slot's name", async () => {
    const other = ofRounds().storageProof.find(({ key }) => key === stateSlot)?.proof ?? [];
    await assert.rejects(prove(changed(hashSlot, () => other)), invalid(/lead/));
  });

  it("refuses a proof of another account under this account's name", async () => {
    const settlement = proofs().get(getAddress(deployment.contracts.settlement)) as AccountProof;
    await assert.rejects(prove({ ...ofRounds(), accountProof: settlement.accountProof }), invalid(/lead|no account/));
  });

  it("refuses storage of another contract under this contract's account", async () => {
    const settlement = proofs().get(getAddress(deployment.contracts.settlement)) as AccountProof;
    const [proof] = settlement.storageProof;
    await assert.rejects(prove({ ...ofRounds(), storageProof: [{ key: hashSlot, proof: proof?.proof ?? [] }] }), invalid(/another node than its root/));
  });

  it("refuses a proof against another block's state", async () => {
    await assert.rejects(prove(ofRounds(), [hashSlot], keccak256("0x01")), invalid(/another node than its root/));
  });

  it("refuses a proof cut short, and an empty one: neither shows that a slot is zero", async () => {
    await assert.rejects(prove(changed(hashSlot, (nodes) => nodes.slice(0, -1))), invalid(/lead/));
    await assert.rejects(prove(changed(hashSlot, () => [])), invalid(/is empty/));
    await assert.rejects(prove({ ...ofRounds(), accountProof: [] }), invalid(/is empty/));
    await assert.rejects(prove({ ...ofRounds(), storageProof: [] }), invalid(/holds no proof of slot/));
  });

  it("takes no proof that there is no such account for an account", async () => {
    const nobody = getAddress("0x00000000000000000000000000000000000000ff");
    const paths = recorded.proofs;
    for (const address of Object.keys(paths) as Address[]) {
      const { accountProof } = parseAccountProof(paths[address]);
      await assert.rejects(prove({ accountProof, storageProof: [] }, [], header.stateRoot, nobody), invalid(/lead|no account/));
    }
  });

  it("takes nothing for proven of a trie without keys but that there are none", async () => {
    const empty = keccak256("0x80");
    assert.equal(await openTrie(empty, toHex(1n, { size: 32 }), [], "a slot"), null);
    assert.equal(await openTrie(empty, toHex(1n, { size: 32 }), ["0x80"], "a slot"), null);
    await assert.rejects(openTrie(empty, toHex(1n, { size: 32 }), ofRounds().accountProof, "a slot"), invalid(/nothing under its root/));
  });

  it("bounds a huge proof before it is looked at", async () => {
    const node: Hex = `0x${"00".repeat(MOST_NODE_BYTES + 1)}`;
    await assert.rejects(prove(changed(hashSlot, (nodes) => [...nodes, node])), invalid(/more than 600 bytes/));
    await assert.rejects(openTrie(header.stateRoot, rounds, Array.from({ length: MOST_NODES + 1 }, (): Hex => "0x80"), "x"), invalid(/nodes; none needs more/));
    const many = { accountProof: Array.from({ length: 100_000 }, () => "0x80"), storageProof: [] };
    assert.throws(() => parseAccountProof(many), invalid(/malformed/));
    assert.throws(() => parseAccountProof({ accountProof: [], storageProof: Array.from({ length: 100_000 }, () => ({ key: "0x1", proof: [] })) }), invalid(/malformed/));
  });

  it("refuses what is no proof at all", () => {
    for (const value of [null, 7, [], "0x", {}, { accountProof: "0x", storageProof: [] }, { accountProof: ["zz"], storageProof: [] }, { accountProof: [], storageProof: [{ key: "0xg", proof: [] }] }, { accountProof: ["0x123"], storageProof: [] }]) {
      assert.throws(() => parseAccountProof(value), invalid(/malformed/));
    }
  });

  it("believes no value that an answer states beside its proof", async () => {
    const lying = parseAccountProof({ ...recorded.proofs[rounds], codeHash: keccak256("0x"), storageProof: recorded.proofs[rounds]?.storageProof.map((entry) => ({ ...entry, value: "0x1" })) });
    const [honest, told] = [await prove(ofRounds()), await prove(lying)];
    assert.deepEqual(told, honest);
    assert.notEqual(told.slots.get(hashSlot), 1n);
  });

  it("refuses another vault than the treasury's", async () => {
    const all = proofs();
    await assert.rejects(proveLedger(header, deployment, { ...question, vault: rounds }, all), invalid(/no proof of slot|treasury names/));
    await assert.rejects(proveLedger(header, deployment, { ...question, vault: null }, all), invalid(/treasury names/));
    all.delete(getAddress(deployment.contracts.governor));
    await assert.rejects(proveLedger(header, deployment, question, all), invalid(/no proof of account/));
  });
});

describe("headers", () => {
  it("has the hash that everybody knows: the first block of Ethereum", () => {
    const genesis = {
      hash: "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3", parentHash: `0x${"00".repeat(32)}`, sha3Uncles: "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
      miner: `0x${"00".repeat(20)}`, stateRoot: "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
      transactionsRoot: "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421", receiptsRoot: "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
      logsBloom: `0x${"00".repeat(256)}`, difficulty: "0x400000000", number: "0x0", gasLimit: "0x1388", gasUsed: "0x0", timestamp: "0x0",
      extraData: "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa", mixHash: `0x${"00".repeat(32)}`, nonce: "0x0000000000000042",
    };
    assert.equal(readHeader(genesis).number, 0n);
    assert.throws(() => readHeader({ ...genesis, nonce: "0x0000000000000043" }), refused("header-invalid", /has the hash/));
  });

  it("notices each field that is wrong, left out or out of place", () => {
    const fields = Object.keys(header.fields);
    assert.equal(fields.length, 22);
    for (const field of fields) {
      const value = String(recorded.block[field]);
      const last = value.at(-1) === "0" ? "1" : "0";
      const wrong = value === "0x" ? "0x01" : `${value.slice(0, -1)}${last}`;
      assert.throws(() => readHeader({ ...recorded.block, [field]: wrong }), refused("header-invalid", /hash|malformed/), field);
      const { [field]: _, ...without } = recorded.block;
      assert.throws(() => readHeader(without), refused("header-invalid", /hash|malformed|older/), field);
    }
  });

  it("refuses what is no header", () => {
    for (const value of [null, 1, "0x", [], {}, { ...recorded.block, number: "12" }, { ...recorded.block, extraData: `0x${"00".repeat(5000)}` }, { ...recorded.block, gasUsed: `0x${"f".repeat(100)}` }]) {
      assert.throws(() => readHeader(value), refused("header-invalid", /malformed/));
    }
  });

  it("is the same read again from what a file keeps of it", () => {
    assert.deepEqual(readHeader(header.fields), header);
  });
});
