/** Every kind of fault, found from what the chain and the store say and proven to the real kernel: one attempt of a round after another. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { toHex } from "../../../protocol/bytes.ts";
import { encodeAnswer } from "../../../protocol/faults/demand.ts";
import { traceOf } from "../../../protocol/faults/find-norm-fault.ts";
import { bytesOf, columnHash, contributionOf, createDomain, hashTreeRoot, toCompactSignature, type Entry, type ScoredRound } from "../../../protocol/index.ts";
import { evaluateModel } from "../../../protocol/evaluation/evaluate.ts";
import { signStruct } from "../../../scripts/chain/sign.ts";
import { readOpenRound } from "../../../scripts/ledger/open-round.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { evaluationInput } from "../../../scripts/trainer/evaluate.ts";
import { memoryJournal } from "../../../scripts/watch/journal.ts";
import type { Contributed, Log, ReportOf, SealedSet, World } from "./world.ts";

export const describeFaults = (worldOf: () => World): unknown => describe("finds and proves", () => {
  let world: World;
  let sealed: SealedSet;
  const text = (log: Log): string => JSON.stringify(log, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value), 1);

  before(async () => {
    world = worldOf();
    sealed = await world.seal(await world.contribute());
  });

  async function watchOnce(): Promise<Log> {
    const { log, done } = world.watcher();
    await done;
    return log;
  }

  /** Requires that one pass finds the fault in this subject, and proves it. */
  function proves(log: Log, subject: string, name: string): void {
    const line = log.checks.find((check) => check.subject === subject);
    assert.deepEqual([line?.result, line?.reason.split(":")[0]], ["fault", name], text(log));
    assert.deepEqual(log.actions.filter((action) => action.subject === subject).map(({ action }) => action), ["committed", "proven"], text(log));
  }

  async function reportAndOverturn(of: ReportOf, name: string, backTo: "Sealed" | "Open" = "Sealed"): Promise<void> {
    await world.report(sealed, of);
    const { attempt } = await world.state(sealed.round);
    proves(await watchOnce(), `round ${sealed.round}${attempt === 0 ? "" : ` (attempt ${attempt + 1})`}`, name);
    const now = await world.state(sealed.round);
    assert.deepEqual([now.name, now.attempt], [backTo, attempt + 1]);
  }

  it("one lane that is off by one", () => reportAndOverturn({ model: (model) => void (model[209] = (model[209] ?? 0) - 1) }, "aggregate"));

  /** The evaluation of the model that will be reported, with something changed before it is hashed. */
  async function evaluated(change: (predictions: Uint8Array) => Uint8Array, correct?: (count: number) => number): Promise<NonNullable<ReportOf["evaluation"]>> {
    const input = evaluationInput(world.setting.split.holdout.records);
    const { evaluation, predictions } = evaluateModel(await world.aggregateOf(sealed), input);
    const said = change(predictions);
    const hits = said.reduce((sum, prediction, i) => sum + (prediction === input.labels[i] ? 1 : 0), 0);
    const holdout = new Uint8Array(input.holdout.buffer, input.holdout.byteOffset, input.holdout.byteLength);
    return {
      evaluation: { ...evaluation, predictionsHash: columnHash(said), correct: correct?.(hits) ?? hits },
      files: new Map([["holdout.bin", holdout], ["labels.bin", input.labels], ["predictions.bin", said]]),
    };
  }

  it("one prediction that the model does not make", async () => {
    await reportAndOverturn({ evaluation: await evaluated((all) => all.map((prediction, i) => (i === 3 ? (prediction + 1) % 6 : prediction))) }, "prediction");
  });

  it("predictions of another length", async () => reportAndOverturn({ evaluation: await evaluated((all) => all.subarray(1)) }, "prediction"));

  it("a count that is another", async () => reportAndOverturn({ evaluation: await evaluated((all) => all, (count) => count + 1) }, "correct-count"));

  it("leaves an honest report alone, and says what it took to check it", async () => {
    await world.report(sealed, { evaluation: await evaluated((all) => all) });
    const journal = memoryJournal();
    const { log, done } = world.watcher({ journal });
    await done;
    assert.deepEqual(log.checks.map(({ result }) => result), ["verified"]);
    assert.ok(log.checks.every(({ fetched, computed }) => fetched > 0 && computed > 0));
    assert.deepEqual(log.actions, []);
    assert.equal((await world.state(sealed.round)).name, "Reported");
    // The second time it need not fetch anything.
    const again = world.watcher({ journal, storeOf: () => assert.fail("the store was asked") });
    await again.done;
    assert.deepEqual(again.log.checks.map(({ result, reason }) => [result, reason]), [["verified", "as the journal says"]]);
  });

  /** Signs an entry again with other values, as its contributor would, or somebody else. */
  async function resigned(contributed: Contributed, at: number, wrong: Partial<Pick<Entry, "normSq" | "normTraceRoot">>, account = world.setting.hospitals[at]?.keys.signer): Promise<Contributed> {
    const open = await readOpenRound(world.kernel, world.federation);
    const entry = contributed.entries[at];
    assert.ok(open !== null && entry !== undefined && account !== undefined);
    const signed = { ...entry, ...wrong };
    const domain = createDomain(world.kernel.deployment.chainId, world.kernel.rounds.address);
    const signature = toCompactSignature(await signStruct(account, domain, "Contribution", contributionOf(signed, open.context)));
    return { ...contributed, entries: contributed.entries.map((other, i) => (i === at ? { ...signed, signature } : other)) };
  }

  it("an entry that its contributor did not sign", async () => {
    sealed = await world.seal(await resigned(await world.contribute(), 2, {}, devAccount(60)));
    await reportAndOverturn({}, "signature", "Open");
  });

  it("a sealed column that has not one item an entry", async () => {
    sealed = await world.seal(await world.contribute(), { norms: new Uint8Array(8) });
    await reportAndOverturn({}, "signature", "Open");
  });

  it("a norm above the bound", async () => {
    sealed = await world.seal(await world.contribute((update, seat) => void (seat === 1 && update.fill(32_767))));
    await reportAndOverturn({}, "norm-bound", "Open");
  });

  it("a norm that is not its trace's last value", async () => {
    sealed = await world.seal(await resigned(await world.contribute(), 3, { normSq: 5n }));
    await reportAndOverturn({}, "norm-total");
    await world.giveUp(sealed.round);
  });

  it("has a trace shown that is not the update's, and proves the step that is wrong in it", async () => {
    const contributed = await world.contribute();
    const { depth } = world.config;
    const trace = traceOf(bytesOf(contributed.updates.get(contributed.entries[1]?.seat ?? -1) ?? new Int16Array()), depth);
    trace[16] = (trace[16] ?? 0) ^ 1;
    sealed = await world.seal(await resigned(contributed, 1, { normTraceRoot: toHex(hashTreeRoot(trace, depth)) }));
    const { attempt } = await world.report(sealed);
    const asked = await watchOnce();
    assert.deepEqual(asked.checks.map(({ subject, result, reason }) => [subject, result, reason]).at(-1), [`round ${sealed.round}`, "missing", "not available: norm trace of entry 1"]);
    assert.deepEqual(asked.actions.map(({ action }) => action), ["demanded"], text(asked));

    // Whoever has the trace, and does not know what it is good for, answers.
    const { setting, kernel, federation } = world;
    const run = { first: 0, count: 2 ** depth };
    const args = [federation, sealed.round, attempt, depth, run.first, run.count, toHex(encodeAnswer(trace, depth, run))] as const;
    await setting.transactor.send(setting.relayer, { kind: "answer", ...kernel.demands, functionName: "answer", args });
    proves(await watchOnce(), `round ${sealed.round}`, "norm-step");
    await world.giveUp(sealed.round);
  });

  describe("on a settlement", () => {
    let lastRound: number;
    let scored: readonly ScoredRound[];

    before(async () => {
      sealed = await world.seal(await world.contribute());
      await world.report(sealed);
      lastRound = await world.finaliseAll();
      const { entries } = sealed;
      const weights = await Promise.all(entries.map(async ({ seat }) => (await world.kernel.seats.read.laneOf([world.federation, seat])).weight));
      const final = [];
      for (let round = 1; round <= lastRound; round++) if ((await world.state(round)).name === "Final") final.push(round);
      assert.equal(final.length, 2);
      scored = final.map((round) => ({ round, seats: entries.map(({ seat }) => seat), weights }));
    });

    after(async () => {
      await world.jump(2_001);
      const { setting, kernel, federation } = world;
      await setting.transactor.send(setting.relayer, { kind: "finalise", ...kernel.settlement, functionName: "finalise", args: [federation] });
    });

    const moved = (values: readonly bigint[], amount: bigint): bigint[] => values.map((value, seat) => (seat === 0 ? value + amount : seat === 1 ? value - amount : value));

    it("an amount that the scores do not give", async () => {
      await world.settle(lastRound, scored, ({ amounts }) => ({ amounts: moved(amounts, 1n) }));
      proves(await watchOnce(), "settlement 1", "entitlement");
      assert.equal((await world.kernel.settlement.read.accountOf([world.federation])).attempt, 1);
    });

    it("a table that is not the one before with these amounts", async () => {
      await world.settle(lastRound, scored, () => ({ members: new Uint8Array(36) }));
      proves(await watchOnce(), "settlement 1 (attempt 2)", "rewards-table");
    });

    it("sees scores that the rounds do not give, and says that no verifier judges them", async () => {
      const [pool] = await world.kernel.settlement.read.poolThrough([world.federation, lastRound]);
      await world.settle(lastRound, scored, ({ scores }) => {
        const wrong = moved(scores.seats, 1n);
        const sum = wrong.reduce((a, b) => a + b, 0n);
        return { scores: { ...scores, seats: wrong }, amounts: wrong.map((score) => (pool * score) / sum) };
      });
      const { checks, actions } = await watchOnce();
      assert.deepEqual(checks.map(({ result }) => result), ["unprovable"]);
      assert.match(checks[0]?.reason ?? "", /seat 0 scored \d+ in the rounds covered; the settlement says \d+; no verifier judges this: ask for arbitration/);
      assert.deepEqual(actions, []);
    });
  });
});
