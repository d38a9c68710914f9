import type { Check } from "../bundle/checks.ts";
import { ChongwenError } from "../errors.ts";

/** What an audit found wrong. @param kind mismatch: shown to be wrong · unverified: could not be looked at · erased: said to have been erased. */
export interface Finding {
  readonly kind: "mismatch" | "unverified" | "erased";
  /** What of the ledger: "round 3", "settlement 1", "dataset 2". */
  readonly entry: string;
  /** Where in it: a file of its bundle, or a field. */
  readonly subject: string;
  readonly message: string;
}

/** One comparison, whether it held or not. @param entry What of the ledger it is about. */
export interface Comparison extends Check {
  readonly entry: string;
}

/** Failures that say nothing about the artefact: it was not there, or this software cannot judge it. */
const UNVERIFIED = new Set([
  "artefact-missing",
  "artefact-too-large",
  "store-unavailable",
  "bundle-unreadable",
  "version-unknown",
  "rule-unknown",
  "unsupported",
  "privacy-mode-unsupported",
  "envelope-key-missing",
  "artefact-withheld",
]);

/** A file that was left out of a dossier on purpose: the rest can be looked at. */
export const WITHHELD = "artefact-withheld";

/** A file that is gone because someone erased it, and says so, is not a file that differs. */
export const ERASED = "artefact-erased";

export function kindOf(code: string): Finding["kind"] {
  if (code === ERASED) return "erased";
  return UNVERIFIED.has(code) ? "unverified" : "mismatch";
}

/** Collects what was compared. The first mismatch is what an auditor looks at first. */
export interface Ledgerbook {
  readonly findings: readonly Finding[];
  readonly comparisons: readonly Comparison[];
  readonly checked: number;
  same(entry: string, subject: string, name: string, expected: string | number | bigint, actual: string | number | bigint): void;
  take(entry: string, checks: readonly Check[]): void;
  /** Blocks that were re-hashed and are what their address says. */
  reread(blocks: number): void;
  /** An entry that cannot be recomputed because another, which has a finding of its own, could not be read. */
  dependsOn(entry: string, other: string): void;
  /** An entry of which there is nothing to recompute. */
  unverified(entry: string, message: string, subject?: string): void;
  /** @throws what is no finding but a failure of the audit itself */
  fault(entry: string, error: unknown): void;
}

export function createLedgerbook(): Ledgerbook {
  const findings: Finding[] = [];
  const comparisons: Comparison[] = [];
  let checked = 0;
  const same: Ledgerbook["same"] = (entry, subject, name, expected, actual) => {
    checked += 1;
    const comparison = { entry, name, subject, expected: String(expected), actual: String(actual) };
    const ok = comparison.expected.toLowerCase() === comparison.actual.toLowerCase();
    comparisons.push({ ...comparison, ok });
    if (!ok) findings.push({ kind: "mismatch", entry, subject, message: `${name} is ${actual}, expected ${expected}` });
  };
  const unverified: Ledgerbook["unverified"] = (entry, message, subject = "") => {
    findings.push({ kind: "unverified", entry, subject, message });
  };
  return {
    findings,
    comparisons,
    get checked() {
      return checked;
    },
    same,
    unverified,
    take: (entry, checks) => checks.forEach(({ subject, name, expected, actual }) => same(entry, subject, name, expected, actual)),
    reread(blocks) {
      checked += blocks;
    },
    dependsOn: (entry, other) => unverified(entry, `not recomputed: it builds on ${other}, which could not be verified`),
    fault(entry, error) {
      if (!(error instanceof ChongwenError)) throw error;
      checked += 1;
      const cause = error.cause instanceof ChongwenError ? error.cause : error;
      const subject = "place" in cause ? String((cause.place as { path?: string }).path ?? "") : "";
      findings.push({ kind: kindOf(cause.code), entry, subject, message: cause.message });
    },
  };
}
