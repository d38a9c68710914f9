import { setTimeout as sleep } from "node:timers/promises";
import type { Address, Hex } from "viem";
import { memberAt, memberCount } from "../../protocol/index.ts";
import type { VerifiedRound } from "../../protocol/scoring/score-window.ts";
import { auditLedger } from "../../protocol/audit/audit.ts";
import { claimAll, type PaidClaim } from "../federation/claim-all.ts";
import type { Setting } from "../federation/setting.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { finaliseRound } from "../operator/finalise.ts";
import { reportRound, type SealedRound } from "../operator/report-round.ts";
import { finaliseSettlement, proposeSettlement } from "../operator/settle.ts";
import type { Progress } from "../output/progress.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import type { ActionLine, CheckLine } from "../watch/observer.ts";
import { createLogbook, type Logbook } from "./logbook.ts";
import { reportDishonestly, settleDishonestly } from "./dishonest.ts";
import { reportParameters, sealNext } from "./seal-next.ts";
import type { Demo } from "./setup.ts";

/** One thing that the demonstration promises. */
export interface Kept {
  readonly what: string;
  readonly kept: boolean;
}

/** What was done wrong, what the watcher did about it, and what that came to. Amounts in 10^-18 SHU. */
export interface Scene {
  readonly scene: string;
  readonly wrong: { readonly what: string; readonly transaction: Hex };
  readonly found: Pick<CheckLine, "subject" | "result" | "reason" | "where" | "fetched" | "computed"> | null;
  readonly transactions: readonly (ActionLine & { readonly seconds: number })[];
  readonly slashed: readonly { readonly operator: Address; readonly amount: bigint }[];
  readonly award: bigint;
  readonly redone: string;
}

export interface Outcome {
  readonly scenes: readonly Scene[];
  readonly claims: readonly (PaidClaim & { readonly expected: bigint })[];
  readonly promises: readonly Kept[];
}

interface Stage {
  readonly demo: Demo;
  readonly logbook: Logbook;
  readonly progress: Progress;
  readonly promises: Kept[];
}

/** Plays all three scenes, then pays everybody. */
export async function playScenes(demo: Demo, progress: Progress): Promise<Outcome> {
  const stage: Stage = { demo, logbook: createLogbook(progress), progress, promises: [] };
  const { setting, clock } = demo;
  await demo.startWatching(stage.logbook.observer);

  progress.heading("A round as it should be");
  const first = await sealNext(setting, setting.model);
  const { model } = await reportRound(setting, first, reportParameters(setting));
  await until(() => stage.logbook.checkOf("round 1") ?? null, "the watcher to verify round 1");
  promise(stage, "an honest round is verified and left alone", stage.logbook.checkOf("round 1")?.result === "verified");

  const a = await wrongAggregate(stage, model);
  const c = await withheldData(stage, a.model);

  progress.heading("Rounds become final");
  const sealed = [first, a.sealed, c.sealed];
  for (const { round } of sealed) {
    const { deadline } = await setting.kernel.rounds.read.roundOf([setting.federation, round]);
    await clock.jumpTo(deadline, `challenge window of round ${round}`);
    await finaliseRound(setting, setting.federation, round);
    promise(stage, `round ${round} is final`, (await stateOf(setting, round)) === "Final");
  }
  const b = await wrongReward(stage, sealed.map(scoredOf));
  const claims = await payEverybody(stage, b.members);
  return { scenes: [a.scene, b.scene, c.scene], claims, promises: stage.promises };
}

/** Scene (a). */
async function wrongAggregate(stage: Stage, base: Int32Array): Promise<{ scene: Scene; model: Int32Array; sealed: SealedRound }> {
  const { demo, progress, logbook } = stage;
  const { setting } = demo;
  progress.heading("(a) Operators sign a wrong aggregate: one lane off by one");
  const sealed = await sealNext(setting, base);
  const before = await stakes(setting);
  const transaction = await reportDishonestly(setting, sealed, reportParameters(setting), { publish: true, spoil: (model) => void (model[7] = (model[7] ?? 0) + 1) });
  progress.done(`round ${sealed.round} reported, signed by a quorum, wrong at lane 7`);
  await until(async () => ((await stateOf(setting, sealed.round)) === "Sealed" ? true : null), "the watcher to overturn the report");
  const { slashed, award } = await consequences(stage, before, "prove");
  const { model } = await redo(stage, sealed);
  return { sealed, model, scene: { scene: "a", wrong: { what: `round ${sealed.round}: lane 7 of the model is one too high`, transaction }, ...logbook.scene(`round ${sealed.round}`), slashed, award, redone: await redoneAs(setting, sealed.round) } };
}

/** Scene (c). */
async function withheldData(stage: Stage, base: Int32Array): Promise<{ scene: Scene; sealed: SealedRound }> {
  const { demo, progress, logbook } = stage;
  const { setting, clock } = demo;
  progress.heading("(c) Operators report a round and keep its data to themselves");
  const sealed = await sealNext(setting, base);
  const before = await stakes(setting);
  const transaction = await reportDishonestly(setting, sealed, reportParameters(setting), { publish: false, spoil: () => undefined });
  const { kernel } = setting;
  progress.done(`round ${sealed.round} reported; nothing of it is in the store`);
  await until(() => logbook.lastAction("demanded"), "the watcher to demand the data");
  const { timestamp } = await kernel.client.getBlock({ blockTag: "latest" });
  // Nobody answers: nothing happens until the answer window is over.
  await clock.jumpTo(Number(timestamp) + (await kernel.demands.read.answerWindow()), "answer window of the demands, which nobody answers");
  await until(async () => ((await stateOf(setting, sealed.round)) === "Sealed" ? true : null), "the watcher to overturn the report");
  const { slashed, award } = await consequences(stage, before, "expired");
  await until(async () => ((await kernel.client.getBalance({ address: kernel.demands.address })) === 0n ? true : null), "every bond to be back");
  promise(stage, "every bond of a demand went back to the watcher", (await kernel.client.getBalance({ address: kernel.demands.address })) === 0n);
  await redo(stage, sealed);
  return { sealed, scene: { scene: "c", wrong: { what: `round ${sealed.round}: no file of its bundle is in the store`, transaction }, ...logbook.scene(`round ${sealed.round}`), slashed, award, redone: await redoneAs(setting, sealed.round) } };
}

/** Scene (b). */
async function wrongReward(stage: Stage, scored: readonly VerifiedRound[]): Promise<{ scene: Scene; members: Uint8Array }> {
  const { demo, progress, logbook } = stage;
  const { setting, clock } = demo;
  const { federation, config, store, kernel } = setting;
  progress.heading("(b) Operators sign a settlement that pays one seat what another has earned");
  const before = await stakes(setting);
  const lastRound = scored.at(-1)?.round ?? 0;
  const settle = { federation, lastRound, scoringId: config.scoringId, store, scored, previousMembers: new Uint8Array() };
  await clock.jumpTo((await kernel.rounds.read.roundOf([federation, lastRound])).deadline + 1, "the second at which payees count");
  const transaction = await settleDishonestly(setting, { ...settle, amount: 10n ** 18n });
  progress.done("settlement proposed, signed by a quorum: 1 SHU moved from seat 1 to seat 0");
  await until(async () => ((await kernel.settlement.read.accountOf([federation])).state === 0 ? true : null), "the watcher to overturn the settlement");
  const { slashed, award } = await consequences(stage, before, "proveSettlement");
  const members = await proposeSettlement(setting, settle);
  const name = "settlement 1 (attempt 2)";
  await until(() => logbook.checkOf(name) ?? null, "the watcher to verify the new settlement");
  promise(stage, "the settlement is proposed again, and verified", logbook.checkOf(name)?.result === "verified");
  await clock.jumpTo((await kernel.settlement.read.accountOf([federation])).deadline, "challenge window of the settlement");
  await finaliseSettlement(setting, federation);
  const account = await kernel.settlement.read.accountOf([federation]);
  promise(stage, "the settlement is final", account.nextIndex === 2);
  progress.done("the same rounds settled again, rightly, and final");
  const redone = `settlement 1 final with root ${account.rewardsRoot}`;
  return { members, scene: { scene: "b", wrong: { what: "settlement 1: seat 0 gets 1 SHU that seat 1 has earned", transaction }, ...logbook.scene("settlement 1"), slashed, award, redone } };
}

/** Operators do it again, rightly: the sealed set is unchanged. */
async function redo({ demo, progress, logbook, promises }: Stage, sealed: SealedRound): Promise<{ model: Int32Array }> {
  const { setting } = demo;
  const { round } = sealed;
  const { attempt } = await setting.kernel.rounds.read.roundOf([setting.federation, round]);
  const { model } = await reportRound(setting, { ...sealed, attempt }, reportParameters(setting));
  const name = `round ${round} (attempt ${attempt + 1})`;
  await until(() => logbook.checkOf(name) ?? null, "the watcher to verify the new report");
  promises.push({ what: `round ${round} is reported again, and verified`, kept: logbook.checkOf(name)?.result === "verified" });
  progress.done(`round ${round} reported again, rightly, and verified`);
  return { model };
}

/** Compares stakes and the watcher's award with what a fault costs. */
async function consequences(stage: Stage, before: ReadonlyMap<Address, bigint>, last: string): Promise<Pick<Scene, "slashed" | "award">> {
  const { demo, progress, logbook } = stage;
  const { kernel } = demo.setting;
  await until(() => logbook.lastAction("collect"), "the watcher to collect its award");
  const after = await stakes(demo.setting);
  const slashed = [...before].flatMap(([operator, stake]) => {
    const amount = stake - (after.get(operator) ?? 0n);
    return amount === 0n ? [] : [{ operator, amount }];
  });
  const unit = await kernel.operators.read.bondPerUnit();
  const { threshold } = await kernel.operators.read.currentEpoch();
  const award = logbook.takeAward();
  const due = (slashed.reduce((sum, { amount }) => sum + amount, 0n) * 40n) / 100n;
  promise(stage, `after “${last}” each of the ${threshold} signers lost one unit of its bond`, slashed.length === threshold && slashed.every(({ amount }) => amount === unit));
  promise(stage, `after “${last}” the watcher was paid 40 % of it`, award === due && due > 0n);
  progress.done(`${slashed.length} signers slashed by ${unit / 10n ** 18n} SHU each; ${award / 10n ** 18n} SHU to the watcher`);
  return { slashed, award };
}

async function payEverybody({ demo, progress, promises }: Stage, members: Uint8Array): Promise<Outcome["claims"]> {
  const { setting } = demo;
  progress.heading("Everybody is paid");
  const claims = await claimAll(setting, members, setting.hospitals.length);
  const audit = await auditLedger({ facts: await readFacts(setting.kernel, setting.federation), store: setting.store, hashPairs: nativeHashPairs });
  for (const { entry, subject, message } of audit.findings) progress.note(`${entry} ${subject}: ${message}`);
  promises.push({ what: `an audit finds ${audit.checked} comparisons equal`, kept: audit.ok });
  const compared = claims.map((claim) => ({ ...claim, expected: memberAt(audit.members, claim.seat)?.cumulative ?? 0n }));
  const earners = Array.from({ length: memberCount(audit.members) }, (_, seat) => memberAt(audit.members, seat)).filter((member) => member !== null);
  promises.push({ what: `${claims.length} of ${earners.length} contributors claimed exactly what the artefacts give`, kept: compared.length === earners.length && compared.every(({ amount, expected }) => amount === expected) });
  progress.done(`${claims.length} claims, all equal to what the artefacts give`);
  return compared;
}

function promise({ promises, progress }: Stage, what: string, kept: boolean): void {
  promises.push({ what, kept });
  if (!kept) progress.note(`PROMISE BROKEN: ${what}`);
}

async function stateOf({ kernel, federation }: Setting, round: number): Promise<string> {
  return ROUND_STATES[(await kernel.rounds.read.roundOf([federation, round])).state] ?? "None";
}

async function redoneAs({ kernel, federation }: Setting, round: number): Promise<string> {
  const { attempt, hash } = await kernel.rounds.read.roundOf([federation, round]);
  return `round ${round} reported again as attempt ${attempt + 1}: ${hash}`;
}

async function stakes({ kernel }: Setting): Promise<Map<Address, bigint>> {
  const { number } = await kernel.operators.read.currentEpoch();
  const signers = await kernel.operators.read.signersOf([number]);
  return new Map(await Promise.all(signers.map(async (signer) => [signer, (await kernel.operators.read.operatorOf([signer])).stake] as const)));
}

const scoredOf = ({ round, parentRound, entries }: SealedRound): VerifiedRound => ({
  round, parentRound, seats: entries.map(({ seat }) => seat), weights: entries.map(({ weight }) => weight), roots: entries.map(({ updateRoot }) => updateRoot),
});

/** Waits for somebody else's work, at most two minutes. */
async function until<Value>(look: () => Value | null | Promise<Value | null>, what: string): Promise<Value> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(100)) {
    const value = await look();
    if (value !== null) return value;
  }
  throw new Error(`Waited two minutes for ${what}.`);
}
