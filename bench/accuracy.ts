// How much better the federated model is than the best hospital alone and than always naming the most frequent disease: five seeds of the split.
import { DERMATOLOGY_PATH, loadTable } from "../scripts/data/index.ts";
import { measureMargins } from "../scripts/trainer/index.ts";
import type { Metric } from "./metric.ts";

const SEEDS = [1, 2, 3, 4, 5];
const REFERENCE = "five simulated hospitals in a prototype: 0.89–0.97 against 0.75–0.89";

export async function run(): Promise<Metric[]> {
  const margins = measureMargins(loadTable(DERMATOLOGY_PATH), SEEDS);
  const points = (share: number): number => Number((100 * share).toFixed(1));
  const metric = (name: string, share: number, target: number, reference: string): Metric => ({
    name,
    value: points(share),
    unit: "points",
    better: "higher",
    target,
    reference,
  });
  return [
    metric("accuracy.global.mean-of-5", margins.global, 90, REFERENCE),
    metric("accuracy.over-best-site.mean-of-5", margins.overBestSite, 5, REFERENCE),
    metric("accuracy.over-best-site.worst-of-5", margins.worstOverBestSite, 0, REFERENCE),
    metric("accuracy.over-majority.mean-of-5", margins.overMajority, 30, REFERENCE),
  ];
}
