import type { Address, Hash, Hex } from "viem";
import { ChongwenError } from "../errors.ts";
import type { Party } from "../scoring/evidence.ts";
import { contractsOf, type LedgerChain } from "./chain.ts";
import type { QualityFacts } from "./facts.ts";
import { ROUND_STATES } from "./states.ts";

/** What a settlement by `quality-v1` takes from the chain. Read at any time, everybody gets the same: each item is dated, and nothing that came later counts. */
export interface QualityQuestion {
  readonly federation: number;
  readonly index: number;
  readonly firstRound: number;
  readonly lastRound: number;
  /** Pins the last final round covered. */
  readonly lastReportHash: Hash;
}

type SeatOnChain = QualityFacts["seats"][number];

const NO_CARD: Hex = `0x${"00".repeat(32)}`;
const missing = (what: string) => new ChongwenError({ code: "chain-incomplete", message: `The endpoint has no ${what}.`, fix: "Use an endpoint with full history (--rpc).", retryable: true });

/** @throws chain-incomplete */
export async function readQuality(chain: LedgerChain, question: QualityQuestion): Promise<QualityFacts> {
  const { federation } = question;
  const { client, deployment } = chain;
  const { rounds } = contractsOf(deployment);
  const reports = await client.getContractEvents({ ...rounds, eventName: "RoundReported", args: { federation }, fromBlock: deployment.fromBlock, strict: true });
  const last = reports.findLast(({ args }) => args.reportHash === question.lastReportHash);
  if (last === undefined) throw missing(`report ${question.lastReportHash}`);
  const parties = createParties(chain);
  const [seats, commendations, holdouts, signers] = await Promise.all([
    readSeats(chain, federation, last.blockNumber, parties),
    readVoices(chain, question, Number(last.args.deadline)),
    readHoldouts(chain, federation),
    readSigners(chain, question, parties),
  ]);
  return { seats, commendations, holdouts, reports: signers };
}

type Parties = (organisation: number) => Promise<Party>;

/** The cluster of an organisation never changes. */
function createParties({ client, deployment }: LedgerChain): Parties {
  const known = new Map<number, Promise<Party>>();
  const read = async (organisation: number): Promise<Party> => {
    const { cluster } = await client.readContract({ ...contractsOf(deployment).contributors, functionName: "organisationOf", args: [organisation] });
    return { organisation, cluster };
  };
  return (organisation) => {
    const party = known.get(organisation) ?? read(organisation);
    known.set(organisation, party);
    return party;
  };
}

/** Seats granted up to the last report, with the registered terms of the version that each was granted or renewed for by then. */
async function readSeats({ client, deployment }: LedgerChain, federation: number, toBlock: bigint, parties: Parties): Promise<SeatOnChain[]> {
  const { contributors, datasets, seats } = contractsOf(deployment);
  const range = { fromBlock: deployment.fromBlock, toBlock, strict: true } as const;
  const [granted, renewed, proposed, amended] = await Promise.all([
    client.getContractEvents({ ...seats, eventName: "SeatGranted", args: { federation }, ...range }),
    client.getContractEvents({ ...seats, eventName: "SeatRenewed", args: { federation }, ...range }),
    client.getContractEvents({ ...datasets, eventName: "DatasetProposed", ...range }),
    client.getContractEvents({ ...datasets, eventName: "DatasetAmended", ...range }),
  ]);
  return Promise.all(
    granted.map(async ({ args: { seat, contributor, dataset, version } }): Promise<SeatOnChain> => {
      const { organisation } = await client.readContract({ ...contributors, functionName: "contributorOf", args: [contributor] });
      const party = await parties(organisation);
      if (dataset === 0) return { contributor, ...party, dataset, records: 0, card: NO_CARD };
      const current = renewed.findLast((log) => log.args.seat === seat)?.args.version ?? version;
      const terms = amended.find(({ args }) => args.dataset === dataset && args.version === current)?.args.terms ?? proposed.find(({ args }) => args.dataset === dataset)?.args.terms;
      if (terms === undefined) throw missing(`terms of dataset ${dataset}`);
      return { contributor, ...party, dataset, records: terms.records, card: terms.card };
    }),
  );
}

/** Voices given by the deadline of the last final round covered: a settlement can only be proposed after it, and a voice is never changed. */
async function readVoices({ client, deployment }: LedgerChain, { federation, index }: QualityQuestion, until: number): Promise<QualityFacts["commendations"]> {
  const voices = await client.readContract({ ...contractsOf(deployment).commendations, functionName: "voicesOf", args: [federation, index] });
  return voices
    .filter(({ givenAt }) => givenAt <= until)
    .map(({ organisation, seats }) => ({ organisation, seats: [...seats] }))
    .sort((a, b) => a.organisation - b.organisation);
}

async function readHoldouts({ client, deployment }: LedgerChain, federation: number): Promise<QualityFacts["holdouts"]> {
  const { holdouts } = contractsOf(deployment);
  const logs = await client.getContractEvents({ ...holdouts, eventName: "HoldoutCommitted", args: { federation }, fromBlock: deployment.fromBlock, strict: true });
  return logs.map(({ args: { commitment, fromRound } }) => ({ commitment, fromRound }));
}

/** Whose operators signed each final round's report. A report of one party alone was signed by no quorum. */
async function readSigners({ client, deployment }: LedgerChain, { federation, firstRound, lastRound }: QualityQuestion, parties: Parties): Promise<QualityFacts["reports"]> {
  const { operators, rounds } = contractsOf(deployment);
  const admitted = await client.getContractEvents({ ...operators, eventName: "OperatorAdmitted", fromBlock: deployment.fromBlock, strict: true });
  const organisationOf = (operator: Address): number => {
    const found = admitted.findLast(({ args }) => args.operator === operator);
    if (found === undefined) throw missing(`admission of operator ${operator}`);
    return found.args.organisation;
  };
  const covered = Array.from({ length: lastRound - firstRound + 1 }, (_, i) => firstRound + i);
  const read = covered.map(async (round): Promise<QualityFacts["reports"]> => {
    const { state, reporters, reportEpoch } = await client.readContract({ ...rounds, functionName: "roundOf", args: [federation, round] });
    if (ROUND_STATES[state] !== "Final") return [];
    const set = reportEpoch === 0 ? [] : await client.readContract({ ...operators, functionName: "signersOf", args: [reportEpoch] });
    const organisations = new Set(set.flatMap((operator, i) => ((reporters >>> i) & 1 ? [organisationOf(operator)] : [])));
    const signers = await Promise.all([...organisations].sort((a, b) => a - b).map(parties));
    return [{ round, signers }];
  });
  return (await Promise.all(read)).flat();
}
