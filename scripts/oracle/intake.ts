/** The one way in, over HTTP or from a folder: files come, are counted, and become a bundle once they are exactly what their digest names. */
import type { Hex } from "viem";
import type { BundleStatus } from "../../protocol/handover/bundle-status.ts";
import { MANIFEST, readRoundManifest, type RoundManifest } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { Refused } from "../service/refusal.ts";
import { folderDigest } from "./digest.ts";
import type { Folder } from "./folder.ts";
import type { Inbox, Owner } from "./inbox.ts";
import type { OracleJournal } from "./journal.ts";
import type { FederationLedger } from "./ledger.ts";
import { byteLimit, largestOf, sizesOf, type Sizes } from "./limits.ts";
import type { OracleObserver } from "./observer.ts";

export interface Intake {
  /** Takes one file of a bundle. Of a bundle that is held already nothing changes. @param declared Its length, when the sender says it. */
  put(bundle: Hex, file: string, body: AsyncIterable<Uint8Array>, declared: number | null, owner?: Owner): Promise<BundleStatus>;
  /** All files are there: checks that they are the bundle, and takes it up. @throws bundle-incomplete, bundle-digest-wrong, bundle-foreign, and what a malformed manifest throws */
  complete(bundle: Hex, owner?: Owner): Promise<BundleStatus>;
  /** @throws bundle-unknown */
  status(bundle: Hex, owner?: Owner): Promise<BundleStatus>;
}

export interface IntakeParameters {
  readonly kernel: Kernel;
  readonly ledgers: readonly FederationLedger[];
  readonly inbox: Inbox;
  readonly journal: OracleJournal;
  /** Bundles of a federation that are not recorded yet. */
  readonly mostHeld: number;
  /** Seconds. */
  readonly now: () => number;
  readonly observer: OracleObserver;
  /** Tells the worker of a federation that there is work. */
  readonly wake: (federation: number) => void;
}

/** Seconds for which the size of a model is not asked again. */
const SIZES_HOLD = 60;

export function createIntake({ kernel, ledgers, inbox, journal, mostHeld, now, observer, wake }: IntakeParameters): Intake {
  const sizes = new Map<number, { readonly sizes: Sizes; readonly readAt: number }>();
  const locks = new Map<Hex, Promise<unknown>>();

  /** One at a time a bundle: nothing arrives while it is being checked. */
  function alone<Result>(bundle: Hex, work: () => Promise<Result>): Promise<Result> {
    const next = (locks.get(bundle) ?? Promise.resolve()).then(work, work);
    const settled = next.then(() => undefined, () => undefined);
    locks.set(bundle, settled);
    void settled.then(() => locks.get(bundle) === settled && locks.delete(bundle));
    return next;
  }

  /** As governance last configured it; while the chain is silent, as it was known. */
  async function sizesFor(ledger: FederationLedger): Promise<Sizes> {
    const known = sizes.get(ledger.federation);
    if (known !== undefined && now() - known.readAt < SIZES_HOLD) return known.sizes;
    try {
      const { rounds } = kernel;
      const { tip } = await rounds.read.headOf([ledger.federation]);
      const report = (await ledger.report(tip)) ?? (await ledger.report((await rounds.read.roundOf([ledger.federation, tip])).parentRound));
      if (report === null) throw new Error(`Federation ${ledger.federation} has no report to start from.`);
      const read = sizesOf(await ledger.spec(await ledger.config(await rounds.read.configHashOf([ledger.federation])), report));
      sizes.set(ledger.federation, { sizes: read, readAt: now() });
      return read;
    } catch (cause) {
      if (known !== undefined) return known.sizes;
      throw new Refused("ledger-silent", `The size of federation ${ledger.federation}'s model is not known yet.`, cause);
    }
  }

  const allSizes = async () => largestOf(await Promise.all(ledgers.map(sizesFor)));

  const held = (bundle: Hex): BundleStatus | null => {
    const found = journal.find(bundle);
    return found === null ? null : statusOf(found);
  };

  async function status(bundle: Hex, owner: Owner = null): Promise<BundleStatus> {
    const known = held(bundle);
    if (known !== null && known.state !== "refused") return known;
    if ((await inbox.receiving(bundle, owner)) !== null) return { ...BLANK, bundle, state: "receiving" };
    if (known !== null) return known;
    throw new Refused("bundle-unknown", `Nothing of ${bundle} has come here.`);
  }

  /** The files are those that the manifest lists, of their lengths, and nothing else. */
  async function requireComplete(folder: Folder, { files }: RoundManifest): Promise<void> {
    const present = await folder.sizes();
    for (const { path, bytes } of files) {
      const size = present.get(path);
      if (size !== bytes) throw new Refused("bundle-incomplete", size === undefined ? `${path} has not come.` : `${path} has ${size} bytes; the manifest says ${bytes}.`);
    }
    const listed = new Set([MANIFEST, ...files.map(({ path }) => path)]);
    const stray = [...present.keys()].find((path) => !listed.has(path));
    if (stray !== undefined) throw new Refused("file-refused", `The manifest does not list ${stray}.`);
  }

  /** The bundle is for a ledger and a federation that are served here. @throws bundle-foreign */
  function requireOurs({ chainId, ledger, federation }: RoundManifest): FederationLedger {
    const { deployment } = kernel;
    const served = ledgers.find((known) => known.federation === federation);
    if (chainId !== deployment.chainId || ledger !== deployment.contracts.rounds || served === undefined) {
      throw new Refused("bundle-foreign", `The bundle is for federation ${federation} of the ledger ${ledger} on chain ${chainId}, which is not served here.`);
    }
    return served;
  }

  async function check(bundle: Hex, folder: Folder): Promise<RoundManifest> {
    const present = await folder.sizes();
    if (!present.has(MANIFEST)) throw new Refused("bundle-incomplete", `${MANIFEST} has not come.`);
    const manifest = await readRoundManifest(folder);
    const limits = await sizesFor(requireOurs(manifest));
    for (const [path, size] of present) {
      const most = byteLimit(path, limits);
      if (size > most) throw new Refused("file-too-large", `${path} has ${size} bytes; in federation ${manifest.federation} it has at most ${most}.`);
    }
    await requireComplete(folder, manifest);
    const digest = await folderDigest(folder);
    if (digest !== bundle) throw new Refused("bundle-digest-wrong", `The files are the bundle ${digest}, not ${bundle}.`);
    return manifest;
  }

  async function complete(bundle: Hex, owner: Owner): Promise<BundleStatus> {
    const folder = await inbox.receiving(bundle, owner);
    const known = held(bundle);
    if (known !== null && (known.state !== "refused" || folder === null)) return known;
    if (folder === null) throw new Refused("bundle-unknown", `Nothing of ${bundle} has come here.`);
    let manifest: RoundManifest;
    try {
      manifest = await check(bundle, folder);
    } catch (error) {
      // What is missing may still come. What is wrong does not get better.
      const mendable = error instanceof Refused && (error.code === "bundle-incomplete" || error.retryable);
      if (!mendable) await inbox.discard(bundle, owner);
      throw error;
    }
    const { federation, round, parent } = manifest;
    if (journal.list(federation, ["waiting", "sealing", "sealed"]).length >= mostHeld) throw new Refused("intake-full", `${mostHeld} bundles of federation ${federation} wait to be recorded.`);
    await inbox.hold(bundle, owner);
    journal.add({ bundle, federation, round, parent: parent.reportHash, parentRound: parent.round, parentArtefact: parent.artefact, receivedAt: now() });
    observer.bundleReceived({ federation, round, bundle });
    wake(federation);
    return status(bundle);
  }

  return {
    status,
    complete: (bundle, owner = null) => alone(bundle, () => complete(bundle, owner)),
    async put(bundle, file, body, declared, owner = null) {
      const limit = byteLimit(file, await allSizes());
      const known = held(bundle);
      if (known !== null && known.state !== "refused") return known;
      await inbox.requireRoom(bundle, file, owner);
      const part = await inbox.receive(body, limit, declared, owner);
      try {
        await alone(bundle, async () => {
          const now = held(bundle);
          if (now === null || now.state === "refused") await part.place(bundle, file);
        });
      } finally {
        await part.discard();
      }
      return status(bundle, owner);
    },
  };
}

const BLANK = { federation: null, round: null, reportHash: null, artefact: null, asHanded: null, problem: null } as const;

/** What others may know of it. */
export function statusOf({ bundle, state, federation, round, reportHash, artefact, asHanded, problem }: BundleStatus): BundleStatus {
  return { bundle, state, federation, round, reportHash, artefact, asHanded, problem };
}
