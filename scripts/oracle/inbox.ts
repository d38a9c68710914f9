/** The folder that bundles are received into. What arrives is counted before it is written, lies aside until it is whole, and is thrown away when nobody finishes it. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Address, Hex } from "viem";
import { Refused } from "../service/refusal.ts";
import { folderAt, folderOf, weight, type Folder } from "./folder.ts";
import { MOST_FILES } from "./limits.ts";
import { PACE, paced, type Pace } from "./pace.ts";
import { createShares } from "./shares.ts";

/** Whose a bundle is while it comes: an account that signed in, or null for whoever has the token or writes into the folder. Nobody can spoil what another sends. */
export type Owner = Address | null;

/** A file that has arrived whole and is part of nothing yet. */
export interface Part {
  /** Puts it into its bundle, in the place of an earlier one of the same path. */
  place(bundle: Hex, file: string): Promise<void>;
  /** Throws it away, unless it has its place. */
  discard(): Promise<void>;
}

export interface Inbox {
  /** Receives one file, aside. @param limit Bytes. @param declared What the sender says its length is. @throws file-too-large, intake-full, too-many-requests */
  receive(body: AsyncIterable<Uint8Array>, limit: number, declared: number | null, owner: Owner): Promise<Part>;
  /** Whether one more file of a bundle is taken. @throws intake-full, file-refused */
  requireRoom(bundle: Hex, file: string, owner: Owner): Promise<void>;
  /** What has come of a bundle from that owner; null when nothing has. */
  receiving(bundle: Hex, owner: Owner): Promise<Folder | null>;
  /** Nothing of it changes any more. */
  hold(bundle: Hex, owner: Owner): Promise<void>;
  /** Throws away what has come of a bundle from that owner. */
  discard(bundle: Hex, owner: Owner): Promise<void>;
  held(bundle: Hex): Folder;
  holds(bundle: Hex): Promise<boolean>;
  /** Throws away what lies here of a bundle, whoever sent it. */
  drop(bundle: Hex): Promise<void>;
  /** Throws away what nobody added to since then. @param since Milliseconds since 1970. */
  sweep(since: number): Promise<void>;
  /** Bytes that lie here or are announced. */
  used(): number;
}

export interface InboxParameters {
  readonly dir: string;
  /** Bytes. */
  readonly quota: number;
  /** Unfinished bundles at a time. */
  readonly mostOpen?: number;
  /** Files of one owner that arrive at a time. */
  readonly mostUploads?: number;
  readonly pace?: Pace;
  readonly isHeld: (bundle: Hex) => boolean;
}

/** Of the quota, of unfinished bundles, that one account may take. */
const SHARE = 1 / 4;
/** Bytes that are written with one call: pieces come from a socket in small ones. */
const AT_ONCE = 2 ** 18;

/** Recounts what lies there; half-written files of an earlier process are removed. @param isHeld Whether a bundle was taken up before that process ended. */
export async function openInbox({ dir, quota, mostOpen = 64, mostUploads = 64, pace = PACE, isHeld }: InboxParameters): Promise<Inbox> {
  const places = { receiving: path.join(dir, "receiving"), held: path.join(dir, "held"), parts: path.join(dir, "parts") };
  await rm(places.parts, { recursive: true, force: true });
  for (const place of Object.values(places)) await mkdir(place, { recursive: true, mode: 0o700 });
  const coming = (bundle: Hex, owner: Owner) => path.join(places.receiving, nameOf(bundle, owner));
  const kept = (bundle: Hex) => path.join(places.held, bundle);
  // Whole and checked, but nobody was told: its sender asks again.
  for (const bundle of (await readdir(places.held)) as Hex[]) if (!isHeld(bundle)) await moved(kept(bundle), coming(bundle, null));
  const shares = createShares(quota, SHARE);
  for (const place of [places.receiving, places.held]) for (const name of await readdir(place)) shares.add(ownerOf(name), await weight(path.join(place, name)));
  /** Of bundles that are held; after a restart they count for nobody. */
  const owners = new Map<Hex, Owner>();
  const uploads = new Map<Owner, number>();

  /** @returns Bytes written. */
  async function write(part: string, body: AsyncIterable<Uint8Array>, limit: number): Promise<number> {
    const handle = await open(part, "wx", 0o600);
    let [written, waiting] = [0, 0];
    let pieces: Uint8Array[] = [];
    const flush = async (): Promise<void> => {
      // The whole of it, also where a disk that is filling up takes a part.
      if (waiting > 0) await handle.writeFile(Buffer.concat(pieces));
      [pieces, waiting] = [[], 0];
    };
    try {
      for await (const piece of paced(body, pace)) {
        written += piece.length;
        waiting += piece.length;
        if (written > limit) throw new Refused("file-too-large", `The file has more than ${limit} bytes.`);
        pieces.push(piece);
        if (waiting >= AT_ONCE) await flush();
      }
      await flush();
      await handle.sync();
    } finally {
      await handle.close();
    }
    return written;
  }

  async function requireRoom(bundle: Hex, file: string, owner: Owner): Promise<void> {
    const folder = await folderAt(coming(bundle, owner));
    if (folder === null) {
      const names = await readdir(places.receiving);
      if (names.length >= mostOpen) throw new Refused("intake-full", `${names.length} bundles are being received.`);
      const own = names.filter((name) => ownerOf(name) === owner).length;
      if (owner !== null && own >= Math.max(1, mostOpen * SHARE)) throw new Refused("intake-full", `${own} bundles of ${owner} are being received.`);
      return;
    }
    const files = await folder.list();
    if (files.length >= MOST_FILES && !files.includes(file)) throw new Refused("file-refused", `A bundle has at most ${MOST_FILES} files.`);
  }

  /** One of the files that an owner sends at a time. @returns Ends it. */
  function begin(owner: Owner): () => void {
    const count = uploads.get(owner) ?? 0;
    if (count >= mostUploads) throw new Refused("too-many-requests", `${count} files are arriving at the same time.`);
    uploads.set(owner, count + 1);
    return () => {
      const left = (uploads.get(owner) ?? 1) - 1;
      if (left > 0) uploads.set(owner, left);
      else uploads.delete(owner);
    };
  }

  async function thrownAway(place: string, owner: Owner): Promise<void> {
    shares.add(owner, -(await weight(place)));
    await rm(place, { recursive: true, force: true });
  }

  return {
    used: () => shares.used(),
    held: (bundle) => folderOf(kept(bundle)),
    holds: async (bundle) => (await folderAt(kept(bundle))) !== null,
    receiving: (bundle, owner) => folderAt(coming(bundle, owner)),
    requireRoom,
    async receive(body, limit, declared, owner) {
      if (declared !== null && declared > limit) throw new Refused("file-too-large", `The file has ${declared} bytes; at most ${limit} are taken.`);
      const end = begin(owner);
      const most = declared ?? limit;
      const part = path.join(places.parts, randomUUID());
      let counted = 0;
      const discard = async (): Promise<void> => {
        shares.add(owner, -counted);
        counted = 0;
        await rm(part, { force: true });
      };
      try {
        shares.reserve(owner, most);
        counted = most;
        const written = await write(part, body, most);
        if (declared !== null && written !== declared) throw new Refused("bundle-incomplete", `${written} of ${declared} bytes came.`);
        shares.add(owner, written - counted);
        counted = written;
      } catch (error) {
        await discard();
        throw error;
      } finally {
        end();
      }
      return {
        discard,
        async place(bundle, file) {
          await requireRoom(bundle, file, owner);
          const target = path.join(coming(bundle, owner), file);
          await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
          const before = await stat(target).then(({ size }) => size, () => 0);
          await rename(part, target);
          shares.add(owner, -before);
          counted = 0;
        },
      };
    },
    async hold(bundle, owner) {
      await moved(coming(bundle, owner), kept(bundle));
      owners.set(bundle, owner);
    },
    discard: (bundle, owner) => thrownAway(coming(bundle, owner), owner),
    async drop(bundle) {
      for (const name of await readdir(places.receiving)) if (name.startsWith(bundle)) await thrownAway(path.join(places.receiving, name), ownerOf(name));
      await thrownAway(kept(bundle), owners.get(bundle) ?? null);
      owners.delete(bundle);
    },
    async sweep(since) {
      for (const name of await readdir(places.receiving)) {
        const folder = path.join(places.receiving, name);
        const touched = await Promise.all([folder, path.join(folder, "updates")].map((place) => stat(place).then(({ mtimeMs }) => mtimeMs, () => 0)));
        if (Math.max(...touched) < since) await thrownAway(folder, ownerOf(name));
      }
    },
  };
}

const nameOf = (bundle: Hex, owner: Owner): string => (owner === null ? bundle : `${bundle}.${owner}`);
const ownerOf = (name: string): Owner => (name.includes(".") ? (name.slice(name.indexOf(".") + 1) as Address) : null);

async function moved(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}

