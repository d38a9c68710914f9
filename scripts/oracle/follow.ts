/** Follows reports to finality and settles them, behind the recording, which never waits for it. Everything is read from chain and store: a restart forgets nothing. */
import type { Hex } from "viem";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import { QUALITY_V1 } from "../../protocol/rewards/scoring.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import { chainTime } from "../chain/clock.ts";
import { requireProven } from "../chain/proofs/believed.ts";
import { AlreadyDone } from "../operator/already-done.ts";
import { finaliseRound } from "../operator/finalise.ts";
import type { Recomputation } from "../operator/recomputation.ts";
import type { OperatorContext } from "../operator/seal-round.ts";
import { finaliseSettlement, movedOn, proposeSettlement } from "../operator/settle.ts";
import type { QualitySources } from "../operator/settle-quality.ts";
import type { ArtefactStore } from "../store/index.ts";
import { readCovered } from "./covered.ts";
import { isKeyMissing } from "./handed.ts";
import type { OracleJournal } from "./journal.ts";
import type { OracleObserver } from "./observer.ts";
import type { FederationLedger } from "./ledger.ts";
import { requireSources } from "./quality/sources.ts";
import type { Turns } from "./turns.ts";

export interface FollowerParameters {
  readonly context: OperatorContext;
  readonly store: ArtefactStore;
  readonly ledger: FederationLedger;
  readonly journal: OracleJournal;
  readonly quality: QualitySources | null;
  readonly escrow: EscrowReader | null;
  readonly recomputation: Recomputation;
  readonly turns: Turns;
  /** A bundle is final: its files are not needed any more. */
  readonly done: (bundle: Hex) => Promise<void>;
  readonly observer: OracleObserver;
  readonly warn: (message: string) => void;
  /** Blocks behind the head after which a bundle is called final. */
  readonly finalAfter: number;
}

/** @returns Whether anything moved. */
export type Follower = () => Promise<boolean>;

/** `ISettlement.State`, by number. */
const SETTLEMENT_STATES = ["None", "Proposed"] as const;
const NO_VAULT = `0x${"00".repeat(20)}`;

export function createFollower({ context, store, ledger, journal, quality, escrow, recomputation, turns, done, observer, warn, finalAfter }: FollowerParameters): Follower {
  const { kernel } = context;
  const { federation } = ledger;
  const stateOf = async (round: number, at: { readonly blockNumber?: bigint } = {}) => {
    const found = await kernel.rounds.read.roundOf([federation, round], at);
    return { ...found, name: ROUND_STATES[found.state] ?? "None" };
  };
  const isOver = (name: string): boolean => name === "Final" || name === "Void";
  /** Every round up to here is final or void where no reorganisation reaches. */
  let decided = 0;
  /** Every round up to here is final or void at the head of the chain, as it was last seen. */
  let ended = 0;
  /** Rounds up to here were told of. */
  let told = 0;
  /** What was final before this process began is not news. */
  let earlier = true;

  /** Why it was said that settling is left to others. */
  let leftToOthers: string | null = null;
  let hasLedger = false;

  /** The last block that no reorganisation takes back; null while there is none with a ledger in it. */
  async function certain(): Promise<{ readonly blockNumber?: bigint } | null> {
    if (finalAfter === 0) return {};
    const blockNumber = (await kernel.client.getBlockNumber({ cacheTime: 0 })) - BigInt(finalAfter);
    if (blockNumber < kernel.deployment.fromBlock) return null;
    hasLedger ||= (await kernel.client.getCode({ address: kernel.rounds.address, blockNumber })) !== undefined;
    return hasLedger ? { blockNumber } : null;
  }

  /** Makes final what is due, in the order of rounds. */
  async function finalise(): Promise<boolean> {
    const { last } = await kernel.rounds.read.headOf([federation]);
    const now = await chainTime(kernel.client);
    let moved = false;
    ended = decided;
    for (let round = decided + 1; round <= last; round++) {
      const { name, holds, hash, attempt } = await stateOf(round);
      const over = name === "Reported" && holds === 0 && (await kernel.rounds.read.deadlineOf([federation, round])) <= BigInt(now);
      const due = over && (await turns.due(`final ${federation} ${round} ${attempt}`, round + attempt));
      if (due) await finaliseRound(context, federation, round);
      moved ||= due;
      if (!due && !isOver(name)) break;
      ended = round;
      if (round <= told) continue;
      told = round;
      if (name !== "Void") observer.roundFinal({ federation, round, reportHash: hash, earlier: earlier && !due });
    }
    await decide(await certain());
    earlier = false;
    return moved;
  }

  async function decide(at: Awaited<ReturnType<typeof certain>>): Promise<void> {
    if (at === null) return;
    while (decided < ended && isOver((await stateOf(decided + 1, at)).name)) decided++;
  }

  /** What became of bundles that were reported. An overturned report, or one that a reorganisation took back, is made again from the same bundle. */
  async function note(): Promise<boolean> {
    let moved = false;
    const at = await certain();
    for (const { bundle, round } of journal.list(federation, ["reported"])) {
      const { name, hash } = await stateOf(round);
      if (name === "Reported") continue;
      if (name === "Final") {
        if (at === null || (await stateOf(round, at)).name !== "Final") continue;
        // What is thrown away now does not come back.
        await requireProven(context.prover, federation, new Map([[round, { hash, states: [name] }]]));
        await done(bundle);
      }
      journal.change(bundle, name === "Final" ? { state: "final" } : { state: "sealed", reportHash: null, artefact: null, asHanded: null });
      moved = true;
    }
    return moved;
  }

  async function settle(): Promise<boolean> {
    const account = await kernel.settlement.read.accountOf([federation]);
    try {
      return await settleNext(account);
    } catch (error) {
      if (isKeyMissing(error)) {
        leave(error.code, error.message);
        return false;
      }
      // Another operator was first, perhaps before this one had begun to collect signatures.
      if (error instanceof AlreadyDone || (await movedOn(kernel, federation, account).catch(() => null)) !== null) return true;
      throw error;
    }
  }

  async function settleNext(account: Awaited<ReturnType<typeof kernel.settlement.read.accountOf>>): Promise<boolean> {
    if (SETTLEMENT_STATES[account.state] === "Proposed") {
      if (account.frozen || account.deadline > (await chainTime(kernel.client))) return false;
      if (!(await turns.due(`settled ${federation} ${account.nextIndex} ${account.attempt}`, account.nextIndex + account.attempt))) return false;
      if (await finaliseSettlement(context, federation)) observer.settled({ federation, settlement: account.nextIndex, step: "final" });
      return true;
    }
    const lastRound = await dueThrough(account.settledThrough);
    if (lastRound === null) return false;
    if (!(await turns.due(`settlement ${federation} ${account.nextIndex} ${account.attempt}`, account.nextIndex + account.attempt))) return false;
    if (quality === null && (await paysByQuality())) {
      leave("quality-sources-missing", "it is paid by quality, and its terms are not known here.");
      return false;
    }
    const covered = await readCovered({ kernel, store, ledger, escrow, recomputation }, account.settledThrough + 1, lastRound);
    await proposeSettlement(context, { federation, lastRound, store, ...covered, quality: requireSources(quality, covered, federation) });
    observer.settled({ federation, settlement: account.nextIndex, step: "proposed" });
    return true;
  }

  /** Another operator may have what is needed: said once, and left to it. */
  function leave(code: string, why: string): void {
    if (leftToOthers === code) return;
    leftToOthers = code;
    warn(`federation ${federation}: its settlements are left to other operators: ${why}`);
    observer.failed("settling", code);
  }

  const paysByQuality = async (): Promise<boolean> => (await ledger.config(await kernel.rounds.read.configHashOf([federation]))).scoringId === QUALITY_V1;

  /** The round with which enough are final to be settled; null while there are fewer, or nothing can be paid. */
  async function dueThrough(settledThrough: number): Promise<number | null> {
    const [, settleEvery] = await kernel.rounds.read.settlementRuleOf([federation]);
    if ((await kernel.treasury.read.vaultOf([federation])) === NO_VAULT) return null;
    let final = 0;
    for (let round = settledThrough + 1; round <= ended; round++) {
      if ((await stateOf(round)).name === "Final") final++;
      if (final < settleEvery) continue;
      const [pool] = await kernel.settlement.read.poolThrough([federation, round]);
      return pool === 0n ? null : round;
    }
    return null;
  }

  return async () => {
    const finalised = await finalise();
    const noted = await note();
    return (await settle()) || finalised || noted;
  };
}
