// What a search finds in a round, from evidence in memory. That the ledger's verifiers take the proofs is tested in test/scripts/watch/: aggregate-proofs.test.ts,
// and ledger.long.test.ts against the whole kernel.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHex } from "../../../protocol/bytes.ts";
import { findRoundFault } from "../../../protocol/faults/find-round-fault.ts";
import { NO_FILES, type FaultSearch, type MissingFile, type RoundFiles } from "../../../protocol/faults/find-evidence.ts";
import { traceOf } from "../../../protocol/faults/find-norm-fault.ts";
import { bytesOf, columnHash, hashTreeRoot, modelRoot, type Hex } from "../../../protocol/index.ts";
import { anyKey, deepened, keysOf, makeEvidence, type Evidence, type Wrongs } from "./find-evidence.ts";

async function search({ round, files, keys }: Evidence, change: Partial<RoundFiles> = {}): Promise<FaultSearch> {
  return (await findRoundFault(round, { ...files, ...change }, keys)).search;
}

async function foundIn(wrongs: Wrongs): Promise<{ readonly name: string; readonly where: string; readonly reason: string }> {
  const found = await search(await makeEvidence(wrongs));
  assert.equal(found.kind, "fault", JSON.stringify(found));
  return found.kind === "fault" ? found.fault : assert.fail();
}

function missing(found: FaultSearch): readonly MissingFile[] {
  return found.kind === "missing" ? found.items : assert.fail(JSON.stringify(found, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
}

const swap = (wrong: Partial<Parameters<NonNullable<Wrongs["entries"]>>[0][number]>, at: number): NonNullable<Wrongs["entries"]> => (entries) =>
  entries.map((entry, i) => (i === at ? { ...entry, ...wrong } : entry));

describe("the search for faults of a round", () => {
  for (const ruleId of [1, 2, 3, 4]) {
    for (const hasBase of [true, false]) {
      const config = { ruleId, ruleParam: [0n, 0n, 166_000n, 1n, 0n][ruleId]!, hasBase };
      it(`finds nothing in a right round of rule ${ruleId} ${hasBase ? "with" : "without"} a base, and one lane that is off`, async () => {
        assert.deepEqual(await search(await makeEvidence({ config, evaluated: true })), { kind: "none" });
        const fault = await foundIn({ config, model: (model) => void (model[70]! -= 1) });
        assert.deepEqual([fault.name, fault.where], ["aggregate", "lane 70"]);
      });
    }
  }

  it("leaves out what the report excludes, and what was dropped at the seal", async () => {
    assert.deepEqual(await search(await makeEvidence({ excluded: 2n, weights: [10, 20, 0, 40, 50] })), { kind: "none" });
  });

  it("finds a lane that is wrong in the padding", async () => {
    const evidence = await makeEvidence();
    const lanes = new Int32Array(128);
    lanes.set(new Int32Array(evidence.files.model!.slice().buffer));
    lanes[127] = 1;
    const spoilt = { ...evidence, round: { ...evidence.round, report: { ...evidence.round.report!, modelRoot: modelRoot(lanes) } } };
    const found = await search(spoilt, { model: bytesOf(lanes) });
    assert.equal(found.kind === "fault" && found.fault.where, "lane 127");
  });

  describe("in the seal", () => {
    it("finds an entry that another key signed, dropped or not", async () => {
      const signature = (await makeEvidence({ round: 2 })).files.signatures!.subarray(64, 128);
      for (const weight of [20, 0]) {
        const fault = await foundIn({ entries: swap({ signature: toHex(signature), weight }, 1) });
        assert.deepEqual([fault.name, fault.where], ["signature", "entry 1"]);
      }
    });

    it("finds a signature that nobody can have made", async () => {
      assert.equal((await foundIn({ entries: swap({ signature: `0x${"ff".repeat(64)}` }, 3) })).where, "entry 3");
    });

    it("finds a column that has not one item an entry", async () => {
      for (const columns of [{ norms: new Uint8Array(8) }, { normTraces: new Uint8Array(31) }, { signatures: new Uint8Array() }]) {
        assert.equal((await foundIn({ columns })).name, "signature");
      }
    });

    it("finds a seat that does not exist", async () => {
      const evidence = await makeEvidence();
      const registry = new Map([...evidence.round.registry].filter(([seat]) => seat !== 5));
      const found = await search({ ...evidence, round: { ...evidence.round, registry } });
      assert.match(found.kind === "fault" ? found.fault.reason : "", /seat 5 does not exist/);
    });

    it("takes a key for the contributor's as long as it served when the round opened", async () => {
      const evidence = await makeEvidence();
      const [first] = evidence.signers;
      const retired = (retiredAt: number) => {
        const records = new Map(evidence.signers.map((signer, i) => [signer, { contributor: 100 + evidence.round.seats[i]!, used: true, retiredAt: signer === first ? retiredAt : 0 }]));
        return keysOf(records, { parentDeadline: 1_000, rotationDelay: 100 });
      };
      assert.equal((await search({ ...evidence, keys: retired(900) })).kind, "none");
      assert.equal((await search({ ...evidence, keys: retired(899) })).kind, "fault");
    });

    it("does not take a key that was never used, or is another contributor's", async () => {
      const evidence = await makeEvidence();
      for (const wrong of [{ contributor: 7, used: true, retiredAt: 0 }, { contributor: 102, used: false, retiredAt: 0 }]) {
        const records = new Map(evidence.signers.map((signer, i) => [signer, i === 0 ? wrong : { contributor: 100 + evidence.round.seats[i]!, used: true, retiredAt: 0 }]));
        assert.equal((await search({ ...evidence, keys: keysOf(records) })).kind, "fault");
      }
    });

    it("finds a norm above the bound", async () => {
      const { files } = await makeEvidence();
      const norms = Array.from({ length: 5 }, (_, i) => new DataView(files.norms!.buffer).getBigUint64(8 * i));
      const bound = norms.toSorted((a, b) => (a < b ? -1 : 1))[3]!;
      const fault = await foundIn({ config: { normSqBound: bound } });
      assert.deepEqual([fault.name, fault.where], ["norm-bound", `entry ${norms.findIndex((norm) => norm > bound)}`]);
    });

    it("is searched while the round is sealed and not reported", async () => {
      const evidence = await makeEvidence({ entries: swap({ signature: `0x${"11".repeat(64)}` }, 0) });
      const found = await search({ ...evidence, round: { ...evidence.round, report: null } });
      assert.equal(found.kind === "fault" && found.fault.name, "signature");
    });
  });

  describe("in norms", () => {
    /** The contributor signed it: only the norm is wrong. */
    const lenient = async (wrong: { normSq?: bigint; normTraceRoot?: Hex }): Promise<Evidence> => {
      const evidence = await makeEvidence({ entries: swap(wrong, 2) });
      return { ...evidence, keys: anyKey(evidence) };
    };

    it("finds a norm that is not the trace's last value", async () => {
      const found = await search(await lenient({ normSq: 1n }));
      assert.deepEqual(found.kind === "fault" && [found.fault.name, found.fault.where], ["norm-total", "entry 2"]);
    });

    it("reads the trace of a small update from its root, which it is", async () => {
      const evidence = await makeEvidence();
      const shallow = deepened(evidence, 0);
      const normTraces = shallow.files.normTraces!.slice();
      normTraces[64] = normTraces[64]! ^ 1;
      const round = { ...shallow.round, seal: { ...shallow.round.seal, normTracesHash: columnHash(normTraces) } };
      const cut = { ...shallow, round, files: { ...shallow.files, normTraces } };
      const found = await search({ ...cut, keys: anyKey(cut) });
      assert.deepEqual(found.kind === "fault" && [found.fault.name, found.fault.where, found.fault.reason.endsWith("chunk 0")], ["norm-step", "entry 2", true]);
    });

    it("asks for a trace that is not the update's, and finds the wrong step in it once it is shown", async () => {
      const honest = await makeEvidence();
      const deep = deepened(honest, 10);
      const trace = traceOf(deep.files.updates.get(2)!, 10);
      trace[8 * 3] = trace[8 * 3]! ^ 1;
      const normTraceRoot = toHex(hashTreeRoot(trace, 10));
      const normTraces = deep.files.normTraces!.slice();
      normTraces.set(hashTreeRoot(trace, 10), 64);
      const round = { ...deep.round, seal: { ...deep.round.seal, normTracesHash: columnHash(normTraces) } };
      const evidence = { ...deep, round, files: { ...deep.files, normTraces } };
      const keys = (): Evidence => ({ ...evidence, keys: anyKey(evidence) });
      assert.deepEqual(missing(await search(keys())).map(({ demand, commitment, depth, ranges }) => ({ demand, commitment, depth, ranges })), [
        { demand: { kind: "trace", entry: 2 }, commitment: normTraceRoot, depth: 10, ranges: [{ first: 0, count: 1024 }] },
      ]);
      const found = await search(keys(), { traces: new Map([[2, trace]]) });
      assert.deepEqual(found.kind === "fault" && [found.fault.name, found.fault.where, found.fault.reason.endsWith("chunk 3")], ["norm-step", "entry 2", true]);
    });

    it("says nothing of a payload that was posted: that was checked on chain", async () => {
      const evidence = await lenient({ normSq: 1n });
      assert.equal((await search({ ...evidence, round: { ...evidence.round, posted: 4n } })).kind, "none");
    });
  });

  describe("in the evaluation", () => {
    it("finds a prediction that the model does not make", async () => {
      const fault = await foundIn({ evaluated: true, predictions: (all) => all.with(4, (all[4]! + 1) % 7), correct: undefined! });
      assert.ok(fault.name === "prediction" || fault.name === "correct-count");
    });

    it("finds a count that is another", async () => {
      assert.equal((await foundIn({ evaluated: true, correct: 22 })).name, "correct-count");
    });

    it("finds predictions of another length", async () => {
      assert.match((await foundIn({ evaluated: true, predictions: (all) => all.subarray(1) })).reason, /22 predictions for 23/);
    });

    it("says which of its files are missing, and that nobody can be made to show them", async () => {
      const evidence = await makeEvidence({ evaluated: true });
      for (const change of [{ metrics: null }, { evaluation: null }, { predictions: null }, { labels: null }, { holdout: null }] as Partial<RoundFiles>[]) {
        const items = missing(await search(evidence, change));
        assert.deepEqual(items.map(({ demand }) => demand), [null], Object.keys(change)[0]);
      }
    });

    it("does not believe an evaluation that is not the report's, or is none", async () => {
      const evidence = await makeEvidence({ evaluated: true });
      for (const wrong of [{ correct: 1 }, { records: -1 }, { holdoutRoot: "0x12" as const }, { features: 1.5 }]) {
        const evaluation = { ...evidence.files.evaluation!, ...wrong };
        assert.deepEqual(missing(await search(evidence, { evaluation })).map(({ file }) => file), ["manifest.json: evaluation"], JSON.stringify(wrong));
      }
    });

    it("sees an evaluation that nobody could disprove", async () => {
      const beyond = await search(await makeEvidence({ evaluated: true, evaluation: { headLane: 60 } }));
      assert.deepEqual(beyond, { kind: "unprovable", reason: "nobody can disprove this evaluation: its head ends at lane 137; the model has 128", where: "evaluation" });
      const large = await search(await makeEvidence({ evaluated: true, evaluation: { records: 65_001 } }));
      assert.match(large.kind === "unprovable" ? large.reason : "", /records is 65001/);
    });

    it("finds labels that are not one a record", async () => {
      // One more than records, so that the count is the same.
      const labels = Uint8Array.of(...(await makeEvidence({ evaluated: true })).files.labels!, 0);
      const evidence = await makeEvidence({ evaluated: true, evaluation: { labelsHash: columnHash(labels) } });
      const found = await search(evidence, { labels });
      assert.equal(found.kind === "fault" && found.fault.name, "correct-count");
    });

    it("finds a prediction when the labels are not at hand", async () => {
      const evidence = await makeEvidence({ evaluated: true, predictions: (all) => all.with(4, (all[4]! + 1) % 7) });
      const found = await search(evidence, { labels: null });
      assert.deepEqual(found.kind === "fault" && [found.fault.name, found.fault.where], ["prediction", "record 4"]);
    });
  });

  describe("with files missing", () => {
    it("names each with what it commits to and the chunks to ask for", async () => {
      const evidence = await makeEvidence();
      const { seal, report } = evidence.round;
      const items = missing(await search({ ...evidence, files: NO_FILES }));
      assert.deepEqual(
        items.map(({ file, demand, commitment }) => [file, demand, commitment]),
        [
          ["norms.bin", { kind: "norms", entry: 0 }, seal.normsHash],
          ["norm-traces.bin", { kind: "normTraces", entry: 0 }, seal.normTracesHash],
          ["signatures.bin", { kind: "signatures", entry: 0 }, seal.signaturesHash],
          ...evidence.round.seats.map((seat, entry) => [`updates/${seat}.bin`, { kind: "update", entry }, evidence.round.updateRoots[entry]]),
          ["model.bin of the parent round", null, evidence.round.parent.modelRoot],
          ["model.bin", { kind: "model", entry: 0 }, report!.modelRoot],
          ["metrics.json", null, report!.metricsHash],
        ],
      );
      assert.deepEqual(items.map(({ depth, ranges }) => [depth, ranges.map(({ first, count }) => [first, count])]), [
        [0, []], [0, []], [0, []], ...evidence.round.seats.map(() => [3, [[0, 8]]]), [4, []], [4, [[0, 16]]], [0, []],
      ]);
    });

    it("does not miss a model that it has just made", async () => {
      const { round, files, keys } = await makeEvidence();
      const { search: found, model } = await findRoundFault(round, { ...files, model: null }, keys);
      assert.equal(found.kind, "none");
      assert.deepEqual(model, files.model);
    });

    it("asks for the model when the recomputed one has another root", async () => {
      const evidence = await makeEvidence({ model: (model) => void (model[0]! += 1) });
      assert.deepEqual(missing(await search(evidence, { model: null })).map(({ demand }) => demand), [{ kind: "model", entry: 0 }]);
    });

    it("judges no norm by a column that has not one an entry", async () => {
      for (const columns of [{ norms: new Uint8Array(8) }, { norms: new Uint8Array(7) }, { normTraces: new Uint8Array(31) }]) {
        for (const ruleId of [1, 2]) {
          const evidence = await makeEvidence({ columns, config: { ruleId, ruleParam: ruleId === 2 ? 166_000n : 0n, normSqBound: 1n } });
          const found = await search(evidence, { signatures: null });
          const unbound = { ...evidence, round: { ...evidence.round, config: { ...evidence.round.config, normSqBound: 0n } } };
          assert.deepEqual(missing(await search(unbound, { signatures: null })).map(({ file }) => file), ["signatures.bin"]);
          if (columns.norms !== undefined) assert.deepEqual(missing(found).map(({ file }) => file), ["signatures.bin"]);
          else assert.equal(found.kind === "fault" && found.fault.name, "norm-bound");
        }
      }
    });

    it("does not clip by norms that it does not have", async () => {
      const evidence = await makeEvidence({ config: { ruleId: 2, ruleParam: 100_000n } });
      assert.deepEqual(missing(await search(evidence, { norms: null })).map(({ file }) => file), ["norms.bin"]);
      assert.deepEqual(missing(await search(evidence, { norms: null, model: null })).map(({ file }) => file), ["norms.bin", "model.bin"]);
    });

    it("finds a fault all the same where it does not need them", async () => {
      const evidence = await makeEvidence({ model: (model) => void (model[0]! += 1) });
      const found = await search(evidence, { signatures: null });
      assert.equal(found.kind === "fault" && found.fault.name, "aggregate");
    });

    it("believes no file that has another hash or root, however long it is", async () => {
      const evidence = await makeEvidence({ evaluated: true });
      const { files } = evidence;
      const other = new Uint8Array(1_000).fill(7);
      const first = new Map([...files.updates].map(([i, update]) => [i, i === 0 ? other : update]));
      const flipped = files.holdout!.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
      const changes = [{ norms: other }, { normTraces: other }, { signatures: other }, { predictions: other }, { labels: other }, { holdout: other }, { holdout: flipped }, { parentModel: other }, { updates: first }];
      for (const change of changes) {
        assert.equal(missing(await search(evidence, change)).length > 0, true, Object.keys(change)[0]);
      }
      assert.deepEqual(await search(evidence, { model: other }), { kind: "none" });
    });
  });

  it("searches the seal alone where updates are not public, and says so", async () => {
    const config = { privacyMode: 1 };
    assert.deepEqual(await search({ ...(await makeEvidence({ config })), files: NO_FILES }), { kind: "escrowed" });
    assert.equal((await foundIn({ config, entries: swap({ signature: `0x${"11".repeat(64)}` }, 0) })).name, "signature");
  });

  it("goes on for who opened escrowed updates, and demands nothing of what is not public", async () => {
    const evidence = await makeEvidence({ config: { privacyMode: 1 } });
    assert.deepEqual(await search(evidence), { kind: "none" });
    const lost = new Map([...evidence.files.updates].slice(1));
    const found = await search(evidence, { updates: lost });
    assert(found.kind === "missing" && found.items.length > 0 && found.items.every(({ demand }) => demand === null));
  });

  it("reads files that leave out the zeros at their end, or have some more", async () => {
    const evidence = await makeEvidence();
    const { updates, model, parentModel } = evidence.files;
    const longer = (bytes: Uint8Array): Uint8Array => {
      const more = new Uint8Array(bytes.length + 2);
      more.set(bytes);
      return more;
    };
    const padded = new Map([...updates].map(([i, update]) => [i, longer(update)]));
    assert.deepEqual(await search(evidence, { updates: padded, model: longer(longer(model!)), parentModel: longer(longer(parentModel!)) }), { kind: "none" });
  });

});
