// `npm test`: every check and every suite; it stops at the first stage that fails. The last line is the sum of the
// tests that Solidity, mocha and Node really ran.
import path from "node:path";

import { planStages } from "./testing/plan.ts";
import type { Stage } from "./testing/plan.ts";
import { endChildrenWithUs } from "./testing/process.ts";
import { describeFailures, describeResult, describeTotals } from "./testing/report.ts";
import type { Result } from "./testing/step.ts";
import { runStep } from "./testing/step.ts";

const root = path.resolve(import.meta.dirname, "..");
const options = { cwd: root, color: process.stdout.isTTY, limitSeconds: 900 };

async function runStage(stage: Stage): Promise<Result[]> {
  process.stderr.write(`… ${stage.flat().map((step) => step.title).join(", ")}\n`);
  const lanes = await Promise.all(stage.map(runLane));
  return lanes.flat();
}

async function runLane(lane: Stage[number]): Promise<Result[]> {
  const results: Result[] = [];
  for (const step of lane) {
    const result = await runStep(step, options);
    results.push(result);
    console.log(describeResult(result));
    if (!result.ok) break;
  }
  return results;
}

async function main(): Promise<boolean> {
  const stages = planStages(root);
  const results: Result[] = [];
  for (const stage of stages) {
    results.push(...(await runStage(stage)));
    if (results.some((result) => !result.ok)) break;
  }
  const ran = new Set(results.map((result) => result.step));
  const notRun = stages.flat(2).filter((step) => !ran.has(step));
  const failures = describeFailures(results);
  if (failures !== "") console.log(failures);
  console.log(describeTotals(results, notRun.map((step) => step.title)));
  return results.every((result) => result.ok);
}

endChildrenWithUs();
process.exitCode = (await main()) ? 0 : 1;
