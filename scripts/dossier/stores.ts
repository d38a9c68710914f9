import { createHash } from "node:crypto";
import { ChongwenError } from "../../protocol/errors.ts";
import type { BlockSink, BlockSource } from "../store/blocks.ts";
import type { ArtefactStore, Digest } from "../store/index.ts";

/** Keeps every block that is read and is what its name says: what an audit reads is what the next one needs. */
export function keepingSource(source: BlockSource, sink: BlockSink): BlockSource {
  const kept = new Set<string>();
  return {
    name: source.name,
    hasBlock: (cid) => source.hasBlock(cid),
    locate: (cid) => source.locate(cid),
    async getBlock(cid, most) {
      const bytes = await source.getBlock(cid, most);
      const name = String(cid);
      if (bytes === undefined || bytes.length > most || kept.has(name)) return bytes;
      if (!createHash("sha256").update(bytes).digest().equals(cid.multihash.digest)) return bytes;
      await sink.put(cid, bytes);
      kept.add(name);
      return bytes;
    },
  };
}

/** Notes which artefacts are looked at. */
export function notingStore(store: ArtefactStore, digests: Set<Digest>): ArtefactStore {
  return {
    ...store,
    open: (digest, options) => {
      digests.add(digest.toLowerCase() as Digest);
      return store.open(digest, options);
    },
    verifyAll: (digest, options) => {
      digests.add(digest.toLowerCase() as Digest);
      return store.verifyAll(digest, options);
    },
  };
}

/** Updates, open or sealed, are what patients' data could be guessed from. */
const isPayload = (path: string): boolean => path.startsWith("updates/");

/** A store that never looks at payloads, and says so of each that is asked for. */
export function withoutPayloads(store: ArtefactStore): ArtefactStore {
  return {
    ...store,
    async open(digest, options) {
      const reader = await store.open(digest, options);
      return {
        ...reader,
        read: async (path) => {
          if (!isPayload(path)) return reader.read(path);
          throw new ChongwenError({
            code: "artefact-withheld",
            message: `${path} of artefact ${digest} was left out of this dossier: what follows from it is not recomputed.`,
            fix: "Ask for a dossier with payloads, or audit where the payloads are.",
            docs: "docs/dossier.md",
          });
        },
      };
    },
    verifyAll: (digest, options) => store.verifyAll(digest, { ...options, without: isPayload }),
  };
}
