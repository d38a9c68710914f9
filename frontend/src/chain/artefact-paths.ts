/**
 * Files of the bundles that this page reads. The same as in `protocol/bundle`, whose modules would bring the whole manifest schemas along to every
 * visitor; a test compares the two.
 */
export const ARTEFACT_PATHS = {
  manifest: "manifest.json",
  metrics: "metrics.json",
  members: "members.bin",
  scores: "scores.bin",
  entitlements: "entitlements.bin",
  seats: "seats.bin",
  weights: "weights.bin",
} as const;
