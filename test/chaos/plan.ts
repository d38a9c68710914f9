/** What a seed does to a run: everything is decided before it begins. */
import { createRandom, type Random } from "./random.ts";
import { LIES, RPC_FAULTS, type RpcFault } from "./rpc-faults.ts";
import type { Dying, FullDisk } from "./persistence.ts";

/** What one process of a service goes through; the next one goes on in its folder. The last life has nothing to fear. */
export interface Life {
  readonly die: Dying | null;
  readonly full: FullDisk | null;
  /** Seconds by which the machine's clock is wrong. */
  readonly skew: number;
  /** Killed after so many milliseconds, wherever it is. */
  readonly killAfter: number | null;
}

export interface PlannedRpcFault {
  readonly kind: RpcFault;
  /** One endpoint, or all. */
  readonly endpoint: number | "all";
  /** Requests. */
  readonly after: number;
  readonly lasts: number;
}

/** @param transaction The how-manieth that is sent; its block is the first to be taken back. @param wait Milliseconds until then. @param resent Whether the chain's pool still has what was taken back. */
export interface Reorganisation {
  readonly transaction: number;
  readonly wait: number;
  readonly depth: number;
  readonly resent: boolean;
}

export const HOSTILE = ["bent model", "forged signature", "wrong base"] as const;
export type Hostile = (typeof HOSTILE)[number];

export interface Plan {
  readonly seed: number;
  readonly rounds: number;
  /** Several with the same operators: they submit at once. */
  readonly services: number;
  readonly endpoints: 1 | 3;
  readonly order: "ahead" | "reversed" | "one by one";
  readonly hostile: Hostile | null;
  /** Whether each transaction has a block at once, or waits for the next one. */
  readonly blocks: "at once" | "in time";
  /** By service. */
  readonly lives: readonly (readonly Life[])[];
  readonly rpc: readonly PlannedRpcFault[];
  readonly reorganisations: readonly Reorganisation[];
  /** Whether every service is killed once more when all is over, and has to start on what it wrote down by then. */
  readonly again: boolean;
}

/** The points at which a service can be killed, and how often a run without faults gets to each. */
export type KillPoints = Readonly<Record<string, number>>;

export const MOST_ROUNDS = 3;
const SAFE: Life = { die: null, full: null, skew: 0, killAfter: null };

/** @param quiet A run without any fault: what others are measured against. */
export function quietPlan(rounds: number): Plan {
  return { seed: 0, rounds, services: 1, endpoints: 1, order: "ahead", hostile: null, blocks: "at once", lives: [[SAFE]], rpc: [], reorganisations: [], again: false };
}

export function planOf(seed: number, points: KillPoints): Plan {
  const random = createRandom(seed);
  const rounds = random.int(2, MOST_ROUNDS);
  const services = random.chance(0.25) ? 2 : 1;
  const endpoints = random.chance(0.5) ? 3 : 1;
  const rpc = rpcFaults(seed, endpoints, random);
  return {
    seed, rounds, services, endpoints, rpc,
    order: random.pick(["ahead", "ahead", "reversed", "one by one"]),
    hostile: random.chance(0.3) ? random.pick(HOSTILE) : null,
    blocks: random.chance(0.25) ? "in time" : "at once",
    lives: Array.from({ length: services }, (_, service) => livesOf(seed, service, points, random)),
    again: seed % 4 === 3,
    reorganisations: seed % 2 === 0 ? [reorganisation(seed / 2, rounds, random)] : [],
  };
}

/** Every depth in its turn. What is to be shallow must not wait until more blocks have come. */
function reorganisation(turn: number, rounds: number, random: Random): Reorganisation {
  const depth = 1 + (turn % 32);
  return { transaction: random.int(0, 3 * rounds), wait: random.pick(depth < 5 ? [0, 20] : [0, 50, 300, 900]), depth, resent: random.chance(0.5) };
}

function livesOf(seed: number, service: number, points: KillPoints, random: Random): Life[] {
  const names = Object.keys(points).toSorted();
  const lives: Life[] = [];
  const kills = random.pick([1, 1, 2, 2, 3]);
  for (let i = 0; i < kills; i++) {
    // One after the other, so that a run of many seeds gets to all of them. The first life gets to its point the first time: nothing has kept it from there yet.
    const point = names[(seed + 27 * i + 13 * service) % Math.max(1, names.length)];
    const atRandom = point === undefined || (i > 0 && random.chance(0.3));
    const time = i === 0 ? 1 : 1 + Math.floor(random.next() ** 2 * Math.min(4, points[point ?? ""] ?? 1));
    lives.push({ ...SAFE, ...(atRandom ? { killAfter: random.int(300, 3_000) } : { die: { point, time } }) });
  }
  if (random.chance(0.25)) lives.push({ ...SAFE, full: { from: random.int(1, 80), lasts: random.int(1, 12) }, killAfter: random.int(2_500, 4_000) });
  if (random.chance(0.2)) lives.push({ ...SAFE, skew: random.pick([-86_400, -3_600, 3_600, 86_400]), killAfter: random.int(2_500, 4_000) });
  return [...lives, SAFE];
}

/** How many requests pass before a fault, and during it, for those that only some requests can show. */
const EXTENT: Partial<Record<RpcFault, readonly [after: number, lasts: number]>> = {
  timeout: [400, 6], "wrong chain id": [1, 3], "dropped transaction": [5, 2], "nonce too low": [5, 2], underpriced: [5, 3], "false receipt": [15, 20], "truncated logs": [40, 40], "gas spike": [60, 60], "clock skew": [60, 60],
};

/** Of three: a service asks for the chain's id once, when it starts, and begins with this one. */
const ASKED_FIRST = 1;

function rpcFaults(seed: number, endpoints: number, random: Random): PlannedRpcFault[] {
  const count = random.pick([0, 1, 1, 2, 3]);
  return Array.from({ length: count }, (_, i): PlannedRpcFault => {
    const wanted = RPC_FAULTS[(seed + 5 * i) % RPC_FAULTS.length] as RpcFault;
    const kind = endpoints === 1 && LIES.has(wanted) ? random.pick(RPC_FAULTS.filter((other) => !LIES.has(other))) : wanted;
    const [after, lasts] = EXTENT[kind] ?? [500, 60];
    // Liars do not conspire: with three endpoints one lies at a time.
    const liar = kind === "wrong chain id" ? ASKED_FIRST : 0;
    const endpoint = endpoints === 1 ? 0 : LIES.has(kind) || random.chance(0.5) ? liar : "all";
    return { kind, endpoint, after: random.int(0, after), lasts: random.int(1, lasts) };
  });
}

/** In words, one line each. */
export function describePlan({ rounds, services, endpoints, order, hostile, blocks, lives, rpc, reorganisations, again }: Plan): string[] {
  return [
    `${rounds} rounds handed over ${order}; ${services} service${services > 1 ? "s" : ""} with ${endpoints} endpoint${endpoints > 1 ? "s" : ""}; blocks come ${blocks}`,
    ...(hostile === null ? [] : [`somebody hands over a bundle with a ${hostile}`]),
    ...lives.flatMap((all, service) => all.map((life) => `service ${service}: ${describeLife(life)}`).filter((line) => !line.endsWith(": "))),
    ...rpc.map(({ kind, endpoint, after, lasts }) => `endpoint ${endpoint}: ${kind}, for ${lasts} requests after ${after}`),
    ...reorganisations.map(({ transaction, wait, depth, resent }) => `a reorganisation of depth ${depth} takes back transaction ${transaction} after ${wait} ms${resent ? ", and the pool still has it" : ""}`),
    ...(again ? ["all services are killed and started once more when everything is final"] : []),
  ];
}

function describeLife({ die, full, skew, killAfter }: Life): string {
  return [
    ...(die === null ? [] : [`killed ${die.point}, time ${die.time}`]),
    ...(full === null ? [] : [`its disk is full from write ${full.from} for ${full.lasts}`]),
    ...(skew === 0 ? [] : [`its clock is ${skew} s wrong`]),
    ...(killAfter === null ? [] : [`killed after ${killAfter} ms`]),
  ].join(", ");
}
