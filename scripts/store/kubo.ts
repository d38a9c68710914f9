import { digestToCid, type Digest } from "./cid.ts";
import { StoreDisagrees, StoreUnavailable } from "./errors.ts";
import { digestOf } from "./import.ts";
import { describe, KuboBlocks, type KuboConnection } from "./kubo-blocks.ts";
import type { ArtefactLimits } from "./limits.ts";
import { kuboProfile } from "./profile.ts";
import { createStore } from "./store.ts";
import type { ArtefactStore } from "./types.ts";

export interface KuboStoreOptions extends KuboConnection {
  /** For a whole put. Default 10 minutes. */
  readonly putTimeoutMs?: number;
  readonly limits?: Partial<ArtefactLimits>;
}

/**
 * A store in a Kubo node. What is put is pinned. The node is not trusted: the digest of a put is computed here and
 * compared with its answer, and every block it gives is hashed again.
 */
export function createKuboStore(options: KuboStoreOptions): ArtefactStore {
  const { putTimeoutMs = 600_000, headers = {}, limits } = options;
  const source = new KuboBlocks(options);
  return createStore({ source, put }, limits);

  async function put(files: ReadonlyMap<string, Uint8Array>): Promise<Digest> {
    const digest = await digestOf(files);
    const expected = String(digestToCid(digest));
    const answered = await add(files);
    if (answered !== expected) throw new StoreDisagrees(source.name, expected, answered);
    return digest;
  }

  async function add(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
    const candidates = [...files].map(([path, content]) => ({ path, content }));
    // Loaded when first needed: it takes longer to load than the rest of the store together.
    const { create } = await import("kubo-rpc-client");
    const client = create({ url: options.url, headers });
    let root;
    try {
      const signal = AbortSignal.timeout(putTimeoutMs);
      for await (const added of client.addAll(candidates, { ...kuboProfile, pin: true, signal })) root = added.cid;
    } catch (cause) {
      const fix = "Check that the Kubo node runs, can be reached and has space, then try again.";
      throw new StoreUnavailable(source.name, describe(cause), fix, cause);
    }
    return root === undefined ? "nothing" : String(root);
  }
}
