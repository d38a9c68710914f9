import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Hex } from "viem";
import { auditLedger } from "../../../protocol/audit/audit.ts";
import { encodeJson, type Json } from "../../../protocol/bundle/canonical-json.ts";
import { decodeManifest, encodeManifest } from "../../../protocol/dossier/manifest.ts";
import { encodeProofs } from "../../../protocol/dossier/proofs.ts";
import { encodeReceipts } from "../../../protocol/dossier/receipts.ts";
import { encodeHeader } from "../../../protocol/proofs/headers.ts";
import { buildReceiptsProof } from "../../../protocol/proofs/receipts.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { writeFacts, type LedgerFacts } from "../../../protocol/ledger/facts.ts";
import { checkDossier } from "../../../scripts/dossier/check.ts";
import { DiskBlocks } from "../../../scripts/store/disk-blocks.ts";
import { writeErasure } from "../../../scripts/store/erasures.ts";
import { eraseBlocks } from "../../../scripts/store/erase.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { header, proofs as recordedProofs } from "../../protocol/proofs/support.ts";
import { expectFlipsNoticed, exporter, filesOf, forge, startBench, type Bench } from "./support.ts";

const refused = (code: string, message: RegExp) => (error: unknown) => error instanceof ChongwenError && (assert.equal(error.code, code), assert.match(error.message, message), true);
const factsBytes = (facts: LedgerFacts): Uint8Array => encodeJson(JSON.parse(writeFacts(facts)) as Json);

describe("dossier", () => {
  let bench: Bench;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench.close());

  const states = async (dir: string) => Object.fromEntries((await checkDossier(dir)).entries.map(({ entry, state }) => [entry, state]));
  const changedFacts = (change: (facts: LedgerFacts) => void): Uint8Array => {
    const facts = structuredClone(bench.ledger.facts);
    change(facts);
    return factsBytes(facts);
  };

  it("says the same as the audit of the ledger that it was made of, when that ledger is gone", async () => {
    const online = await auditLedger({ facts: bench.ledger.facts, store: bench.ledger.store, hashPairs: nativeHashPairs });
    const { audit, findings, signer, name, ok } = await checkDossier(bench.whole);
    assert.deepEqual(findings, []);
    assert.deepEqual([audit?.ok, audit?.checked, audit?.rounds, audit?.settlements, audit?.comparisons], [true, online.checked, online.rounds, online.settlements, online.comparisons]);
    assert.deepEqual([signer, name], [exporter.address, bench.written.name]);
    // Nothing proves that a chain ever said so.
    assert.equal(ok, false);
    assert.deepEqual(await states(bench.whole), { genesis: "unproven", "round 1": "unproven", "round 2": "unproven", "settlement 1": "unproven", vault: "unproven", claims: "unproven", "dataset 1": "unproven", freezes: "unproven" });
  });

  it("is the same, byte for byte, when it is exported again", async () => {
    const { out } = await bench.export();
    const files = await filesOf(bench.whole);
    assert.deepEqual(await filesOf(out), files);
    for (const file of files) assert.deepEqual(await readFile(path.join(out, file)), await readFile(path.join(bench.whole, file)), file);
  });

  it("holds what an audit of a part needs, and no more", async () => {
    const { out: round } = await bench.export({ scope: { rounds: [2], settlement: null } });
    assert.deepEqual(await states(round), { "round 2": "unproven" });
    const { out: settlement } = await bench.export({ scope: { rounds: null, settlement: 1 } });
    assert.deepEqual((await checkDossier(settlement)).findings, []);
    assert.ok((await filesOf(round)).length < (await filesOf(settlement)).length);
    assert.ok((await filesOf(settlement)).length < (await filesOf(bench.whole)).length);
  });

  it("leaves out payloads when told, and says what is then not recomputed", async () => {
    const { out, written } = await bench.export({ withPayloads: false });
    const { findings, audit } = await checkDossier(out);
    assert.deepEqual(findings.map(({ kind }) => kind), findings.map(() => "unverified"));
    assert.equal(findings.length, 6);
    assert.match(findings[0]?.message ?? "", /updates\/0\.bin.*left out of this dossier/);
    assert.equal(audit?.checked, written.report.checked);
    const { "round 1": round, "settlement 1": settlement } = await states(out);
    assert.deepEqual([round, settlement], ["missing", "unproven"]);
    const update = Buffer.from(await (await bench.ledger.store.open(bench.ledger.facts.rounds[0]?.report?.artefact as Hex)).read("updates/2.bin"));
    for (const file of await filesOf(out)) assert.equal((await readFile(path.join(out, file))).includes(update), false, file);
  });

  it("exports neither keys, nor services, nor where the exporter asks", async () => {
    const facts = structuredClone(bench.ledger.facts);
    facts.deployment = { ...facts.deployment, rpcUrl: "https://user:secret@rpc.example/v2/private-key?token=1", services: { relay: "http://10.0.0.7:8089" } };
    const { out } = await bench.export({ facts });
    const text = await readFile(path.join(out, "facts.json"), "utf8");
    assert.doesNotMatch(text, /secret|private-key|token=|10\.0\.0\.7/);
    assert.match(text, /https:\/\/rpc\.example/);
  });

  it("tells erased from missing", async () => {
    const store = await bench.copy(bench.ledger.dir);
    const erasedDir = path.join(bench.whole, "..", "statements");
    const artefact = bench.ledger.facts.rounds[1]?.report?.artefact as Hex;
    await eraseBlocks({ dir: store, digest: artefact, file: "updates/1.bin", evenIfShared: true, dryRun: false });
    const source = new DiskBlocks(store);
    const { out: missing } = await bench.export({ source });
    assert.equal((await states(missing))["round 2"], "missing");
    await writeErasure(erasedDir, { format: "chongwen-erasure", version: 1, artefact, path: "updates/1.bin", erasedAt: 1, basis: "consent withdrawn", statedBy: "Hospital B" });
    await writeFile(path.join(erasedDir, `0x${"ab".repeat(32)}.json`), "a statement about something else");
    const { out: erased } = await bench.export({ source, erasedDir });
    assert.equal((await states(erased))["round 2"], "erased");
    assert.deepEqual((await filesOf(erased)).filter((file) => file.startsWith("erased/")), [`erased/${artefact}.updates-1.bin.json`]);
  });

  it("does not write over what is there", async () => {
    const { whole } = bench;
    await assert.rejects(bench.export({ out: whole }), refused("dossier-exists", /already/));
  });

  it("notices a changed bit, and blames the file that holds it", async () => {
    const all = await filesOf(bench.whole);
    const blocks = all.filter((file) => file.startsWith("store/"));
    await expectFlipsNoticed(bench, [...all.filter((file) => !file.startsWith("store/")), ...blocks.slice(0, 3)]);
  });

  it("names a file that is gone, and one that is cut short", async () => {
    for (const file of (await filesOf(bench.whole)).filter((name) => name !== "dossier.json" && name !== "facts.json").slice(0, 6)) {
      const copy = await bench.copy();
      await truncate(path.join(copy, file), 1);
      assert.equal((await checkDossier(copy)).findings[0]?.subject, file);
      await rm(path.join(copy, file));
      const { findings } = await checkDossier(copy);
      assert.deepEqual([findings[0]?.kind, findings[0]?.subject, findings[0]?.message], ["unverified", file, "is missing"]);
    }
  });

  describe("hostile dossiers", () => {
    it("follows no path out of the folder", async () => {
      for (const evil of ["../evil.json", "/etc/passwd", "store/../../x.data", "erased/..%2f.json", "erased/0x/../../x.json", "C:\\x", "store/AA/B\u0000.data", "__proto__"]) {
        const copy = await bench.copy();
        const manifest = decodeManifest(await readFile(path.join(copy, "dossier.json")));
        const bytes = encodeJson({ ...(JSON.parse(new TextDecoder().decode(encodeManifest(manifest))) as object), files: [{ path: evil, bytes: 1, sha256: `0x${"00".repeat(32)}` }] } as Json);
        await writeFile(path.join(copy, "dossier.json"), bytes);
        await rm(path.join(copy, "cover.json"));
        await assert.rejects(checkDossier(copy), refused("dossier-invalid", /no such file/), evil);
      }
    });

    it("opens no link, no device and no folder in place of a file", async () => {
      const block = (await filesOf(bench.whole)).find((file) => file.startsWith("store/")) ?? "";
      for (const file of ["facts.json", "dossier.json", "cover.json", block]) {
        const copy = await bench.copy();
        await rm(path.join(copy, file));
        await symlink(path.join(bench.whole, file), path.join(copy, file));
        await assert.rejects(checkDossier(copy), refused("dossier-invalid", /link or a device/), file);
        await rm(path.join(copy, file));
        await mkdir(path.join(copy, file));
        await assert.rejects(checkDossier(copy), refused("dossier-invalid", /folder/), file);
      }
      const linked = await bench.copy();
      await rm(path.join(linked, "store"), { recursive: true });
      await symlink(path.join(bench.whole, "store"), path.join(linked, "store"));
      await assert.rejects(checkDossier(linked), refused("dossier-invalid", /link or a device/));
      const top = path.join(linked, "..", "link");
      await symlink(bench.whole, top);
      await assert.rejects(checkDossier(top), refused("dossier-invalid", /no folder/));
      const waiting = await bench.copy();
      await rm(path.join(waiting, "facts.json"));
      execFileSync("mkfifo", [path.join(waiting, "facts.json")]);
      await assert.rejects(checkDossier(waiting), refused("dossier-invalid", /link or a device/));
    });

    it("reads no headers and receipts that are none, and believes none without a proven block", async () => {
      const { root: _, proof } = await buildReceiptsProof(["0xc0"], [], true);
      const honest = encodeReceipts([{ block: header.number, ...proof }]);
      const headers = encodeHeader(header.fields);
      const bad: readonly (readonly [Uint8Array, Uint8Array, string])[] = [
        [headers.subarray(1), honest, "header-invalid"],
        [headers, new TextEncoder().encode("{}"), "dossier-invalid"],
        [headers, honest.subarray(1), "json-invalid"],
        [headers, encodeReceipts([{ block: 1n, ...proof, receipts: [-1] }]), "dossier-invalid"],
      ];
      for (const [headersFile, receiptsFile, code] of bad) {
        const copy = await bench.copy();
        await forge(copy, { "headers.rlp": headersFile, "receipts.json": receiptsFile });
        await assert.rejects(checkDossier(copy), refused(code, /./));
      }
      const copy = await bench.copy();
      await forge(copy, { "headers.rlp": headers, "receipts.json": honest });
      assert.equal((await checkDossier(copy)).events, null);
      await forge(copy, { "proofs.json": encodeProofs({ header, accounts: recordedProofs() }) });
      const { events, findings, ok } = await checkDossier(copy, { checkpoints: [header.hash] });
      assert.deepEqual([events, ok], [null, false]);
      assert.ok(findings.some(({ subject, message }) => subject === "receipts.json" && /another node than the header's root/.test(message)));
    });

    it("holds nothing that its manifest does not list", async () => {
      for (const extra of ["readme.txt", "store/x", "key.json"]) {
        const copy = await bench.copy();
        await writeFile(path.join(copy, extra), "x");
        await assert.rejects(checkDossier(copy), refused("dossier-invalid", /does not list/), extra);
      }
      const copy = await bench.copy();
      await mkdir(path.join(copy, "store", "deep"));
      await assert.rejects(checkDossier(copy), refused("dossier-invalid", /no dossier has/));
    });

    it("reads no giant file into memory", async () => {
      const block = (await filesOf(bench.whole)).find((file) => file.startsWith("store/")) ?? "";
      for (const file of ["facts.json", "dossier.json", "cover.json", block]) {
        const copy = await bench.copy();
        await truncate(path.join(copy, file), 8 * 2 ** 30);
        const before = process.memoryUsage().rss;
        await assert.rejects(checkDossier(copy), refused("dossier-invalid", /bytes, more than/), file);
        assert.ok(process.memoryUsage().rss - before < 64 * 2 ** 20);
      }
    });

    it("refuses duplicate keys, and JSON that is not canonical", async () => {
      const text = await readFile(path.join(bench.whole, "facts.json"), "utf8");
      for (const bad of [`{"federation":2,${text.slice(1)}`, ` ${text}`, text.slice(0, -1), "[".repeat(100_000), "null", `{"a":${"9".repeat(400)}}`]) {
        const copy = await bench.copy();
        await forge(copy, { "facts.json": new TextEncoder().encode(bad) });
        await assert.rejects(checkDossier(copy), (error: unknown) => error instanceof ChongwenError && ["json-invalid", "dossier-invalid"].includes(error.code), bad.slice(0, 30));
      }
    });

    it("says whose signature is missing when everything was made to fit again", async () => {
      const copy = await bench.copy();
      await forge(copy, { "facts.json": changedFacts((facts) => void (facts.datasets[0] && (facts.datasets[0].status = 3))) });
      const { findings, signer } = await checkDossier(copy);
      assert.equal(signer, null);
      assert.deepEqual(findings.map(({ kind, subject }) => [kind, subject]), [["mismatch", "cover.json"]]);
    });

    it("notices facts that contradict each other", async () => {
      const lies: readonly (readonly [(facts: LedgerFacts) => void, RegExp])[] = [
        [(facts) => void facts.rounds.reverse(), /rounds in order/],
        [(facts) => void facts.rounds.push(structuredClone(facts.rounds[0] as LedgerFacts["rounds"][number])), /rounds in order/],
        [(facts) => void (facts.rounds[0] && (facts.rounds[0].parentRound = 2)), /parents before children/],
        [(facts) => void facts.settlements.push(structuredClone(facts.settlements[0] as LedgerFacts["settlements"][number])), /settlements in order/],
        [(facts) => void (facts.federation = 9), /federation is 9/],
        [(facts) => void (facts.deployment.chainId = 1), /chain is 1/],
        [(facts) => void (facts.asOf.block = 1n), /block is 1/],
      ];
      for (const [lie, message] of lies) {
        const copy = await bench.copy();
        await forge(copy, { "facts.json": changedFacts(lie) });
        const { findings } = await checkDossier(copy);
        assert.ok(findings.some((finding) => finding.kind === "mismatch" && message.test(finding.message)), `${message}: ${JSON.stringify(findings)}`);
      }
    });

    it("is not taken for another ledger's, whatever its manifest says", async () => {
      for (const change of [{ chainId: 1 }, { federation: 2 }, { ledger: exporter.address }, { block: 7n }]) {
        const copy = await bench.copy();
        await forge(copy, {}, (manifest) => ({ ...manifest, ...change }));
        const { findings, ok } = await checkDossier(copy);
        assert.equal(ok, false);
        assert.ok(findings.some(({ entry, kind }) => entry === "ledger" && kind === "mismatch"), Object.keys(change)[0]);
      }
    });

    it("is not proven by a proof of another chain", async () => {
      const copy = await bench.copy();
      await forge(copy, { "proofs.json": encodeProofs({ header, accounts: recordedProofs() }) });
      const { blockHash, findings, ok } = await checkDossier(copy);
      assert.deepEqual([blockHash, ok], [null, false]);
      assert.ok(findings.some(({ subject, kind }) => subject === "proofs.json" && kind === "mismatch"));
    });

    it("is refused with a proof that is none", async () => {
      for (const proofs of [{ format: "chongwen-proofs", version: 1, block: {}, accounts: [] }, { format: "chongwen-proofs", version: 1, block: header.fields, accounts: [{ address: exporter.address.toLowerCase(), accountProof: 7, storageProof: [] }] }, {}]) {
        const copy = await bench.copy();
        await forge(copy, { "proofs.json": encodeJson(proofs as Json) });
        await assert.rejects(checkDossier(copy), (error: unknown) => error instanceof ChongwenError && ["header-invalid", "proof-invalid", "dossier-invalid"].includes(error.code));
      }
    });
  });

  it("hashes what it lists: the name of a block is its content", async () => {
    const { files } = decodeManifest(await readFile(path.join(bench.whole, "dossier.json")));
    for (const { path: file, sha256, bytes } of files) {
      const content = await readFile(path.join(bench.whole, file));
      assert.deepEqual([content.length, `0x${createHash("sha256").update(content).digest("hex")}`], [bytes, sha256]);
    }
  });
});
