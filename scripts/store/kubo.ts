import { digestToCid, type Digest } from "./cid.ts";
import { StoreDisagrees, StoreUnavailable } from "./errors.ts";
import { digestOf } from "./import.ts";
import { BY_HAND, KuboPins, pinNameOf } from "./kubo-pins.ts";
import { describe, KuboBlocks, type KuboConnection } from "./kubo-blocks.ts";
import type { ArtefactLimits } from "./limits.ts";
import { kuboProfile } from "./profile.ts";
import { createStore } from "./store.ts";
import type { ArtefactStore } from "./types.ts";

export interface KuboStoreOptions extends KuboConnection {
  /** For a whole put. Default 10 minutes. */
  readonly putTimeoutMs?: number;
  readonly limits?: Partial<ArtefactLimits>;
  /** Who pins: only a sweep with the same name takes the pin away again. Default: what was put by hand, which no sweep takes. */
  readonly owner?: string;
}

/**
 * A store in a Kubo node. What is put is pinned. The node is not trusted: the digest of a put is computed here and
 * compared with its answer, and every block it gives is hashed again.
 */
export function createKuboStore(options: KuboStoreOptions): ArtefactStore {
  const { putTimeoutMs = 600_000, headers = {}, limits, owner = BY_HAND } = options;
  const source = new KuboBlocks(options);
  const pins = new KuboPins(options);
  return createStore({ source, put }, limits);

  async function put(files: ReadonlyMap<string, Uint8Array>): Promise<Digest> {
    const digest = await digestOf(files);
    const expected = String(digestToCid(digest));
    const pinned = await pins.find(digestToCid(digest));
    // A node keeps one name for a pin, and a second one would replace it: then a sweep of ours would take away what somebody else, or somebody by hand, pinned.
    const isOurs = pinned === null || pinned.name?.owner === owner;
    const answered = await add(files, isOurs ? pinNameOf({ owner, since: Date.now() / 1000, digest, part: false }) : null);
    if (answered !== expected) throw new StoreDisagrees(source.name, expected, answered);
    return digest;
  }

  async function add(files: ReadonlyMap<string, Uint8Array>, pinName: string | null): Promise<string> {
    const candidates = [...files].map(([path, content]) => ({ path, content }));
    // Loaded when first needed: it takes longer to load than the rest of the store together.
    const { create } = await import("kubo-rpc-client");
    const client = create({ url: options.url, headers });
    let root;
    try {
      const signal = AbortSignal.timeout(putTimeoutMs);
      const pinning = pinName === null ? { pin: false } : { pin: true, pinName };
      for await (const added of client.addAll(candidates, { ...kuboProfile, ...pinning, signal })) root = added.cid;
    } catch (cause) {
      const fix = "Check that the Kubo node runs, can be reached and has space, then try again.";
      throw new StoreUnavailable(source.name, describe(cause), fix, cause);
    }
    return root === undefined ? "nothing" : String(root);
  }
}
