/** Figures inside sentences: exact, and the same in every language. */
import { formatUnits } from "viem/utils";

const grouped = (digits: string): string => digits.replaceAll(/\B(?=(\d{3})+$)/g, ",");

export const count = (value: number | bigint): string => grouped(value.toString());

/** An amount of SHU (10^-18), exact. */
export function shu(amount: bigint): string {
  const [whole = "0", fraction] = formatUnits(amount, 18).split(".");
  return fraction === undefined ? grouped(whole) : `${grouped(whole)}.${fraction}`;
}

export interface DurationWords {
  readonly day: (count: number) => string;
  readonly hour: (count: number) => string;
  readonly minute: (count: number) => string;
  readonly second: (count: number) => string;
  readonly joint: string;
}

/** Exact: no unit that counts is dropped. */
export function duration(seconds: number | bigint, words: DurationWords): string {
  let rest = BigInt(seconds);
  const parts: string[] = [];
  for (const [unit, size] of [["day", 86_400n], ["hour", 3600n], ["minute", 60n], ["second", 1n]] as const) {
    if (rest >= size) parts.push(words[unit](Number(rest / size)));
    rest %= size;
  }
  return parts.length === 0 ? words.second(0) : parts.join(words.joint);
}

export const RULES: Readonly<Record<number, string>> = { 1: "fedavg", 2: "norm-clip", 3: "trimmed-mean", 4: "median" };
export const MODES: Readonly<Record<number, string>> = { 0: "A", 1: "B", 2: "C" };
export const FINALITY: Readonly<Record<number, string>> = { 0: "Automatic", 1: "Attested", 2: "Governed" };
