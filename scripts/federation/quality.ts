/** What the demonstration adds when its federation is paid by quality: holdouts committed before the rounds that they judge, and people without data. All simulated, and said so. */
import { randomBytes } from "node:crypto";
import { keccak256, stringToHex, toHex, type Hex } from "viem";
import { createDomain, toCompactSignature, type ModelSpec } from "../../protocol/index.ts";
import { quantiseFeatures, FEATURE_BITS } from "../../protocol/evaluation/records.ts";
import { holdoutCommitment } from "../../protocol/scoring/holdout-commitment.ts";
import { openingOf } from "../../protocol/scoring/holdout-files.ts";
import { signTierPoints } from "../../protocol/scoring/tier-points.ts";
import type { Holdout } from "../../protocol/scoring/window.ts";
import { defaultTerms, type Terms } from "../../protocol/terms/terms.ts";
import { selectRecords, type Records } from "../data/records.ts";
import type { Part, Split } from "../data/split.ts";
import { deployer, holdoutCustodian, type HospitalKeys } from "../genesis/cast.ts";
import type { GenesisContext } from "../genesis/genesis.ts";
import type { QualitySources, RevealedHoldout } from "../operator/settle-quality.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";

/** Of the records held out, this part judges settlements; the rest evaluates reports, in public, from the first round on. */
const JUDGING_SHARE = 0.375;
/** So that as much evaluates reports as where settlements need none. */
export const HOLDOUT_SHARE = 0.4;

/** Divides what is held out, class by class: a part that evaluates, and one for each window. */
export function divideHoldout({ holdout }: Split, windows: number): { readonly evaluation: Part; readonly judges: readonly Records[] } {
  const { records, rows } = holdout;
  const chosen = Array.from({ length: windows + 1 }, (): number[] => []);
  for (let label = 0; label < records.classCount; label++) {
    const members = [...records.labels.keys()].filter((i) => records.labels[i] === label);
    const judging = windows === 0 ? 0 : Math.round(members.length * JUDGING_SHARE);
    // Starting with another window for each class: none gets all the rare ones.
    members.forEach((member, at) => chosen[at < judging ? (at + label) % windows : windows]?.push(member));
  }
  const select = (members: readonly number[] = []) => members.toSorted((a, b) => a - b);
  const evaluation = select(chosen.at(-1));
  return {
    evaluation: { rows: evaluation.map((i) => rows[i] ?? i), records: selectRecords(records, evaluation) },
    judges: chosen.slice(0, -1).map((members) => selectRecords(records, select(members))),
  };
}

/** @param authorSeat Paid for the model. @param custodian Vouches for annotation. */
export function demonstrationTerms(modelSpec: ModelSpec, { featureCount, classCount }: Records, authorSeat: number, custodian: HospitalKeys): Terms {
  return defaultTerms({
    head: { headLane: 0, features: featureCount, classes: classCount, featureBits: FEATURE_BITS },
    gridBits: modelSpec.tensors[0]?.fracBits ?? 0,
    issuers: { annotation: [custodian.institution.address] },
    authors: [{ seat: authorSeat, parts: 1 }],
  });
}

interface Secret extends RevealedHoldout {
  readonly commitment: Hex;
}

/** Commits the windows' holdouts for a federation that is yet to be created: its first round is then still ahead. */
export async function commitHoldouts({ kernel, transactor }: GenesisContext, judges: readonly Records[]): Promise<Secret[]> {
  const federation = (await kernel.rounds.read.federationCount()) + 1;
  const custodian = holdoutCustodian();
  await transactor.send(deployer(), { kind: "holdout.custodian", ...kernel.holdouts, functionName: "changeCustodian", args: [federation, custodian.address, true] });
  const secrets: Secret[] = [];
  for (const records of judges) {
    const holdout: Holdout = { values: quantiseFeatures(records), targets: records.labels, strata: null, stratumOf: new Map() };
    const salt = toHex(randomBytes(32));
    const commitment = holdoutCommitment(openingOf(salt, holdout, records.featureCount, nativeHashPairs));
    await transactor.send(custodian, { kind: "holdout.commit", ...kernel.holdouts, functionName: "commit", args: [federation, commitment] });
    secrets.push({ salt, holdout, commitment });
  }
  return secrets;
}

/** Seats whose annotation the demonstration's custodian vouches for, with their points. Nobody has annotated: these stand for people who would. */
const ANNOTATION = [[1, 40n], [2, 25n]] as const;

/** Where the demonstration's operators get points and holdouts. */
export function demonstrationSources({ kernel }: GenesisContext, { terms, secrets, custodian, federation }: { readonly terms: Terms; readonly secrets: readonly Secret[]; readonly custodian: HospitalKeys; readonly federation: number }): QualitySources {
  const domain = createDomain(kernel.deployment.chainId, kernel.settlement.address);
  return {
    terms,
    async pointsFor(settlement) {
      const subject = keccak256(stringToHex(`demonstration: annotation before settlement ${settlement} of federation ${federation}`));
      const sign = async (hash: Hex): Promise<Hex> => toCompactSignature(await custodian.institution.sign({ hash }));
      return [await signTierPoints(domain, { federation, settlement, tier: "annotation", subject, points: ANNOTATION }, sign)];
    },
    async reveal({ holdouts, spent }, firstRound) {
      const eligible = ({ commitment }: Secret) => !spent.includes(commitment) && holdouts.some((known) => known.commitment === commitment && known.fromRound <= firstRound);
      return secrets.find(eligible) ?? null;
    },
  };
}

/** Two organisations say whose work they found outstanding, before the first settlement. */
export async function speakUp({ kernel, transactor }: GenesisContext, federation: number, voices: readonly { readonly organisation: number; readonly keys: HospitalKeys; readonly seats: readonly number[] }[]): Promise<void> {
  for (const { organisation, keys, seats } of voices) {
    await transactor.send(keys.institution, { kind: "commend", ...kernel.commendations, functionName: "commend", args: [organisation, federation, 1, seats] });
  }
}
