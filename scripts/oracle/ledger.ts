/** What the oracle asks the chain and the store about one federation. */
import type { Hex } from "viem";
import { decodeJson } from "../../protocol/bundle/canonical-json.ts";
import { MANIFEST_LIMIT } from "../../protocol/bundle/files.ts";
import { readModel } from "../../protocol/audit/context.ts";
import type { OpenRound, OpenSeat } from "../../protocol/handover/open-round.ts";
import { MANIFEST, parseModelSpec, protocolError, specRoot, type FederationConfig, type ModelSpec } from "../../protocol/index.ts";
import { ROUND_STATES } from "../../protocol/ledger/states.ts";
import { chainTime } from "../chain/clock.ts";
import type { Kernel } from "../chain/kernel.ts";
import { readOpenRound } from "../ledger/open-round.ts";
import { readConfig } from "../ledger/read-config.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import type { ArtefactStore } from "../store/index.ts";

/** A report that stands. Round 0 is the genesis. */
export interface StandingReport {
  readonly round: number;
  readonly reportHash: Hex;
  readonly artefact: Hex;
  readonly modelRoot: Hex;
}

export interface FederationLedger {
  readonly federation: number;
  /** Null while a round is sealed and waits for its report. */
  openRound(): Promise<OpenRound | null>;
  /** Null when the round holds none. */
  report(round: number): Promise<StandingReport | null>;
  /** @throws bundle-unreadable (retryable) when the store does not have it */
  model(report: StandingReport): Promise<Int32Array>;
  config(hash: Hex): Promise<FederationConfig>;
  /** @param of A report under that configuration, or the last one before it. */
  spec(config: FederationConfig, of: StandingReport): Promise<ModelSpec>;
}

/** `remaining` of a lane on public data: `contracts/libraries/SeatLane.sol`. */
const EXEMPT = 2 ** 48 - 1;
const ELIGIBLE = 0;

export function createFederationLedger(kernel: Kernel, store: ArtefactStore, federation: number): FederationLedger {
  const { client, deployment, rounds } = kernel;
  // Both are named by their hashes, so what was read once stays true.
  const configs = new Map<Hex, FederationConfig>();
  const specs = new Map<Hex, ModelSpec>();

  async function report(round: number): Promise<StandingReport | null> {
    const range = { ...rounds, fromBlock: deployment.fromBlock, strict: true } as const;
    if (round === 0) {
      const [created] = await client.getContractEvents({ ...range, eventName: "FederationCreated", args: { federation } });
      return created === undefined ? null : { round, reportHash: created.args.genesisHash, artefact: created.args.artefact, modelRoot: created.args.modelRoot };
    }
    const { state, hash } = await rounds.read.roundOf([federation, round]);
    if (!["Reported", "Final"].includes(ROUND_STATES[state] ?? "None")) return null;
    const reports = await client.getContractEvents({ ...range, eventName: "RoundReported", args: { federation, round } });
    const found = reports.findLast(({ args }) => args.reportHash === hash);
    return found === undefined ? null : { round, reportHash: hash, artefact: found.args.report.artefact, modelRoot: found.args.report.modelRoot };
  }

  async function config(hash: Hex): Promise<FederationConfig> {
    const known = configs.get(hash) ?? (await readConfig(kernel, federation, hash));
    configs.set(hash, known);
    return known;
  }

  async function spec({ modelSpecRoot }: FederationConfig, { artefact }: StandingReport): Promise<ModelSpec> {
    const known = specs.get(modelSpecRoot);
    if (known !== undefined) return known;
    const manifest = decodeJson(await (await store.open(artefact)).read(MANIFEST), MANIFEST, MANIFEST_LIMIT);
    const found = parseModelSpec(typeof manifest === "object" && manifest !== null && "modelSpec" in manifest ? manifest.modelSpec : null);
    if (specRoot(found) !== modelSpecRoot) throw protocolError("bundle-unreadable", `The model specification ${modelSpecRoot} of federation ${federation} is not in ${artefact}.`);
    specs.set(modelSpecRoot, found);
    return found;
  }

  async function seatsOf(round: number, rhoPerRound: number): Promise<OpenSeat[]> {
    const [count, now] = await Promise.all([kernel.seats.read.seatCount([federation]), chainTime(client)]);
    const seats = await Promise.all(
      Array.from({ length: count }, async (_, seat): Promise<OpenSeat[]> => {
        const [reason, lane, { contributor }] = await Promise.all([
          kernel.seats.read.eligibility([federation, round, seat, rhoPerRound]),
          kernel.seats.read.laneOf([federation, seat]),
          kernel.seats.read.seatOf([federation, seat]),
        ]);
        if (reason !== ELIGIBLE) return [];
        const exempt = lane.remaining === EXEMPT;
        const key = await kernel.contributors.read.keyAt([contributor, BigInt(now)]);
        return [{ seat, key, weight: lane.weight, exempt, rho: exempt ? 0 : rhoPerRound, remaining: exempt ? 0 : lane.remaining }];
      }),
    );
    return seats.flat();
  }

  return {
    federation,
    report,
    config,
    spec,
    async model(named) {
      const model = await readModel({ store, hashPairs: nativeHashPairs }, named);
      if (model === null) throw protocolError("bundle-unreadable", `The model of round ${named.round} of federation ${federation} is not in the store.`);
      return model;
    },
    async openRound() {
      const open = await readOpenRound(kernel, federation);
      const parent = open === null ? null : await report(open.parentRound);
      // Read one after the other: what moved in between is read again.
      if (open === null || parent === null || parent.reportHash !== open.context.parentReportHash) return null;
      const { round, configHash } = open.context;
      const current = await config(configHash);
      return {
        chainId: deployment.chainId, ledger: rounds.address, federation, round, attempt: open.attempt, parent, config: current, configHash,
        modelSpec: await spec(current, parent), seats: await seatsOf(round, current.rhoPerRound),
      };
    },
  };
}
