/** Where a service gets what a settlement by quality rests on and the chain does not hold: a file of terms, and folders of points and holdouts. */
import { createDomain } from "../../../protocol/index.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { QUALITY_V1 } from "../../../protocol/rewards/scoring.ts";
import { termsHash } from "../../../protocol/terms/terms.ts";
import type { Hex } from "viem";
import type { Kernel } from "../../chain/kernel.ts";
import type { QualitySources } from "../../operator/settle-quality.ts";
import { readTermsFile } from "../../service/issue-points.ts";
import { findHoldout } from "./holdouts-folder.ts";
import { readPointsFolder } from "./points-folder.ts";

export interface QualityFolders {
  readonly federation: number;
  /** The terms that governance chose, as a file. */
  readonly terms: string;
  /** Files that issuers signed. Null: nobody's points are counted. */
  readonly points: string | null;
  /** Null when holdouts are private, or there are none. */
  readonly holdouts: string | null;
}

/** @throws json-invalid, terms-invalid, version-unknown, usage */
export async function openQualityFolders({ deployment, settlement, seats }: Kernel, { federation, terms: file, points, holdouts }: QualityFolders, warn: (message: string) => void): Promise<QualitySources> {
  const terms = await readTermsFile(file);
  const domain = createDomain(deployment.chainId, settlement.address);
  return {
    terms,
    async pointsFor(index) {
      if (points === null) return [];
      return readPointsFolder(points, { domain, federation, settlement: index, seatCount: await seats.read.seatCount([federation]), issuers: terms.issuers, warn });
    },
    async reveal(chain, firstRound) {
      if (holdouts === null || terms.data.holdout === "private") return null;
      const eligible = chain.holdouts.filter(({ commitment, fromRound }) => fromRound <= firstRound && !chain.spent.includes(commitment)).map(({ commitment }) => commitment);
      return findHoldout(holdouts, { data: terms.data, eligible, warn });
    },
  };
}

/** What is needed to settle under a configuration; null where quality does not score. @throws quality-sources-missing, terms-differ */
export function requireSources(sources: QualitySources | null, { scoringId, termsHash: pinned }: { readonly scoringId: number; readonly termsHash: Hex }, federation: number): QualitySources | null {
  if (scoringId !== QUALITY_V1) return null;
  if (sources === null) {
    throw new ChongwenError({ code: "quality-sources-missing", message: `Federation ${federation} is paid by quality, and its terms are not known here: its rounds are recorded, and not settled.`, fix: "Name terms, points and holdouts in the configuration (`quality`), or leave settling to another operator.", retryable: true });
  }
  const own = termsHash(sources.terms);
  if (own !== pinned) throw new ChongwenError({ code: "terms-differ", message: `The terms of federation ${federation} here hash to ${own}; its configuration names ${pinned}.`, fix: "Put the terms that governance chose in their place, and start again.", retryable: true });
  return sources;
}
