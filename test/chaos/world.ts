// A chain with a federation on it, to which every run goes back; the bundles that runs hand over, and what has to become of them.
import { cp, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Hex } from "viem";
import { readManifest } from "../../scripts/chain/manifest.ts";
import { DERMATOLOGY_PATH, loadTable } from "../../scripts/data/index.ts";
import { createSetting, type Setting } from "../../scripts/federation/setting.ts";
import { createFederationLedger } from "../../scripts/oracle/ledger.ts";
import { silentProgress } from "../../scripts/output/progress.ts";
import { createDiskStore } from "../../scripts/store/index.ts";
import { startRpcProxy, type RpcProxy, type Upstream } from "../support/rpc-proxy.ts";
import { openLocalChain, type LocalChain } from "./devnet.ts";
import { makeBundle, type Made, type Site } from "../scripts/oracle/aggregator.ts";
import { HOSTILE, MOST_ROUNDS, type Hostile } from "./plan.ts";

const root = path.resolve(import.meta.dirname, "..", "..");

export const CHALLENGE_WINDOW = 600;
export const SETTLE_EVERY = 2;

export interface ChaosWorld {
  readonly setting: Setting;
  /** The chain itself, for endpoints to stand in front of. */
  readonly upstream: Upstream;
  /** Of rounds 1, 2, 3: each extends the one before. */
  readonly bundles: readonly Made[];
  /** For round 1, each wrong in one way. */
  readonly hostile: Readonly<Record<Hostile, Made>>;
  rpc(method: string, ...params: unknown[]): Promise<unknown>;
  /** Takes the chain back to where it was. @returns A folder with the store as it was. */
  begin(): Promise<string>;
  close(): Promise<void>;
}

export async function openChaosWorld(): Promise<ChaosWorld> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-chaos-"));
  const chain = await openLocalChain();
  const endpoint = await startRpcProxy(chain.upstream);
  try {
    return await settleIn(dir, chain, endpoint);
  } catch (error) {
    await endpoint.close();
    await chain.close();
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

async function settleIn(dir: string, chain: LocalChain, endpoint: RpcProxy): Promise<ChaosWorld> {
  const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
  const federation = { ...manifest.federation, forceWindow: 0, reportWindow: 2_000, challengeWindow: CHALLENGE_WINDOW, maxAttempts: 20, settleEvery: SETTLE_EVERY };
  const store = createDiskStore(path.join(dir, "genesis"));
  const kernel = { ...manifest.kernel, rotationDelay: 10_000, unbondingPeriod: 60 * 6_000 };
  const setting = await createSetting({ rpcUrl: endpoint.url, manifest: { ...manifest, kernel, federation }, store, table: loadTable(DERMATOLOGY_PATH), seed: 1, progress: silentProgress });
  const rpc = chain.request;
  // From here on blocks come when a run says so.
  await rpc("evm_setIntervalMining", 0);
  const { bundles, hostile } = await bundlesOf(setting);
  let snapshot = await rpc("evm_snapshot");
  let run = 0;
  return {
    setting, upstream: chain.upstream, bundles, hostile, rpc,
    async begin() {
      await rpc("evm_setAutomine", true);
      if ((await rpc("evm_revert", snapshot)) !== true) throw new Error("The chain does not go back to its beginning.");
      snapshot = await rpc("evm_snapshot");
      const own = path.join(dir, `run-${++run}`);
      await cp(path.join(dir, "genesis"), path.join(own, "store"), { recursive: true });
      return own;
    },
    async close() {
      await endpoint.close();
      await chain.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What a cautious aggregator hands over, and what a dishonest one does. */
async function bundlesOf({ kernel, store, federation, model, hospitals }: Setting): Promise<Pick<ChaosWorld, "bundles" | "hostile">> {
  const open = await createFederationLedger(kernel, store, federation).openRound();
  if (open === null) throw new Error("No round is open.");
  const sites: Site[] = hospitals.flatMap(({ seat, keys }) => (seat === null ? [] : [{ seat, signer: keys.signer }]));
  const bundles: Made[] = [];
  let [at, base] = [open, model];
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const made = await makeBundle(at, base, sites, { seed: 7 });
    bundles.push(made);
    [at, base] = [made.next, made.model];
  }
  const forged: Hex = `0x${"5a".repeat(32)}${"11".repeat(32)}`;
  const wrong: Record<Hostile, Parameters<typeof makeBundle>[3]> = {
    "bent model": { model: (values) => void (values[0] = (values[0] ?? 0) + 1) },
    "forged signature": { spoil: (entry) => (entry.seat === 0 ? { ...entry, signature: forged } : entry) },
    "wrong base": {},
  };
  const hostile = {} as Record<Hostile, Made>;
  for (const kind of HOSTILE) hostile[kind] = await makeBundle(open, kind === "wrong base" ? model.map((value) => value + 1) : model, sites, { seed: 8, ...wrong[kind] });
  return { bundles, hostile };
}
