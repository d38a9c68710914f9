import { privateKeyToAccount } from "viem/accounts";
import type { Address, Hex } from "viem";
import { createDomain, toCompactSignature } from "../../../protocol/index.ts";
import { signTierPoints, type PointsRow, type TierPoints } from "../../../protocol/scoring/tier-points.ts";
import { defaultTerms, type PointTier, type TermsParameters } from "../../../protocol/terms/terms.ts";

export const SETTLEMENT: Address = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
export const DOMAIN = createDomain(31_337, SETTLEMENT);
export const HEAD = { headLane: 0, features: 4, classes: 3, featureBits: 14 } as const;
export const word = (byte: number): Hex => `0x${byte.toString(16).padStart(2, "0").repeat(32)}`;

/** Keys of issuers, and of somebody who is none. */
export const issuer = (i: number) => privateKeyToAccount(`0x${(i + 1).toString(16).padStart(64, "0")}`);
export const stranger = issuer(99);

export const terms = (parameters: Partial<TermsParameters> = {}) =>
  defaultTerms({ head: HEAD, issuers: { data: [issuer(0).address], annotation: [issuer(0).address, issuer(1).address], verification: [issuer(1).address], compute: [issuer(2).address], feedback: [issuer(3).address] }, ...parameters });

export function signed(tier: PointTier, points: readonly PointsRow[], change: { readonly by?: ReturnType<typeof issuer>; readonly subject?: Hex; readonly federation?: number; readonly settlement?: number } = {}): Promise<TierPoints> {
  const { by = issuer({ data: 0, annotation: 0, verification: 1, compute: 2, feedback: 3 }[tier]), subject = word(0xaa), federation = 1, settlement = 1 } = change;
  return signTierPoints(DOMAIN, { federation, settlement, tier, subject, points }, async (hash) => toCompactSignature(await by.sign({ hash })));
}
