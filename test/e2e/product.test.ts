// The product as its user starts it: one process that runs everything and then serves, and the command line against it.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { auditLedger } from "../../protocol/audit/audit.ts";
import type { Summary } from "../../scripts/federation/summary.ts";
import { openWorkspace } from "../../scripts/federation/workspace.ts";
import type { BlockSource } from "../../scripts/store/blocks.ts";
import { DiskBlocks } from "../../scripts/store/disk-blocks.ts";
import { createStore } from "../../scripts/store/store.ts";
import { nativeHashPairs } from "../../scripts/store/hash-pairs.ts";
import { describePage } from "./page.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const cli = path.join(root, "scripts", "cli.ts");

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[]): { child: ChildProcess; finished: Promise<Finished>; out: () => string; err: () => string } {
  const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const finished = new Promise<Finished>((resolve) => child.on("close", (code) => resolve({ code, out, err })));
  return { child, finished, out: () => out, err: () => err };
}

const run = (args: readonly string[]): Promise<Finished> => start(args).finished;

async function until<Value>(look: () => Value | null, what: string, ended: () => Finished | null): Promise<Value> {
  for (const deadline = Date.now() + 240_000; Date.now() < deadline; ) {
    const value = look();
    if (value !== null) return value;
    const end = ended();
    if (end !== null) throw new Error(`The product ended with code ${end.code} before ${what}:\n${end.err}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Timed out waiting for ${what}.`);
}

describe("the product", { timeout: 600_000 }, () => {
  let dir: string;
  let product: ReturnType<typeof start>;
  let summary: Summary;
  let page: string;
  const ledger = (): string[] => ["--dir", dir];

  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-e2e-"));
    product = start(["up", "--json", "--dir", dir, "--rpc-port", "0", "--port", "0", "--voting-period", "12"]);
    let end: Finished | null = null;
    void product.finished.then((finished) => (end = finished));
    page = await until(() => /open\s+(http:\/\/127\.0\.0\.1:\d+)/.exec(product.err())?.[1] ?? null, "it served its page", () => end);
    summary = JSON.parse(product.out()) as Summary;
  });

  after(async () => {
    product.child.kill("SIGINT");
    await product.finished;
    await rm(dir, { recursive: true, force: true });
  });

  it("trains, reports and makes every round final", () => {
    assert.ok(summary.rounds.length >= 3);
    for (const { status, contributors, modelRoot } of summary.rounds) {
      assert.equal(status, "Final");
      assert.ok(contributors >= 5);
      assert.match(modelRoot, /^0x[0-9a-f]{64}$/);
    }
  });

  it("lets the hospital that was voted in take part", () => {
    assert.equal(summary.governance.state, "Executed");
    assert.ok((summary.rounds.at(-1)?.contributors ?? 0) > (summary.rounds[0]?.contributors ?? 0));
  });

  it("trains a model that beats the best hospital alone and the majority class", () => {
    const { global, bestSite, majority } = summary.accuracy;
    assert.ok(global > bestSite && bestSite > majority, JSON.stringify(summary.accuracy));
  });

  it("pays exactly what the artefacts give", () => {
    assert.ok(summary.claims.length >= 4);
    for (const { amount, expected } of summary.claims) {
      assert.equal(amount, expected);
      assert.ok(BigInt(amount) > 0n);
    }
  });

  it("audits itself, and the command line audits it against the live chain", async () => {
    assert.equal(summary.audit.ok, true);
    const { code, out, err } = await run(["audit", "--json", ...ledger()]);
    assert.equal(code, 0, err);
    const { data } = JSON.parse(out) as { data: { ok: boolean; source: string; checked: number } };
    assert.deepEqual([data.ok, data.source, data.checked > 500], [true, "chain", true]);
  });

  it("exports a dossier that is checked without the ledger: the same numbers, proven against one block", async () => {
    const out = path.join(dir, "dossier");
    const exported = await run(["audit", "export", "--out", out, "--account", "dev:6", "--json", ...ledger()]);
    assert.equal(exported.code, 0, exported.err);
    const { data: written } = JSON.parse(exported.out) as { data: { dossier: string; proven: boolean; checked: number; signer: string } };
    const { code, out: text, err } = await run(["audit", "--dossier", out, "--dir", path.join(dir, "elsewhere"), "--json"]);
    assert.equal(code, 0, err);
    const { data } = JSON.parse(text) as { data: { dossier: string; checked: number; signer: string; blockHash: string; events: { complete: boolean; unlinked: unknown[] }; entries: { entry: string; state: string }[] } };
    assert.deepEqual([data.dossier, data.checked, data.signer], [written.dossier, written.checked, written.signer]);
    assert.equal(written.proven && /^0x[0-9a-f]{64}$/.test(data.blockHash), true);
    const beyond = data.entries.filter(({ state }) => state !== "verified");
    assert.deepEqual(beyond, []);
    assert.deepEqual([data.events.complete, data.events.unlinked, data.entries.some(({ entry }) => entry === "claims")], [true, [], true]);
    // Without payloads an earlier settlement is not recomputed, whatever proves it.
    const part = path.join(dir, "dossier-1");
    assert.equal((await run(["audit", "export", "--out", part, "--settlement", "1", "--without-payloads", ...ledger()])).code, 5);
    const partial = await run(["audit", "--dossier", part]);
    assert.deepEqual([partial.code, /missing +round 1\b/.test(partial.out), /^verified +settlement/m.test(partial.out)], [5, true, false], partial.out);
  });

  it("shows rounds as text and as JSON", async () => {
    const text = await run(["round", "show", "2", ...ledger()]);
    assert.equal(text.code, 0, text.err);
    assert.match(text.out, /Final/);
    const json = await run(["round", "show", "--json", ...ledger()]);
    const { data } = JSON.parse(json.out) as { data: { rounds: { round: number; state: string }[] } };
    assert.equal(data.rounds.length, summary.rounds.length);
  });

  it("claims a reward once: dry run, wrong payee, payment, nothing left", async () => {
    // Of the hospital that was voted in: behind five founders and the support seats of four operators.
    const seat = ["claim", "--seat", "9", ...ledger()];
    const dry = await run([...seat, "--dry-run"]);
    assert.equal(dry.code, 0, dry.err);
    assert.match(dry.out, /Nothing was sent/);
    const unsigned = await run(seat);
    assert.equal(unsigned.code, 4, unsigned.err);
    const stranger = await run([...seat, "--account", "dev:20"]);
    assert.equal(stranger.code, 1);
    assert.match(stranger.err, /is paid to/);
    const paid = await run([...seat, "--account", "dev:25", "--json"]);
    assert.equal(paid.code, 0, paid.err);
    const { data } = JSON.parse(paid.out) as { data: { claimed: string; earned: string } };
    assert.equal(data.claimed, data.earned);
    const again = await run([...seat, "--account", "dev:25"]);
    assert.equal(again.code, 0);
    assert.match(again.out, /nothing was sent/);
  });

  it("lets a member put a dataset to the vote and retire it", async () => {
    const proposed = await run(["dataset", "propose", "--dataset", "2", "--action", "retire", "--account", "dev:6", "--json", ...ledger()]);
    assert.equal(proposed.code, 0, proposed.err);
    const { data } = JSON.parse(proposed.out) as { data: { proposal: string } };
    const vote = (member: string) => run(["dataset", "vote", data.proposal, "--support", "for", "--account", member, ...ledger()]);
    for (const voted of await Promise.all([vote("dev:6"), vote("dev:7")])) assert.equal(voted.code, 0, voted.err);
    const early = await run(["dataset", "enact", data.proposal, "--account", "dev:8", ...ledger()]);
    assert.equal(early.code, 1, early.out);
    assert.match(early.err, /is Active/);
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    const enacted = await run(["dataset", "enact", data.proposal, "--account", "dev:8", ...ledger()]);
    assert.equal(enacted.code, 0, enacted.err);
    assert.match(enacted.out, /Executed/);
    const list = await run(["dataset", "list", ...ledger()]);
    assert.match(list.out, /\b2\s+Retired/);
  });

  it("names what is wrong with a call: usage is 2, an unknown federation is 1", async () => {
    assert.equal((await run(["claim"])).code, 2);
    assert.equal((await run(["no-such-command"])).code, 2);
    const unknown = await run(["audit", "--federation", "9", ...ledger()]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /no federation 9/);
  });

  it("refuses to empty the workspace of a ledger that is running", async () => {
    const second = await run(["up", "--once", "--dir", dir]);
    assert.equal(second.code, 1);
    assert.match(second.err, /runs a ledger in/);
  });

  it("serves the page, where the ledger is, and artefacts by their digest", async () => {
    assert.match(await (await fetch(page)).text(), /<title>/);
    const deployment = (await (await fetch(`${page}/deployment.json`)).json()) as { contracts: Record<string, string> };
    assert.match(deployment.contracts["rounds"] ?? "", /^0x/);
    const facts = await openWorkspace(dir).loadFacts();
    const artefact = facts?.rounds[0]?.report?.artefact ?? "";
    const manifest = (await (await fetch(`${page}/artefacts/${artefact}/manifest.json`)).json()) as { round: number };
    assert.equal(manifest.round, 1);
    for (const bad of [`0x${"00".repeat(32)}/manifest.json`, `${artefact}/no-such-file`, `${artefact}/../deployment.json`, "0x12/x"]) {
      const { status } = await fetch(`${page}/artefacts/${bad}`);
      assert.ok(status === 404 || status === 422, `${bad}: ${status}`);
    }
  });

  describePage(() => page);

  it("exits 3 and names the file when one byte of an artefact is flipped, 5 when it is gone", async () => {
    const copy = path.join(dir, "copy");
    await cp(openWorkspace(dir).storeDir, copy, { recursive: true });
    const target = await findBlock(copy, (bytes) => bytes.toString("latin1").includes('"format":"chongwen-settlement"'));
    const original = await readFile(target);
    await writeFile(target, flipped(original, 20));
    const wrong = await run(["audit", "--store", copy, ...ledger()]);
    assert.equal(wrong.code, 3, wrong.err);
    assert.match(wrong.err, /settlement \d .*manifest\.json does not match its hash/);
    await rm(target);
    const gone = await run(["audit", "--store", copy, ...ledger()]);
    assert.equal(gone.code, 5, gone.err);
  });

  it("re-hashes every single block of the store, and notices a flipped byte in a dozen of them", async () => {
    const facts = await openWorkspace(dir).loadFacts();
    assert.ok(facts !== null);
    const copy = path.join(dir, "flip");
    await cp(openWorkspace(dir).storeDir, copy, { recursive: true });
    const blocks = new DiskBlocks(copy);
    const read = new Set<string>();
    const source: BlockSource = {
      name: blocks.name,
      getBlock: (cid, most) => {
        read.add(blocks.locate(cid));
        return blocks.getBlock(cid, most);
      },
      hasBlock: (cid) => blocks.hasBlock(cid),
      locate: (cid) => blocks.locate(cid),
    };
    const store = createStore({ source, put: () => Promise.reject(new Error("An audit writes nothing.")) });
    assert.equal((await auditLedger({ facts, store, hashPairs: nativeHashPairs })).ok, true);
    const files = await blocksOf(copy);
    assert.deepEqual(files.filter((file) => !read.has(file)), [], "blocks that no audit looks at");

    for (const file of files.filter((_, i) => i % Math.ceil(files.length / 12) === 0)) {
      const original = await readFile(file);
      await writeFile(file, flipped(original, 7919 % original.length));
      const { findings } = await auditLedger({ facts, store, hashPairs: nativeHashPairs });
      assert.ok(findings.some(({ kind }) => kind === "mismatch"), `a flipped byte in ${path.basename(file)} went unnoticed`);
      await writeFile(file, original);
    }
  });
});

async function blocksOf(store: string): Promise<string[]> {
  const names = await readdir(store, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

async function findBlock(store: string, matches: (bytes: Buffer) => boolean): Promise<string> {
  for (const file of await blocksOf(store)) if (matches(await readFile(file))) return file;
  throw new Error("No block of the store matches.");
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
