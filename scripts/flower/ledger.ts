// The ledger of the run: a chain, the contracts, a federation paid by quality, and an oracle that records bundles. As `npm start` makes it, but for who trains.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { decodeBundleStatus } from "../../protocol/handover/bundle-status.ts";
import { compileContracts } from "../chain/compile.ts";
import { startDevnet } from "../chain/devnet.ts";
import { readManifest } from "../chain/manifest.ts";
import { loadTable } from "../data/index.ts";
import { createSetting, type Setting } from "../federation/setting.ts";
import type { Workspace } from "../federation/workspace.ts";
import { createOracle, type Oracle } from "../oracle/oracle.ts";
import { openToken } from "../oracle/token.ts";
import type { Progress } from "../output/progress.ts";
import { createDiskStore } from "../store/index.ts";

export interface LedgerParameters {
  readonly root: string;
  readonly workspace: Workspace;
  /** CSV of the table. */
  readonly source: string;
  readonly rounds: number;
  readonly seed: number;
  readonly progress: Progress;
}

export interface Ledger {
  readonly setting: Setting;
  readonly oracle: Oracle & { readonly url: string };
  readonly tokenFile: string;
  /** What the oracle hands out as the open round, in a file for the hospitals' operators. */
  saveOpenRound(): Promise<string>;
  /** Whether the oracle reported the very bundle that was handed over under this digest. */
  asHanded(bundle: string): Promise<boolean | null>;
  close(): Promise<void>;
}

export async function startLedger({ root, workspace, source, rounds, seed, progress }: LedgerParameters): Promise<Ledger> {
  const table = loadTable(source);
  const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
  await compileContracts(root);
  progress.done("contracts compiled");
  const devnet = await startDevnet(0);
  const closers: (() => Promise<void>)[] = [() => devnet.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers) await closer();
  };
  try {
    const store = createDiskStore(workspace.storeDir);
    const setting = await createSetting({ rpcUrl: devnet.url, manifest, store, table, seed, progress, windows: Math.floor(rounds / manifest.federation.settleEvery) });
    const { title = table.name, licence = "unknown", source: origin = "unknown" } = table.schema;
    await workspace.saveDeployment({ ...setting.kernel.deployment, demonstration: { title, licence, source: origin } });

    const tokenFile = path.join(workspace.dir, "aggregator", "token");
    const token = await openToken(tokenFile);
    const { federation, quality } = setting;
    const oracle = await createOracle({
      ...setting, store, token, federations: [{ federation, quality }], dir: path.join(workspace.dir, "oracle"), port: 0, poll: 500,
      warn: (message) => progress.note(`oracle: ${message}`),
    }).start();
    closers.unshift(() => oracle.stop());
    const { url } = oracle;
    if (url === null) throw new Error("An oracle that was given a port has an address.");
    progress.done(`oracle takes in bundles at ${url}`);
    const ask = async (question: string): Promise<Uint8Array> => {
      const answer = await fetch(`${url}/v1/${question}`, { headers: { authorization: `Bearer ${token}` } });
      if (!answer.ok) throw new Error(`The oracle answers ${answer.status} to ${question}: ${await answer.text()}`);
      return new Uint8Array(await answer.arrayBuffer());
    };
    return {
      setting, tokenFile, close,
      oracle: { ...oracle, url },
      async saveOpenRound() {
        const file = path.join(workspace.dir, "open-round.json");
        await writeFile(file, await ask(`federations/${federation}/round`));
        return file;
      },
      asHanded: async (bundle) => decodeBundleStatus(await ask(`bundles/${bundle}`)).asHanded,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
