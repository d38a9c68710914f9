import type { Json } from "./canonical-json.ts";

/** Where two values first differ, and what stands there; null when they do not. */
export interface Difference {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

const show = (value: Json | undefined): string => (value === undefined ? "absent" : typeof value === "object" && value !== null ? (Array.isArray(value) ? `${value.length} items` : "an object") : String(value));

/** In the order of `expected`: so that a person can look at one place instead of two files. */
export function firstDifference(expected: Json | undefined, actual: Json | undefined, path = ""): Difference | null {
  if (expected === actual) return null;
  const isParent = (value: Json | undefined): value is Json & object => typeof value === "object" && value !== null;
  if (!isParent(expected) || !isParent(actual) || Array.isArray(expected) !== Array.isArray(actual)) return { path, expected: show(expected), actual: show(actual) };
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length !== actual.length) return { path, expected: show(expected), actual: show(actual) };
  const [left, right] = [expected, actual] as unknown as { readonly [key: string]: Json }[];
  for (const key of new Set([...Object.keys(left!), ...Object.keys(right!)])) {
    const found = firstDifference(left![key], right![key], path === "" ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}
