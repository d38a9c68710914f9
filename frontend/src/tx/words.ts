import type { Problem } from "./problem.ts";
import type { TransactionText } from "./text.en.ts";

/** A problem in plain words of the reader's language; the contract's own name for it where there are none. */
export function wordsFor({ kind, revert }: Pick<Problem, "kind" | "revert">, text: TransactionText): string {
  if (revert === undefined) return text.problems[kind];
  return text.reverts[revert] ?? text.refusedBy(revert);
}
