import type { Verification } from "../../../protocol/audit/report.ts";
import { commandFor, subjectText, type Address } from "./subject.ts";
import type { Contact } from "./worker/egress.ts";
import type { Outcome } from "./worker/question.ts";

/** As `protocol/audit/report.ts` defines it; the sum as the command line would exit. */
export function verdictOf(findings: Outcome["findings"]): Pick<Verification, "verdict" | "exitCode"> {
  if (findings.some(({ kind }) => kind === "mismatch")) return { verdict: "mismatch", exitCode: 3 };
  return findings.length === 0 ? { verdict: "verified", exitCode: 0 } : { verdict: "unverified", exitCode: 5 };
}

export function commandOf({ subject, federation }: Outcome, { endpoints }: Address): string {
  return commandFor(subject, federation, endpoints[0]);
}

export function reportOf(outcome: Outcome, address: Address, contacted: readonly Contact[], madeAt: Date): Verification {
  const { subject, federation, rungs, findings, comparisons, chain, tampered } = outcome;
  return {
    format: "chongwen-verification",
    version: 1,
    madeAt: madeAt.toISOString(),
    subject: subjectText(subject),
    federation,
    ...verdictOf(findings),
    rungs: [...rungs],
    findings: [...findings],
    comparisons: comparisons.map(({ entry, subject, name, ok, expected, actual }) => ({ entry, subject, name, ok, expected, actual })),
    chain,
    contacted: [...contacted],
    tampered,
    command: commandOf(outcome, address),
  };
}
