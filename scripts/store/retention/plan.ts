import type { Kernel } from "../../chain/kernel.ts";
import type { Digest } from "../cid.ts";
import { listErasures } from "../erasures.ts";
import type { Erasure } from "../../../protocol/audit/erasure.ts";
import { openPins } from "./pins.ts";
import type { RetentionPolicy } from "./policy.ts";
import { readNamed, type BlockTimes } from "./read-named.ts";
import { reasonsFor, retained, type Reasons } from "./retained.ts";

export interface PlanParameters {
  readonly kernel: Kernel;
  /** Where pins, the log and the memory of earlier sweeps lie. */
  readonly stateDir: string;
  /** Where statements of erasures lie. */
  readonly erasedDir: string;
  readonly policy: RetentionPolicy;
  /** Of rounds under way that the ledger does not know yet. */
  readonly pending?: readonly Digest[];
  /** Seconds since 1970. */
  readonly now: number;
  readonly times?: BlockTimes;
}

/** What is kept and what is not, by the ledger, the pins, the erasures and the clock. @param named Everything the ledger names. @param ended Kept once, and no longer. */
export interface RetentionPlan {
  readonly kept: Reasons;
  readonly ended: Reasons;
  readonly named: ReadonlySet<Digest>;
  readonly erasures: readonly Erasure[];
}

/** @throws chain-incomplete, pin-damaged: nobody decides on half of the reasons */
export async function planRetention({ kernel, stateDir, erasedDir, policy, pending = [], now, times }: PlanParameters): Promise<RetentionPlan> {
  const [named, pins, erasures] = await Promise.all([readNamed(kernel, times), openPins(`${stateDir}/pins`).list(), listErasures(erasedDir)]);
  const erased = new Set(erasures.flatMap(({ path, artefact }) => (path === undefined ? [artefact as Digest] : [])));
  const facts = { named, pins, pending, erased };
  const all = reasonsFor(facts, policy);
  const kept = retained(facts, policy, now);
  return {
    kept,
    ended: new Map([...all].filter(([digest]) => !kept.has(digest))),
    named: new Set(reasonsFor({ named, pins: [], pending: [] }, policy).keys()),
    erasures,
  };
}
