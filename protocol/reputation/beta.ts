/**
 * Reputation of an operator from what the ledger records: the mean of Beta(1 + final, 1 + overturned), the estimate of the chance that its next
 * statement stands, starting from no knowledge at all. Source: A. Jøsang and R. Ismail, "The Beta Reputation System", 15th Bled Electronic Commerce
 * Conference, 2002. A reading aid: no contract enforces it, and it multiplies no signature.
 */
import { protocolError } from "../errors.ts";

/** @param final Statements that became final. @param overturned Statements that were proven wrong. */
export interface Evidence {
  readonly final: number;
  readonly overturned: number;
}

/** @param mean Between 0 and 1, never either. @param deviation Standard deviation of the same distribution. @param uncertainty 1 without any evidence, towards 0 with much. */
export interface Reputation {
  readonly mean: number;
  readonly deviation: number;
  readonly uncertainty: number;
}

/** @throws out-of-range */
export function betaReputation({ final, overturned }: Evidence): Reputation {
  for (const [name, value] of Object.entries({ final, overturned })) {
    if (!Number.isSafeInteger(value) || value < 0) throw protocolError("out-of-range", `${name} is ${value}, not a count.`);
  }
  const alpha = 1 + final;
  const beta = 1 + overturned;
  const sum = alpha + beta;
  return { mean: alpha / sum, deviation: Math.sqrt((alpha / sum) * (beta / sum) / (sum + 1)), uncertainty: 2 / sum };
}
