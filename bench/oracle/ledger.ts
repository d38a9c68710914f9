/** A local ledger with small models, and rounds for it that are made ahead: each extends the one before, as it comes out if everything happens as predicted. */
import path from "node:path";
import { readManifest, type Manifest } from "../../scripts/chain/manifest.ts";
import { createFederationLedger } from "../../scripts/oracle/ledger.ts";
import { makeBundle, type Made } from "../../test/scripts/oracle/aggregator.ts";
import type { OracleWorld } from "../../test/scripts/oracle/support.ts";

/** Nothing can be forced in, so that what is measured is the operators and not a window; reports are final after five seconds of the chain's clock. */
export async function smallRounds(settleEvery: number): Promise<Pick<Manifest, "kernel" | "federation">> {
  const manifest = await readManifest(path.resolve(import.meta.dirname, "..", "..", "deploy", "manifests", "local.json"));
  return {
    kernel: { ...manifest.kernel, rotationDelay: 5_000, unbondingPeriod: 60 * 2_000 },
    federation: { ...manifest.federation, forceWindow: 0, challengeWindow: 5, reportWindow: 600, settleEvery },
  };
}

/** @returns Makes the next round, whatever became of the ones before. */
export async function roundsOf({ world, sites }: OracleWorld): Promise<() => Promise<Made>> {
  let open = await createFederationLedger(world.kernel, world.store, world.federation).openRound();
  let base = world.setting.model;
  return async () => {
    if (open === null) throw new Error("No round is open.");
    // The updates of tests repeat: in some rounds two sites would have the same, which is refused.
    const made = await makeBundle(open, base, sites, { change: (update, seat) => void (update[0] = seat + 1) });
    [open, base] = [made.next, made.model];
    return made;
  };
}

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
