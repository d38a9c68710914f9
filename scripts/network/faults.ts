/** What can befall an operator of the local network, and how it is over. */
import type { OperatorProcess } from "./operator.ts";
import { STRAIGHT, type Behaviour, type Wire } from "./wire.ts";

export const FAULTS = ["kill", "slow", "lie", "partition"] as const;
export type FaultName = (typeof FAULTS)[number];

export interface PlannedFault {
  readonly fault: FaultName;
  /** Which operator; from 1. */
  readonly operator: number;
}

/** Milliseconds by which everything to and from a slow operator is late. */
const SLOWNESS = 4_000;

const SAID: Readonly<Record<FaultName, string>> = {
  kill: "is killed", slow: `answers ${SLOWNESS / 1000} s late`, lie: "gives signatures over something else", partition: "is cut off from the others",
};
export const describeFault = ({ fault, operator }: PlannedFault): string => `operator ${operator} ${SAID[fault]}`;

/** One nibble of every signature is another. */
const bend = (body: string, route: string): string =>
  route.endsWith("/signatures") ? body.replace(/("signature":"0x)([0-9a-f])/, (_, before: string, digit: string) => `${before}${((Number.parseInt(digit, 16) + 1) % 16).toString(16)}`) : body;

const BEHAVIOURS: Readonly<Record<Exclude<FaultName, "kill">, Behaviour>> = {
  slow: { ...STRAIGHT, delay: SLOWNESS },
  lie: { ...STRAIGHT, bend },
  partition: { ...STRAIGHT, cut: true },
};

/** @param wires By who asks and who is asked; from 1. */
export async function begin({ fault, operator }: PlannedFault, operators: readonly OperatorProcess[], wires: ReadonlyMap<string, Wire>): Promise<void> {
  if (fault === "kill") return operators.find(({ number }) => number === operator)?.kill();
  for (const [name, wire] of wires) {
    const [from, to] = name.split(">").map(Number);
    // A liar lies to the others; it hears them well enough.
    if (to === operator || (from === operator && fault !== "lie")) wire.behave(BEHAVIOURS[fault]);
  }
}

export async function end({ fault, operator }: PlannedFault, operators: readonly OperatorProcess[], wires: ReadonlyMap<string, Wire>): Promise<void> {
  if (fault === "kill") return operators.find(({ number }) => number === operator)?.start();
  for (const wire of wires.values()) wire.behave(STRAIGHT);
}
