import { protocolError } from "../errors.ts";

/** @throws length-mismatch */
export function requireSame(what: string, expected: number, actual: number): void {
  if (expected !== actual) throw protocolError("length-mismatch", `There are ${actual} ${what}, and ${expected} are needed.`);
}
