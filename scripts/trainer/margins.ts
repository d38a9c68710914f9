import type { Table } from "../data/table.ts";
import { type FederationResult, type SimulateParameters, simulateFederation } from "./simulate.ts";

/** How far the federation is ahead, over several seeds. Accuracies and margins are shares of 1; 0.05 is five points. */
export interface Margins {
  readonly results: readonly FederationResult[];
  /** Means over the seeds. */
  readonly global: number;
  readonly bestSite: number;
  readonly majority: number;
  readonly overBestSite: number;
  readonly overMajority: number;
  /** The smallest margin over the best site of any seed. */
  readonly worstOverBestSite: number;
}

/** Runs the federation once per seed: another split and other batches each time. */
export function measureMargins(table: Pick<Table, "records">, seeds: readonly number[], parameters: Omit<SimulateParameters, "seed"> = {}): Margins {
  const results = seeds.map((seed) => simulateFederation(table, { ...parameters, seed }));
  const mean = (of: (result: FederationResult) => number): number => results.reduce((sum, result) => sum + of(result), 0) / results.length;
  const global = mean((result) => result.global.accuracy);
  const bestSite = mean((result) => result.bestSite.alone.accuracy);
  const majority = mean((result) => result.majority.accuracy);
  return {
    results,
    global,
    bestSite,
    majority,
    overBestSite: global - bestSite,
    overMajority: global - majority,
    worstOverBestSite: Math.min(...results.map((result) => result.global.accuracy - result.bestSite.alone.accuracy)),
  };
}
