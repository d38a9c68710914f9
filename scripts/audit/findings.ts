import type { Check } from "../../protocol/bundle/checks.ts";
import { ChongwenError } from "../../protocol/errors.ts";

/** What an audit found wrong. @param kind mismatch: shown to be wrong · unverified: could not be looked at. */
export interface Finding {
  readonly kind: "mismatch" | "unverified";
  /** What of the ledger: "round 3", "settlement 1", "dataset 2". */
  readonly entry: string;
  /** Where in it: a file of its bundle, or a field. */
  readonly subject: string;
  readonly message: string;
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
]);

/** Collects what was compared. The first mismatch is what an auditor looks at first. */
export interface Ledgerbook {
  readonly findings: readonly Finding[];
  readonly checked: number;
  same(entry: string, subject: string, name: string, expected: string | number | bigint, actual: string | number | bigint): void;
  take(entry: string, checks: readonly Check[]): void;
  /** Blocks that were re-hashed and are what their address says. */
  reread(blocks: number): void;
  /** An entry that cannot be recomputed because another, which has a finding of its own, could not be read. */
  dependsOn(entry: string, other: string): void;
  /** @throws what is no finding but a failure of the audit itself */
  fault(entry: string, error: unknown): void;
}

export function createLedgerbook(): Ledgerbook {
  const findings: Finding[] = [];
  let checked = 0;
  const same: Ledgerbook["same"] = (entry, subject, name, expected, actual) => {
    checked += 1;
    if (String(expected).toLowerCase() === String(actual).toLowerCase()) return;
    findings.push({ kind: "mismatch", entry, subject, message: `${name} is ${actual}, expected ${expected}` });
  };
  return {
    findings,
    get checked() {
      return checked;
    },
    same,
    take: (entry, checks) => checks.forEach(({ subject, name, expected, actual }) => same(entry, subject, name, expected, actual)),
    reread(blocks) {
      checked += blocks;
    },
    dependsOn(entry, other) {
      findings.push({ kind: "unverified", entry, subject: "", message: `not recomputed: it builds on ${other}, which could not be verified` });
    },
    fault(entry, error) {
      if (!(error instanceof ChongwenError)) throw error;
      checked += 1;
      const cause = error.cause instanceof ChongwenError ? error.cause : error;
      const subject = "place" in cause ? String((cause.place as { path?: string }).path ?? "") : "";
      findings.push({ kind: UNVERIFIED.has(cause.code) ? "unverified" : "mismatch", entry, subject, message: cause.message });
    },
  };
}
