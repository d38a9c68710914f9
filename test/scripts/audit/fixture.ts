// A small ledger without a chain: two rounds of three seats, one settlement and two claims, made by the protocol's own builders.
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { zeroAddress, zeroHash, type Address, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  aggregate,
  buildGenesisBundle,
  buildRoundBundle,
  buildSettlementBundle,
  configHash,
  createDomain,
  createModelSpec,
  memberAt,
  reportHash,
  RULES,
  specRoot,
  statementHash,
  type FederationConfig,
} from "../../../protocol/index.ts";
import { genesisReport } from "../../../protocol/bundle/genesis.ts";
import { contractNames, type ContractName } from "../../../protocol/deployment.ts";
import type { LedgerFacts, RoundFacts } from "../../../protocol/ledger/facts.ts";
import { contribute } from "../../../scripts/site/contribute.ts";
import { createDiskStore, type ArtefactStore } from "../../../scripts/store/index.ts";

const CHAIN = 31_337;
const PARAMETERS = 100;
const POOL = 1_000n;
const WEIGHTS = [10, 20, 30];
const addressOf = (n: number): Address => privateKeyToAccount(`0x${n.toString(16).padStart(64, "0")}`).address;
const contracts = Object.fromEntries(contractNames.map((name, i) => [name, addressOf(100 + i)])) as Record<ContractName, Address>;
const vault = addressOf(200);

export interface Fixture {
  readonly dir: string;
  readonly store: ArtefactStore;
  readonly facts: LedgerFacts;
}

/** What operators may get wrong. */
export interface Mistakes {
  /** Added to coordinate 7 of the model that round 2 reports. */
  readonly aggregateError?: number;
  /** Seat that signs another round's contribution in round 2. */
  readonly replayBy?: number;
}

export async function buildLedger({ aggregateError = 0, replayBy }: Mistakes = {}): Promise<Fixture> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-audit-"));
  const store = createDiskStore(dir);
  const modelSpec = createModelSpec([{ name: "weight", shape: [PARAMETERS], fracBits: 14 }]);
  const config: FederationConfig = {
    ruleId: RULES.fedavg, ruleParam: 0n, scoringId: 1, privacyMode: 0, elementWidth: 2, hasBase: true, depth: 1,
    modelSpecRoot: specRoot(modelSpec), termsHash: zeroHash, recordsPerWeight: 1, maxSeats: 8, minContributors: 2, maxExcludedBps: 0,
    rhoPerRound: 0, normSqBound: 0n, forceWindow: 1, reportWindow: 9, challengeWindow: 9, maxAttempts: 3, settleEvery: 2, poolPerRound: POOL / 2n,
    finality: 0, approvalWindow: 0,
  };
  const genesis = buildGenesisBundle(config, modelSpec, new Int32Array(PARAMETERS));
  const genesisArtefact = await store.putDirectory(genesis.files);
  const genesisHash = reportHash(genesisReport(1, genesis.modelRoot, genesisArtefact));
  const domain = createDomain(CHAIN, contracts.rounds);
  const seats = WEIGHTS.map((_, seat) => ({ seat, key: addressOf(1 + seat), exempt: true }));

  const rounds: RoundFacts[] = [];
  let parent: { round: number; reportHash: Hex; artefact: Hex } = { round: 0, reportHash: genesisHash, artefact: genesisArtefact };
  let base: Int32Array = new Int32Array(PARAMETERS);
  for (const round of [1, 2]) {
    const context = { federation: 1, round, parentReportHash: parent.reportHash, configHash: configHash(config) };
    const updates = new Map(WEIGHTS.map((_, seat) => [seat, Int16Array.from({ length: PARAMETERS }, (_x, i) => (i * (seat + round)) % 97)]));
    const entries = [];
    for (const [seat, weight] of WEIGHTS.entries()) {
      const signer = privateKeyToAccount(`0x${(1 + seat).toString(16).padStart(64, "0")}`);
      const signed = round === 2 && seat === replayBy ? { ...context, round: 1 } : context;
      const update = updates.get(seat) ?? new Int16Array();
      entries.push({ ...(await contribute({ signer, domain, context: signed, seat, rho: 0, update })), weight });
    }
    const model = aggregate(RULES.fedavg, 0n, base, [...updates.values()], WEIGHTS);
    if (round === 2) model[7] = (model[7] ?? 0) + aggregateError;
    const bundle = buildRoundBundle({
      chainId: CHAIN, ledger: contracts.rounds, federation: 1, round, sealAttempt: 0, attempt: 0, parent, config, modelSpec, entries,
      excluded: 0n, updates, model, metrics: {},
    });
    const artefact = await store.putDirectory(bundle.files);
    const report = { ...bundle.report, artefact };
    const { modelRoot, metricsHash, excluded } = report;
    rounds.push({
      round, state: "Final", attempt: 0, parentRound: parent.round, configHash: configHash(config), entries: 3, accepted: 3, seats,
      report: { reportHash: reportHash(report), modelRoot, metricsHash, excluded, artefact, deadline: 0 },
    });
    parent = { round, reportHash: reportHash(report), artefact };
    base = model;
  }

  const payees = WEIGHTS.map((_, seat) => (seat === 2 ? zeroAddress : addressOf(50 + seat)));
  const settlement = await buildSettlementBundle({
    domain: { chainId: CHAIN, vault, federation: 1 }, settlement: contracts.settlement, index: 1, attempt: 0,
    rounds: rounds.map(({ round, report }) => ({ round, state: "Final", reportHash: report?.reportHash ?? zeroHash, artefact: report?.artefact ?? zeroHash })),
    previous: null, scoringId: 1, pool: POOL, payees, previousMembers: new Uint8Array(),
    scored: rounds.map(({ round }) => ({ round, seats: [0, 1, 2], weights: WEIGHTS })),
  });
  const artefact = await store.putDirectory(settlement.files);
  const statement = { ...settlement.statement, artefact };
  const card = await store.putFile(new TextEncoder().encode("{}"));
  const earned = (seat: number): bigint => memberAt(settlement.computed.columns.members, seat)?.cumulative ?? 0n;
  const facts: LedgerFacts = {
    format: "chongwen-ledger", version: 1, asOf: { block: 9n, timestamp: 9 }, federation: 1,
    deployment: { format: "chongwen-deployment", version: 1, chainId: CHAIN, rpcUrl: "http://127.0.0.1:1", fromBlock: 0n, contracts },
    genesis: { configHash: configHash(config), reportHash: genesisHash, modelRoot: genesis.modelRoot, artefact: genesisArtefact },
    rounds,
    settlements: [
      {
        index: 1, state: "Final", firstRound: 1, lastRound: 2, statementHash: statementHash(statement), rewardsRoot: statement.rewardsRoot,
        pool: POOL, distributed: statement.distributed, total: statement.total, artefact, deadline: 0, payees,
      },
    ],
    vault, rewardsRoot: statement.rewardsRoot, credited: statement.total, points: null, freezes: { until: 0, changes: [], moves: [] },
    claims: [0, 1].map((index) => ({ index, payee: addressOf(50 + index), recipient: addressOf(50 + index), amount: earned(index), cumulative: earned(index) })),
    datasets: [{ dataset: 1, version: 1, status: 2, card }],
  };
  return { dir, store, facts };
}
