import { ChongwenError } from "../../../protocol/errors.ts";
import { ROUND_STATES } from "../../../protocol/ledger/states.ts";
import type { Kernel } from "../../chain/kernel.ts";
import type { Digest } from "../cid.ts";
import type { Named, NamedFederation, NamedRound, NamedSettlement } from "./named.ts";

/** Seconds since 1970 by block number. A block that is final to a round's finality is never asked for twice. */
export type BlockTimes = Map<bigint, number>;

const AT_ONCE = 32;

/**
 * Every artefact that a ledger names, in all federations: a store is shared by them.
 * @param times Remembered from one reading to the next.
 * @throws chain-incomplete
 */
export async function readNamed(kernel: Kernel, times: BlockTimes = new Map()): Promise<Named> {
  const count = await kernel.rounds.read.federationCount();
  const federations: NamedFederation[] = [];
  for (let federation = 1; federation <= count; federation++) federations.push(await readFederation(kernel, federation, times));
  return { federations, cards: await readCards(kernel) };
}

async function readFederation(kernel: Kernel, federation: number, times: BlockTimes): Promise<NamedFederation> {
  const { client, deployment, rounds, settlement, attestations, operators, treasury } = kernel;
  const events = { args: { federation }, fromBlock: deployment.fromBlock, strict: true } as const;
  const [created, reconfigured, reported, finalised, approved, proposed, account, unbonding, vault] = await Promise.all([
    client.getContractEvents({ ...rounds, ...events, eventName: "FederationCreated" }),
    client.getContractEvents({ ...rounds, ...events, eventName: "FederationReconfigured" }),
    client.getContractEvents({ ...rounds, ...events, eventName: "RoundReported" }),
    client.getContractEvents({ ...rounds, ...events, eventName: "RoundFinalised" }),
    client.getContractEvents({ ...attestations, ...events, eventName: "RoundApproved" }),
    client.getContractEvents({ ...settlement, ...events, eventName: "SettlementProposed" }),
    settlement.read.accountOf([federation]),
    operators.read.unbondingPeriod(),
    treasury.read.vaultOf([federation]),
  ]);
  // Asked last: what was reported since the events were read is too young to be swept.
  const head = await rounds.read.headOf([federation]);
  const [genesis] = created;
  if (genesis === undefined) throw missing(`creation of federation ${federation}`);

  const known: NamedRound[] = [];
  for (let first = 1; first <= head.last; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, head.last - first + 1) }, (_, i) => first + i);
    known.push(...(await Promise.all(numbers.map(readRound))));
  }

  async function readRound(round: number): Promise<NamedRound> {
    const { state, hash, parentRound } = await rounds.read.roundOf([federation, round]);
    const name = ROUND_STATES[state];
    if (name === undefined || name === "None") throw missing(`round ${round} of federation ${federation}`);
    const done = finalised.findLast(({ args }) => args.round === round && args.reportHash === hash);
    if (name === "Final" && done === undefined) throw missing(`finality of round ${round} of federation ${federation}`);
    if ((name === "Final" || name === "Reported") && !reported.some(({ args }) => args.reportHash === hash)) throw missing(`report of round ${round} of federation ${federation}`);
    const finalAt = name === "Final" && done !== undefined ? await timeOf(kernel, done.blockNumber, times) : null;
    return { round, state: name, parentRound, reportHash: hash, finalAt, approved: approved.some(({ args }) => args.round === round && args.reportHash === hash) };
  }

  const windows = [...created, ...reconfigured].map(({ args: { config } }) => config.reportWindow + config.challengeWindow + config.approvalWindow);
  return {
    federation,
    genesis: genesis.args.artefact,
    rounds: known,
    reports: reported.map(({ args }) => ({ round: args.round, artefact: args.report.artefact, reportHash: args.reportHash, deadline: Number(args.deadline) })),
    settlements: settlementsOf(proposed.map(({ args }) => ({ ...args, ...args.statement, deadline: Number(args.deadline) })), account),
    tip: head.tip,
    settles: BigInt(vault) !== 0n,
    settledThrough: account.settledThrough,
    accountable: Math.max(...windows) + Number(unbonding),
  };
}

interface Proposal {
  readonly index: number;
  readonly firstRound: number;
  readonly lastRound: number;
  readonly artefact: Digest;
  readonly deadline: number;
}

/** The last one proposed under an index is the one that stands, if any does; all before it were overturned. */
function settlementsOf(proposals: readonly Proposal[], { nextIndex, state }: { readonly nextIndex: number; readonly state: number }): NamedSettlement[] {
  return proposals.map(({ index, firstRound, lastRound, artefact, deadline }, i) => {
    const isLast = !proposals.slice(i + 1).some((later) => later.index === index);
    const name = !isLast ? "Overturned" : index < nextIndex ? "Final" : state !== 0 ? "Proposed" : "Overturned";
    return { index, state: name, firstRound, lastRound, artefact, deadline };
  });
}

async function readCards({ client, deployment, datasets }: Kernel): Promise<Named["cards"]> {
  const range = { fromBlock: deployment.fromBlock, strict: true } as const;
  const logs = await Promise.all([
    client.getContractEvents({ ...datasets, ...range, eventName: "DatasetProposed" }),
    client.getContractEvents({ ...datasets, ...range, eventName: "AmendmentProposed" }),
    client.getContractEvents({ ...datasets, ...range, eventName: "DatasetAmended" }),
  ]);
  const named = logs.flat().map(({ args: { dataset, terms } }) => ({ dataset, card: terms.card }));
  if (named.length < (await datasets.read.datasetCount())) throw missing("registration of some datasets");
  return [...new Map(named.map((entry) => [`${entry.dataset} ${entry.card}`, entry])).values()];
}

async function timeOf({ client }: Kernel, blockNumber: bigint, times: BlockTimes): Promise<number> {
  const known = times.get(blockNumber);
  if (known !== undefined) return known;
  const time = Number((await client.getBlock({ blockNumber })).timestamp);
  times.set(blockNumber, time);
  return time;
}

const missing = (what: string): ChongwenError =>
  new ChongwenError({ code: "chain-incomplete", message: `The endpoint has no ${what}.`, fix: "Use an endpoint with full history (--rpc).", retryable: true });
