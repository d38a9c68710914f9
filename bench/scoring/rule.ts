// The rule of the data tier with the terms that federations start from: what the scenarios measure.
import { scoreDataTier } from "../../protocol/scoring/data-tier.ts";
import { defaultTerms } from "../../protocol/terms/terms.ts";
import type { Rule } from "./scenarios.ts";

export const qualityRule: Rule = (window) => {
  const { head, utility, gridBits } = window;
  const { sharesPpb } = scoreDataTier({ ...window, terms: defaultTerms({ head, utility, gridBits }).data });
  return window.seats.map(({ seat }) => Number(sharesPpb.get(seat) ?? 0n));
};
