/** What a verification found out, one line a comparison: for a person to read and a program to count. */

/** @param subject The file, and where it helps the place in it. @param expected,actual As text; equal when `ok`. */
export interface Check {
  readonly name: string;
  readonly subject: string;
  readonly ok: boolean;
  readonly expected: string;
  readonly actual: string;
}

type Comparable = string | number | bigint | boolean;

export interface CheckList {
  readonly checks: Check[];
  /** Records whether `actual` is `expected`, and returns it. */
  same(name: string, subject: string, expected: Comparable, actual: Comparable): boolean;
}

/** Hashes and addresses count as equal in either case. */
function textOf(value: Comparable): string {
  const text = String(value);
  return text.startsWith("0x") ? text.toLowerCase() : text;
}

export function createCheckList(): CheckList {
  const checks: Check[] = [];
  return {
    checks,
    same(name, subject, expected, actual) {
      const check = { name, subject, expected: textOf(expected), actual: textOf(actual) };
      const ok = check.expected === check.actual;
      checks.push({ ...check, ok });
      return ok;
    },
  };
}

/** First check that failed, or null. */
export function firstFailure(checks: readonly Check[]): Check | null {
  return checks.find(({ ok }) => !ok) ?? null;
}

/**
 * Compares two vectors lane by lane and records the first difference only.
 * @param what Names a lane in the message: "coordinate", "seat".
 */
export function sameLanes(list: CheckList, name: string, subject: string, expected: Lanes, actual: Lanes, what: string): boolean {
  if (expected.length !== actual.length) return list.same(name, subject, `${expected.length} values`, `${actual.length} values`);
  let x = 0;
  while (x < expected.length && expected[x] === actual[x]) x++;
  if (x === expected.length) return list.same(name, subject, `${x} values`, `${x} values`);
  return list.same(name, subject, `${what} ${x}: ${String(expected[x])}`, `${what} ${x}: ${String(actual[x])}`);
}

type Lanes = ArrayLike<number> | ArrayLike<bigint> | ArrayLike<string>;
