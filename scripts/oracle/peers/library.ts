/** A store that asks the other operators for what it does not have. What they send is kept only when it is what its digest names. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import path from "node:path";
import type { Address, Hex } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";
import { ArtefactMissing, digestOf, type ArtefactStore } from "../../store/index.ts";
import { LazyMap } from "../../store/lazy-map.ts";
import type { Folder } from "../folder.ts";
import type { Peer } from "./client.ts";

export interface LibraryParameters {
  readonly store: ArtefactStore;
  readonly peers: readonly Peer[];
  /** For what is being fetched. */
  readonly dir: string;
  /** Bytes of a whole artefact. */
  readonly most: () => Promise<number>;
  /** Milliseconds for fetching one from one peer. */
  readonly within: number;
  readonly signal: AbortSignal;
}

export interface Library extends ArtefactStore {
  /** Makes sure that the own store has it. @param folder A bundle that was handed over here, when that is it. @param from Who is asked first. @throws artefact-missing */
  bring(digest: Hex, from: Address | null, folder?: Folder | null): Promise<void>;
}

/** Of an operator without peers: what it is to have, it was handed. */
export const ownLibrary = (store: ArtefactStore): Library => ({ ...store, bring: async (digest, _, folder = null) => bringHere(store, digest, folder) });

async function bringHere(store: ArtefactStore, digest: Hex, folder: Folder | null): Promise<void> {
  if (await store.has(digest)) return;
  if (folder !== null) return keep(store, digest, new LazyMap(await folder.list(), (file) => folder.readNow(file)));
  await store.open(digest);
}

async function keep(store: ArtefactStore, digest: Hex, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const found = await digestOf(files);
  if (found !== digest) throw new ChongwenError({ code: "peer-answer-invalid", message: `What was sent as ${digest} is ${found}.`, fix: "Ask another operator; that one sends what nobody named." });
  await store.putDirectory(files);
}

/** Peers that do not have it, or send something else, cost only the time that they take. */
export function createLibrary({ store, peers, dir, most, within, signal }: LibraryParameters): Library {
  /** By digest and by who is asked first: one that drips holds up only who wants it from there. */
  const underWay = new Map<string, Promise<void>>();

  /** @throws artefact-mismatch and what the peer throws */
  async function fetchFrom(peer: Peer, digest: Hex): Promise<void> {
    const place = path.join(dir, randomUUID());
    await mkdir(place, { recursive: true, mode: 0o700 });
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(within)]);
      const paths = await peer.files(digest, limit);
      // Files lie under their numbers: what a peer calls them leads nowhere.
      const places = new Map(paths.map((file, i) => [file, path.join(place, String(i))]));
      let left = await most();
      for (const [file, target] of places) {
        const handle = await open(target, "wx", 0o600);
        try {
          for await (const piece of peer.file(digest, file, left, limit)) {
            left -= piece.length;
            await handle.write(piece);
          }
        } finally {
          await handle.close();
        }
      }
      await keep(store, digest, new LazyMap(places.keys(), (file) => readFileSync(places.get(file) ?? "")));
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }

  async function bringNow(digest: Hex, from: Address | null, folder: Folder | null): Promise<void> {
    const missing = await bringHere(store, digest, folder).then(() => false, (error: unknown) => {
      // Of what was erased here nobody is asked.
      if (!(error instanceof ArtefactMissing)) throw error;
      return true;
    });
    if (!missing) return;
    const first = peers.filter(({ address }) => address === from);
    for (const peer of [...first, ...peers.filter((other) => !first.includes(other))]) {
      if (signal.aborted) break;
      if (await fetchFrom(peer, digest).then(() => true, () => false)) return;
    }
    await store.open(digest);
  }

  function bring(digest: Hex, from: Address | null, folder: Folder | null = null): Promise<void> {
    const name = `${digest} ${from ?? ""}`;
    const known = underWay.get(name);
    if (known !== undefined) return known;
    const begun = bringNow(digest, from, folder).finally(() => underWay.delete(name));
    underWay.set(name, begun);
    return begun;
  }

  return {
    ...store,
    bring,
    async open(digest, options) {
      try {
        return await store.open(digest, options);
      } catch (error) {
        if (!(error instanceof ArtefactMissing)) throw error;
        await bring(digest, null);
        return store.open(digest, options);
      }
    },
  };
}
