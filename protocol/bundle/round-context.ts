import type { Hex } from "viem";
import type { createAggregator } from "../aggregate/aggregate.ts";
import { ChongwenError } from "../errors.ts";
import { normTrace } from "../norm-trace.ts";
import type { EscrowReader } from "../privacy/escrow-reader.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import type { CheckList } from "./checks.ts";
import type { FileEntry } from "./files.ts";
import type { BundleReader } from "./reader.ts";
import type { RoundExpectations } from "./round-expectations.ts";
import type { RoundManifest } from "./round-manifest.ts";

/**
 * A payload that nobody looked at: no key to it here (mode B), or erased by somebody who says so. Not an error of the round.
 * @param error What said so; null without a key.
 */
export interface UnreadPayload {
  readonly path: string;
  readonly error: ChongwenError | null;
}

/** What one update is read with. @param parameters N. @param escrow For rounds in privacy mode B: opens envelopes. @param unread Filled here. */
export interface UpdateContext {
  readonly list: CheckList;
  readonly reader: BundleReader;
  readonly manifest: RoundManifest;
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly parameters: number;
  readonly hashPairs: HashPairs;
  readonly escrow: EscrowReader | null;
  readonly unread: UnreadPayload[];
}

/** @param counted Effective weight of each entry. @param aggregatorOf Applies a declared rule. */
export interface PayloadContext extends UpdateContext {
  readonly counted: readonly number[];
  readonly aggregatorOf: typeof createAggregator;
  readonly expected: RoundExpectations;
}

/** What says of a payload that it cannot be looked at, and nothing against it. */
const UNREADABLE = new Set(["artefact-erased", "artefact-withheld", "envelope-key-missing"]);

export const isUnreadable = ({ code }: ChongwenError): boolean => UNREADABLE.has(code);

/** What `read` gives; null, and noted, when it says that the payload is erased or that there is no key to it. */
export async function orUnread<Result>({ unread }: UpdateContext, path: string, read: () => Promise<Result>): Promise<Result | null> {
  try {
    return await read();
  } catch (error) {
    const cause = error instanceof ChongwenError && error.cause instanceof ChongwenError ? error.cause : error;
    if (!(cause instanceof ChongwenError) || !isUnreadable(cause)) throw error;
    unread.push({ path, error: cause });
    return null;
  }
}

/** The lanes, when they are the ones that were committed to. */
export function committed({ list, hashPairs }: UpdateContext, entry: RoundManifest["entries"][number], path: string, update: Int16Array, root: Hex): Int16Array | null {
  const trace = normTrace(update, hashPairs);
  list.same("norm", path, entry.normSq, trace.normSq);
  list.same("norm trace", path, entry.normTraceRoot, trace.root);
  return list.same("update root", path, entry.updateRoot, root) ? update : null;
}
