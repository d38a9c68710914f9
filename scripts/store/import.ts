import { importer } from "ipfs-unixfs-importer";
import type { BlockSink } from "./blocks.ts";
import { cidToDigest, type Digest } from "./cid.ts";
import { importerProfile } from "./profile.ts";

/** Cuts files into blocks, gives every block to the sink (the root last) and returns the digest of the root. */
export async function importFiles(files: ReadonlyMap<string, Uint8Array>, sink: BlockSink): Promise<Digest> {
  const candidates = [...files].map(([path, content]) => ({ path, content }));
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
