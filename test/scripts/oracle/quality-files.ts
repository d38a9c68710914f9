// What issuers and custodians hand to the operators of a federation that is paid by quality, as files.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { keccak256, stringToHex } from "viem";
import { createDomain, encodeJson } from "../../../protocol/index.ts";
import type { QualityExpectations } from "../../../protocol/bundle/settlement-quality.ts";
import { encodeHoldout } from "../../../protocol/scoring/holdout-files.ts";
import { encodeTerms } from "../../../protocol/terms/terms.ts";
import { SALT_FILE } from "../../../scripts/holdouts/folder.ts";
import type { QualityFolders } from "../../../scripts/oracle/quality/sources.ts";
import { issuePoints, writePoints } from "../../../scripts/service/issue-points.ts";
import { trainingSeed } from "../../../scripts/trainer/baselines.ts";
import { TRAINING_DEFAULTS } from "../../../scripts/trainer/simulate.ts";
import { localUpdate } from "../../../scripts/trainer/update.ts";
import type { World } from "../watch/world.ts";

/** Terms, the points of settlements 1 and 2, and every holdout that was committed before the first round, in a folder of this operator's. */
export async function handFiles({ setting, kernel, federation }: World, dir: string): Promise<QualityFolders & { readonly points: string; readonly holdouts: string }> {
  const { quality } = setting;
  const issuer = setting.hospitals[0]?.keys.institution;
  if (quality === null || issuer === undefined) throw new Error("The federation is not paid by quality.");
  const [terms, points, holdouts] = [path.join(dir, "terms.json"), path.join(dir, "points"), path.join(dir, "holdouts")];
  await mkdir(dir, { recursive: true });
  await writeFile(terms, encodeTerms(quality.terms));
  const domain = createDomain(kernel.deployment.chainId, kernel.settlement.address);
  for (const settlement of [1, 2]) {
    const subject = keccak256(stringToHex(`annotation before settlement ${settlement}`));
    await writePoints(path.join(points, `ward-${settlement}`), await issuePoints({ domain, federation, settlement, subject, points: { annotation: [[1, 40n], [2, 25n]] }, signer: issuer }));
  }
  await mkdir(holdouts, { recursive: true });
  const committed = await kernel.client.getContractEvents({ ...kernel.holdouts, eventName: "HoldoutCommitted", args: { federation }, fromBlock: 0n, strict: true });
  for (const [i, { args: { commitment, fromRound } }] of committed.entries()) {
    const revealed = await quality.reveal({ holdouts: [{ commitment, fromRound }], spent: [] } as unknown as QualityExpectations, fromRound);
    if (revealed === null) continue;
    const folder = path.join(holdouts, `window-${i}`);
    await mkdir(folder);
    for (const [name, bytes] of encodeHoldout(revealed.holdout)) await writeFile(path.join(folder, name), bytes);
    await writeFile(path.join(folder, SALT_FILE), encodeJson({ format: "chongwen-holdout-salt", version: 1, records: revealed.holdout.targets.length, salt: revealed.salt }));
  }
  return { federation, terms, points, holdouts };
}

/** What a site of the test's data learns in a round, into the update that it signs: noise is paid nothing. */
export const learned = ({ setting }: World, base: Int32Array, round: number) => (update: Int16Array, seat: number): void => {
  const site = setting.hospitals.find((hospital) => hospital.seat === seat)?.site;
  if (site === undefined) throw new Error(`Nobody sits on seat ${seat}.`);
  const { epochs, learningRate } = TRAINING_DEFAULTS;
  update.set(localUpdate({ spec: setting.modelSpec, base, records: site.records, epochs, learningRate, seed: trainingSeed(setting.split.seed, round, seat) }).values);
};
