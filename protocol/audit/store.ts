import type { Hex } from "viem";
import type { BundleReader } from "../bundle/reader.ts";
import type { ChongwenError } from "../errors.ts";

/** Path under which an artefact of a single file keeps it. */
export const SINGLE_FILE = "content";

/** Where an audit finds artefacts, by the digest that the chain names: a store on disk, a Kubo node, a server that a page asks, files dropped on it. */
export interface AuditStore {
  open(digest: Hex, options?: { readonly label?: string }): Promise<BundleReader>;
  /** Reads everything that the digest stands for, and hashes it again. */
  verifyAll(digest: Hex, options?: { readonly label?: string }): Promise<{ readonly findings: readonly ChongwenError[]; readonly blocks: number }>;
}
