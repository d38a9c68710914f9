import { importer } from "ipfs-unixfs-importer";
import type { BlockSink } from "./blocks.ts";
import { cidToDigest, type Digest } from "./cid.ts";
import { importerProfile } from "./profile.ts";

/** Cuts files into blocks, gives every block to the sink (the root last) and returns the digest of the root. */
export async function importFiles(files: ReadonlyMap<string, Uint8Array>, sink: BlockSink): Promise<Digest> {
  // A file is asked for when its turn comes: a map that reads from a disk is never in memory as a whole.
  const candidates = [...files.keys()].map((path) => ({ path, content: contentOf(files, path) }));
  const blockstore: Parameters<typeof importer>[1] = {
    async put(cid, bytes) {
      if (!(bytes instanceof Uint8Array)) throw new TypeError("the importer writes whole blocks");
      await sink.put(cid, bytes);
      return cid;
    },
  };
  let root;
  for await (const { cid } of importer(candidates, blockstore, importerProfile())) root = cid;
  if (root === undefined) throw new TypeError("the importer wrote no root");
  return cidToDigest(root);
}

/** The digest that files would have, without storing them. */
export async function digestOf(files: ReadonlyMap<string, Uint8Array>): Promise<Digest> {
  return importFiles(files, { put: () => Promise.resolve() });
}

async function* contentOf(files: ReadonlyMap<string, Uint8Array>, path: string): AsyncIterable<Uint8Array> {
  yield files.get(path) ?? new Uint8Array();
}
