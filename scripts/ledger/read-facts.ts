import { zeroAddress, zeroHash, type Address, type Hex } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import { statementHash } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { LedgerFacts, RoundFacts, SettlementFacts } from "./facts.ts";
import { readForcedSigners } from "./forced-entries.ts";
import { ROUND_STATES } from "./open-round.ts";

interface Range {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/** @throws federation-unknown */
export async function readFacts(kernel: Kernel, federation: number): Promise<LedgerFacts> {
  const { client, deployment, rounds, treasury } = kernel;
  const block = await client.getBlock({ blockTag: "latest" });
  const range = { fromBlock: deployment.fromBlock, toBlock: block.number };
  const [created] = await client.getContractEvents({ ...rounds, eventName: "FederationCreated", args: { federation }, ...range, strict: true });
  if (created === undefined) {
    const count = await rounds.read.federationCount();
    throw new ChongwenError({
      code: "federation-unknown",
      message: `There is no federation ${federation}; this ledger has ${count}.`,
      fix: "Name another with --federation.",
    });
  }
  const vault = await treasury.read.vaultOf([federation]);
  const { args } = created;
  return {
    format: "chongwen-ledger",
    version: 1,
    asOf: { block: block.number, timestamp: Number(block.timestamp) },
    deployment,
    federation,
    genesis: { configHash: args.configHash, reportHash: args.genesisHash, modelRoot: args.modelRoot, artefact: args.artefact },
    rounds: await readRounds(kernel, federation, args.configHash, range),
    settlements: await readSettlements(kernel, federation, range),
    vault,
    rewardsRoot: vault === zeroAddress ? zeroHash : await kernel.vaultAt(vault).read.rewardsRoot(),
    credited: await treasury.read.creditedOf([federation]),
    claims: await readClaims(kernel, vault, range),
    datasets: await readDatasets(kernel),
  };
}

async function readRounds(kernel: Kernel, federation: number, genesisConfig: Hex, range: Range): Promise<RoundFacts[]> {
  const { client, rounds } = kernel;
  const events = { ...rounds, args: { federation }, ...range, strict: true } as const;
  const [sealed, reported, reconfigured, head] = await Promise.all([
    client.getContractEvents({ ...events, eventName: "RoundSealed" }),
    client.getContractEvents({ ...events, eventName: "RoundReported" }),
    client.getContractEvents({ ...events, eventName: "FederationReconfigured" }),
    rounds.read.headOf([federation]),
  ]);
  return Promise.all(
    Array.from({ length: head.last }, async (_, i): Promise<RoundFacts> => {
      const round = i + 1;
      const state = await rounds.read.roundOf([federation, round]);
      const seal = sealed.findLast((log) => log.args.round === round);
      const report = reported.findLast((log) => log.args.round === round);
      if (seal === undefined) throw new ChongwenError({ code: "chain-incomplete", message: `The endpoint has no seal of round ${round}.`, fix: "Use an endpoint with full history (--rpc).", retryable: true });
      const name = knownState(state.state);
      const config = reconfigured.findLast((log) => log.blockNumber < seal.blockNumber || (log.blockNumber === seal.blockNumber && log.logIndex < seal.logIndex));
      return {
        round,
        state: name,
        attempt: state.attempt,
        parentRound: state.parentRound,
        configHash: config?.args.configHash ?? genesisConfig,
        entries: state.entries,
        accepted: state.accepted,
        seats: await readSeats(kernel, federation, seal.blockNumber, await readForcedSigners(kernel, federation, round, await readPinned(kernel, federation, state))),
        // A report that was overturned, or whose round is void, stands for nothing any more.
        report:
          report === undefined || (name !== "Reported" && name !== "Final")
            ? null
            : { ...report.args.report, reportHash: report.args.reportHash, deadline: Number(report.args.deadline) },
      };
    }),
  );
}

function knownState(state: number): RoundFacts["state"] {
  const name = ROUND_STATES[state];
  if (name === undefined || name === "None") throw new ChongwenError({ code: "chain-incomplete", message: `A sealed round has state ${state}.`, fix: "Update this software, or use another endpoint (--rpc)." });
  return name;
}

/** The hash of the parent that a round pins. Of a replaced parent, the one that replaced it: then nothing of the round counts. */
async function readPinned({ rounds }: Kernel, federation: number, { parentRound }: { readonly parentRound: number }): Promise<Hex> {
  return (await rounds.read.roundOf([federation, parentRound])).hash;
}

/** Seats with the keys that counted at a seal, or when an entry was forced in: asked of the state at that block, because the registry itself remembers only the last change of a key. */
async function readSeats(
  { client, seats, contributors, datasets }: Kernel,
  federation: number,
  sealBlock: bigint,
  forced: ReadonlyMap<number, Address>,
): Promise<RoundFacts["seats"]> {
  const [count, { timestamp }] = await Promise.all([seats.read.seatCount([federation]), client.getBlock({ blockNumber: sealBlock })]);
  return Promise.all(
    Array.from({ length: count }, async (_, seat) => {
      const { contributor, dataset } = await seats.read.seatOf([federation, seat]);
      // Whether a dataset is exempt never changes.
      const { exempt } = await datasets.read.termsOf([dataset]);
      const key =
        forced.get(seat) ??
        (await contributors.read.keyAt([contributor, timestamp], { blockNumber: sealBlock }).catch(() => contributors.read.keyAt([contributor, timestamp])));
      return { seat, key, exempt };
    }),
  );
}

async function readSettlements(kernel: Kernel, federation: number, range: Range): Promise<SettlementFacts[]> {
  const { client, settlement } = kernel;
  const events = { ...settlement, args: { federation }, ...range, strict: true } as const;
  const [proposed, account] = await Promise.all([client.getContractEvents({ ...events, eventName: "SettlementProposed" }), settlement.read.accountOf([federation])]);
  const latest = new Map(proposed.map((log) => [log.args.index, log]));
  // One that was overturned and not proposed again is not on the ledger any more.
  const standing = [...latest.values()].filter(({ args }) => args.index < account.nextIndex || account.state !== 0);
  return Promise.all(
    standing.map(async ({ args }) => ({
      index: args.index,
      state: args.index < account.nextIndex ? "Final" : "Proposed",
      firstRound: args.statement.firstRound,
      lastRound: args.statement.lastRound,
      statementHash: statementHash(args.statement),
      rewardsRoot: args.statement.rewardsRoot,
      pool: args.pool,
      distributed: args.statement.distributed,
      total: args.statement.total,
      artefact: args.statement.artefact,
      deadline: Number(args.deadline),
      payees: await readPayees(kernel, federation, args.statement.lastReportHash),
    })),
  );
}

/**
 * Who is paid by a settlement, by seat: the payees at the deadline of the last final round that it covers. The registry remembers them all, so the present
 * state answers, and everyone reads the same once that second is over. The seats are those granted up to the block of that round's report: all that can
 * have scored, and never fewer than in the settlement before.
 */
export async function readPayees(kernel: Kernel, federation: number, lastReportHash: Hex): Promise<Address[]> {
  const { client, contributors, rounds, seats, deployment } = kernel;
  const { fromBlock } = deployment;
  const reports = await client.getContractEvents({ ...rounds, eventName: "RoundReported", args: { federation }, fromBlock, strict: true });
  const report = reports.findLast(({ args }) => args.reportHash === lastReportHash);
  if (report === undefined) {
    throw new ChongwenError({ code: "chain-incomplete", message: `The endpoint has no report ${lastReportHash}.`, fix: "Use an endpoint with full history (--rpc).", retryable: true });
  }
  const granted = await client.getContractEvents({ ...seats, eventName: "SeatGranted", args: { federation }, fromBlock, toBlock: report.blockNumber, strict: true });
  return Promise.all(granted.map(({ args }) => contributors.read.payeeAt([args.contributor, report.args.deadline])));
}

async function readClaims({ client, vaultAt }: Kernel, vault: Address, range: Range): Promise<LedgerFacts["claims"]> {
  if (vault === zeroAddress) return [];
  const logs = await client.getContractEvents({ ...vaultAt(vault), eventName: "Claimed", ...range, strict: true });
  return logs.map(({ args: { index, payee, recipient, amount, cumulative } }) => ({ index, payee, recipient, amount, cumulative }));
}

async function readDatasets({ datasets }: Kernel): Promise<LedgerFacts["datasets"]> {
  const count = await datasets.read.datasetCount();
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const [{ version, status }, { card }] = await Promise.all([datasets.read.datasetOf([i + 1]), datasets.read.termsOf([i + 1])]);
      return { dataset: i + 1, version, status, card };
    }),
  );
}
