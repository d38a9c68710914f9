import { hexToBytes, zeroAddress, type Address, type Hex } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import type { LedgerSettlement } from "../../protocol/faults/find-settlement-fault.ts";
import {
  accumulate,
  columnHash,
  COLUMN_WIDTHS,
  SETTLEMENT_FILES,
  statementHash,
  unpackUints,
  type SettlementStatement,
} from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import { findCall } from "./calldata.ts";
import type { Fetcher } from "./fetch.ts";
import { readInParts, type BlockRange } from "./logs.ts";
import { incomplete, RoundMoved } from "./read-round.ts";

/** Seats of the largest federation that a member table is read for. */
const TABLE_LIMIT = 36 * 2 ** 16;

/** A settlement under way, put together from the chain alone. */
export interface SettlementOnChain {
  readonly ledger: Omit<LedgerSettlement, "dueScores">;
  /** Artefact of the settlement before, whose member table this one adds to; null for the first. */
  readonly previousArtefact: Hex | null;
}

/**
 * Reads all that the chain says of the settlement under way: its calldata, its rounds and their weights, and who is paid.
 * @throws RoundMoved when there is none; chain-incomplete (retryable)
 */
export async function readSettlement(kernel: Kernel, federation: number): Promise<SettlementOnChain> {
  const { client, settlement, deployment, treasury } = kernel;
  const account = await settlement.read.accountOf([federation]);
  if (account.state === 0) throw new RoundMoved("The settlement is no longer under way.");
  const range = { fromBlock: deployment.fromBlock, toBlock: await client.getBlockNumber() };
  const proposals = await readProposals(kernel, federation, range);
  const proposal = proposals.findLast(({ args }) => statementHash(args.statement) === account.statementHash);
  if (proposal === undefined) throw incomplete(`proposal of settlement ${account.nextIndex}`);
  const { statement } = proposal.args;
  const columns = await readColumns(kernel, proposal.transactionHash, statement);
  const vault = await treasury.read.vaultOf([federation]);
  const finalRound = await lastFinalRound(kernel, federation, statement);
  const before = proposals.findLast(({ args }) => args.index < statement.index);
  return {
    ledger: {
      domain: { chainId: deployment.chainId, vault, federation },
      statement,
      pool: account.pool,
      finalRound,
      ...columns,
      payees: await readPayeesAt(kernel, federation, columns.entitlements.length / COLUMN_WIDTHS.entitlements, finalRound),
      previousRoot: await kernel.vaultAt(vault).read.rewardsRoot(),
    },
    previousArtefact: before?.args.statement.artefact ?? null,
  };
}

/** Candidates for the member table before: that of the bundle, and the one that all settlements so far add up to. */
export async function readTables(kernel: Kernel, federation: number, { ledger, previousArtefact }: SettlementOnChain, fetcher: Fetcher): Promise<Uint8Array[]> {
  const stored = previousArtefact === null ? null : await fetcher.read(previousArtefact, SETTLEMENT_FILES.members, TABLE_LIMIT);
  return [...(stored === null ? [] : [stored]), ...(await addedUp(kernel, federation, ledger.statement.index))];
}

type Proposal = Awaited<ReturnType<typeof readProposals>>[number];

async function readProposals({ client, settlement }: Kernel, federation: number, range: BlockRange) {
  return readInParts(range, (part) => client.getContractEvents({ ...settlement, eventName: "SettlementProposed", args: { federation }, ...part, strict: true }));
}

interface Columns {
  readonly scores: Uint8Array;
  readonly entitlements: Uint8Array;
}

async function readColumns({ client, settlement }: Kernel, transaction: Hex, statement: SettlementStatement): Promise<Columns> {
  const columns = await findCall(client, transaction, { abi: settlement.abi, functionName: "propose" }, (args) => {
    const [scores, entitlements] = [hexToBytes(args[1] as Hex), hexToBytes(args[2] as Hex)];
    return columnHash(scores) === statement.scoresHash && columnHash(entitlements) === statement.entitlementsHash ? { scores, entitlements } : null;
  });
  if (columns === null) throw incomplete(`columns of settlement ${statement.index} (transaction ${transaction})`);
  return columns;
}

async function lastFinalRound({ rounds }: Kernel, federation: number, { firstRound, lastRound, lastReportHash }: SettlementStatement): Promise<number> {
  for (let round = lastRound; round >= firstRound; round--) {
    const state = await rounds.read.roundOf([federation, round]);
    if (ROUND_STATES[state.state] === "Final" && state.hash === lastReportHash) return round;
  }
  return 0;
}

/** Who is paid, by seat: at the deadline of the last final round. */
async function readPayeesAt({ rounds, seats, contributors }: Kernel, federation: number, count: number, finalRound: number): Promise<Address[]> {
  if (finalRound === 0) return new Array<Address>(count).fill(zeroAddress);
  const { deadline } = await rounds.read.roundOf([federation, finalRound]);
  return Promise.all(
    Array.from({ length: count }, async (_, seat) => {
      const { contributor } = await seats.read.seatOf([federation, seat]);
      return contributors.read.payeeAt([contributor, BigInt(deadline)]);
    }),
  );
}

/** The table that all final settlements add up to, from their calldata alone: for when its bundle is gone. Empty when the endpoint lacks one. */
async function addedUp(kernel: Kernel, federation: number, index: number): Promise<Uint8Array[]> {
  const range = { fromBlock: kernel.deployment.fromBlock, toBlock: await kernel.client.getBlockNumber() };
  const { client, settlement } = kernel;
  const [proposals, final] = await Promise.all([
    readProposals(kernel, federation, range),
    readInParts(range, (part) => client.getContractEvents({ ...settlement, eventName: "SettlementFinalised", args: { federation }, ...part, strict: true })),
  ]);
  const latest = new Map<number, Proposal>(proposals.map((log) => [log.args.index, log]));
  let table: Uint8Array = new Uint8Array();
  try {
    for (const { args } of final.sort((a, b) => a.args.index - b.args.index)) {
      const proposal = latest.get(args.index);
      if (args.index >= index || proposal === undefined) continue;
      const { statement } = proposal.args;
      const { entitlements } = await readColumns(kernel, proposal.transactionHash, statement);
      const amounts = unpackUints(entitlements, COLUMN_WIDTHS.entitlements);
      const payees = await readPayeesAt(kernel, federation, amounts.length, await lastFinalRound(kernel, federation, statement));
      table = accumulate(table, amounts, payees);
    }
    return [table];
  } catch (error) {
    if (error instanceof ChongwenError) return [];
    throw error;
  }
}
