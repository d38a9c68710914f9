/** The folder by which an aggregator hands over without HTTP: it puts bundles into `incoming/`, and reads `outgoing/`. */
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Hex } from "viem";
import { bytesOf } from "../../protocol/index.ts";
import { decodeBundleStatus, encodeBundleStatus, type BundleStatus } from "../../protocol/handover/bundle-status.ts";
import { encodeOpenRound } from "../../protocol/handover/open-round.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { Refused } from "../service/refusal.ts";
import type { Intake } from "./intake.ts";
import type { FederationLedger } from "./ledger.ts";
import { MOST_FILES } from "./limits.ts";
import { writeAtomically } from "./write-atomically.ts";

export interface DropParameters {
  readonly dir: string;
  readonly ledger: FederationLedger;
  readonly intake: Intake;
}

/** Looks once: takes in what has come, and writes what there is to say. */
export type Drop = () => Promise<void>;

const BUNDLE = /^0x[0-9a-f]{64}$/;
const ENDED = new Set(["final", "refused"]);

export function createDrop({ dir, ledger, intake }: DropParameters): Drop {
  const incoming = path.join(dir, "incoming");
  const outgoing = path.join(dir, "outgoing");
  /** Of bundles that came by this folder: what was written last. */
  const told = new Map<Hex, string>();
  let remembered = false;
  let published = "";
  let models: readonly string[] = [];

  async function tell(status: BundleStatus): Promise<void> {
    const bytes = encodeBundleStatus(status);
    const text = new TextDecoder().decode(bytes);
    if (told.get(status.bundle) === text) return;
    await writeAtomically(path.join(outgoing, `${status.bundle}.json`), bytes);
    told.set(status.bundle, text);
  }

  /** @throws file-refused for what is no plain file: a link could lead anywhere, and a pipe would never end */
  async function take(bundle: Hex, file: string): Promise<void> {
    const place = path.join(incoming, bundle, file);
    const found = await lstat(place);
    if (!found.isFile()) throw new Refused("file-refused", `${file} is no file.`);
    const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      await intake.put(bundle, file, handle.createReadStream({ autoClose: false }) as AsyncIterable<Uint8Array>, found.size);
    } finally {
      await handle.close();
    }
  }

  /** One that was renamed into place: copied, so that nothing changes under the check. */
  async function bring(bundle: Hex): Promise<BundleStatus> {
    if (!(await lstat(path.join(incoming, bundle))).isDirectory()) throw new Refused("file-refused", `${bundle} is no folder.`);
    const entries = await readdir(path.join(incoming, bundle), { withFileTypes: true });
    const updates = entries.find((entry) => entry.name === "updates" && entry.isDirectory());
    const inside = updates === undefined ? [] : (await readdir(path.join(incoming, bundle, "updates"))).map((name) => `updates/${name}`);
    const files = [...entries.filter((entry) => entry !== updates).map(({ name }) => name), ...inside];
    if (files.length > MOST_FILES) throw new Refused("file-refused", `A bundle has at most ${MOST_FILES} files.`);
    for (const file of files) await take(bundle, file);
    return intake.complete(bundle);
  }

  async function takeIn(): Promise<void> {
    for (const name of await readdir(incoming)) {
      if (!BUNDLE.test(name)) continue;
      const bundle = name as Hex;
      let status: BundleStatus;
      try {
        status = await bring(bundle);
      } catch (error) {
        // What may succeed later stays where it is.
        if (!(error instanceof ChongwenError) || error.retryable) throw error;
        const { code, message, fix } = error;
        status = { bundle, state: "refused", federation: null, round: null, reportHash: null, artefact: null, asHanded: null, problem: { code, message, fix } };
      }
      await tell(status);
      await rm(path.join(incoming, name), { recursive: true, force: true });
    }
  }

  /** Follows what came by this folder, also before a restart. */
  async function report(): Promise<void> {
    if (!remembered) {
      for (const name of (await readdir(outgoing)).filter((file) => BUNDLE.test(file.replace(/\.json$/, "")))) {
        told.set(name.slice(0, -".json".length) as Hex, new TextDecoder().decode(await readFile(path.join(outgoing, name))));
      }
      remembered = true;
    }
    for (const [bundle, text] of told) {
      if (ENDED.has(decodeBundleStatus(new TextEncoder().encode(text)).state)) {
        told.delete(bundle);
        continue;
      }
      const status = await intake.status(bundle).catch((error: unknown) => {
        if (error instanceof Refused && error.code === "bundle-unknown") return null;
        throw error;
      });
      if (status !== null) await tell(status);
    }
  }

  /** The open round with the model that it starts from; no file while a round is sealed and not reported. */
  async function publish(): Promise<void> {
    const file = path.join(outgoing, "round.json");
    const open = await ledger.openRound();
    const bytes = open === null ? new Uint8Array() : encodeOpenRound(open);
    const text = new TextDecoder().decode(bytes);
    if (text === published) return;
    if (open === null) await rm(file, { force: true });
    else {
      const model = `model-${open.parent.round}.bin`;
      await writeAtomically(path.join(outgoing, model), bytesOf(await ledger.model(open.parent)));
      await writeAtomically(file, bytes);
      // Somebody may still be reading the one before.
      models = [model, ...models.filter((name) => name !== model)].slice(0, 2);
      for (const name of await readdir(outgoing)) if (/^model-\d+\.bin$/.test(name) && !models.includes(name)) await rm(path.join(outgoing, name), { force: true });
    }
    published = text;
  }

  return async () => {
    await mkdir(incoming, { recursive: true });
    await mkdir(outgoing, { recursive: true });
    // Each as far as it gets: a chain that is silent keeps nothing from being taken in.
    const results = await Promise.allSettled([takeIn().then(report), publish()]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
  };
}
