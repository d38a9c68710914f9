// What the oracle's thread says of a bundle is what this thread would say, to the last lane and word; and it may end without harm.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { aggregate, buildRoundBundle, mapReader, RULES, verifyRoundBundle } from "../../../protocol/index.ts";
import { evaluateModel } from "../../../protocol/evaluation/evaluate.ts";
import { protocolError } from "../../../protocol/errors.ts";
import { createRecomputer, type Recomputer } from "../../../scripts/oracle/recompute/recomputer.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { LazyMap } from "../../../scripts/store/lazy-map.ts";
import { makeEscrow } from "../../protocol/support/escrow.ts";
import { makeEscrowedRound } from "../../protocol/support/escrowed-round.ts";
import { randomInt16, randomInt32 } from "../../protocol/support/random.ts";
import { EVALUATED, makeRound } from "../../protocol/support/round.ts";

describe("the oracle's thread", () => {
  let dir: string;
  let thread: Recomputer;
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-thread-"));
    thread = createRecomputer(dir);
  });
  after(async () => {
    await thread.close();
    await rm(dir, { recursive: true, force: true });
  });

  it("verifies a bundle as this thread does, whatever is wrong with it", async () => {
    const { bundle, expected } = await makeRound({ evaluated: true });
    const bent = Uint8Array.from(bundle.files.get("model.bin") ?? []);
    bent[0] = (bent[0] ?? 0) ^ 1;
    for (const files of [bundle.files, new Map(bundle.files).set("model.bin", bent), new Map([...bundle.files].filter(([file]) => file !== "updates/3.bin"))]) {
      const here = await verifyRoundBundle(mapReader(files), expected, nativeHashPairs);
      assert.deepEqual(await thread.verify(mapReader(files), expected, null), here);
      assert.equal(here.ok, files === bundle.files);
    }
  });

  it("asks this side to open envelopes, and says which it did not read", async () => {
    const escrow = await makeEscrow();
    const { bundle, expected } = await makeEscrowedRound(escrow);
    const open = await thread.verify(mapReader(bundle.files), expected, escrow.readerOf(escrow.keys.first));
    assert.deepEqual([open.ok, open.unread], [true, []]);
    const erased = { open: async () => { throw protocolError("envelope-key-missing", "It was erased."); } };
    for (const reader of [null, erased]) {
      const shut = await thread.verify(mapReader(bundle.files), expected, reader);
      assert.deepEqual([shut.ok, shut.unread.length], [false, 5]);
      if (reader !== null) assert.deepEqual([shut.unread[0]?.error?.code, shut.unread[0]?.error?.message], ["envelope-key-missing", "It was erased."]);
    }
  });

  it("aggregates by every rule with one update in memory at a time, and leaves no file behind", async () => {
    // More lanes than are read back at once.
    const lanes = 70_001;
    const updates = Array.from({ length: 6 }, (_, i) => randomInt16(lanes, i));
    const weights = [3, 1, 0, 7, 2, 9];
    const base = randomInt32(lanes, 9);
    for (const [ruleId, ruleParam] of [[RULES.fedavg, 0n], [RULES.normClip, 900_000n], [RULES.trimmedMean, 1n], [RULES.median, 0n]] as const) {
      for (const from of [base, null]) {
        const rows = new LazyMap(updates.keys(), (i) => [updates[i] ?? new Int16Array(), weights[i] ?? 0] as const);
        assert.deepEqual(await thread.aggregate({ ruleId, ruleParam }, lanes, from, rows.values()), aggregate(ruleId, ruleParam, from ?? new Int32Array(lanes), updates, weights));
      }
    }
    assert.deepEqual(await readdir(dir), []);
    const refused = (count: number, weight: number, length = lanes) => thread.aggregate({ ruleId: RULES.trimmedMean, ruleParam: 1n }, lanes, base, updates.slice(0, count).map((update) => [update.subarray(0, length), weight] as const));
    await assert.rejects(refused(2, 1), { code: "too-few-updates" });
    await assert.rejects(refused(3, 0), { code: "weights-invalid" });
    await assert.rejects(refused(3, 70_000), { code: "weights-invalid" });
    await assert.rejects(refused(3, 1, 5), { code: "length-mismatch" });
    assert.deepEqual(await readdir(dir), []);
  });

  it("builds the same bundle, its updates aside, and evaluates the same", async () => {
    const { input } = await makeRound({ evaluated: true });
    const whole = buildRoundBundle(input);
    const { updates: _, hashPairs: __, ...rest } = input;
    const built = await thread.build(rest);
    assert.deepEqual({ ...built, files: null }, { ...whole, files: null });
    assert.deepEqual(new Map(built.files), new Map([...whole.files].filter(([file]) => !file.startsWith("updates/"))));
    assert.deepEqual(await thread.evaluate(input.model, EVALUATED), evaluateModel(input.model, EVALUATED));
  });

  it("tells errors as they are: a verdict stays one, and so does what may pass", async () => {
    const { bundle, expected } = await makeRound();
    await assert.rejects(thread.verify(mapReader(new Map(bundle.files).set("manifest.json", new TextEncoder().encode("{"))), expected, null), { code: "json-invalid", retryable: false });
    const broken = { ...mapReader(bundle.files), read: async () => { throw new Error("The disk is gone."); } };
    await assert.rejects(thread.verify(broken, expected, null), { code: "bundle-unreadable", retryable: true, message: /The disk is gone/ });
    assert.equal((await thread.verify(mapReader(bundle.files), expected, null)).ok, true);
  });

  it("fails with what can be tried again when it ends, and does nothing after that", async () => {
    const { bundle, expected } = await makeRound();
    const ending = createRecomputer(dir);
    const never = ending.verify({ ...mapReader(bundle.files), list: () => new Promise(() => undefined) }, expected, null);
    const behind = ending.verify(mapReader(bundle.files), expected, null);
    setTimeout(() => void ending.close(), 500);
    await assert.rejects(never, { code: "recomputation-ended", retryable: true });
    await assert.rejects(behind, { code: "recomputation-ended", retryable: true });
  });
});
