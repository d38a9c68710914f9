/** What of a federation's history stands in a freeze: the changes of when it ends, and everything that a freeze must have stopped. Pure. */
import { z } from "zod";
import type { Hash } from "viem";
import { isHash } from "viem/utils";

const uint = z.int().nonnegative();
const big = z.union([z.bigint(), z.string().regex(/^\d+$/)]).transform(BigInt);
/** Where in the chain, and when by its clock. */
const place = { block: big, logIndex: uint, at: uint };

export const freezesSchema = z.strictObject({
  /** End of the last freeze, past or to come; 0 when there was none. */
  until: uint,
  /** In their order. Lifted where `until` is not after `at`. `reason`: hash of the council's, null where none was given, as for a lift. */
  changes: z.array(z.strictObject({ ...place, until: uint, reason: z.custom<Hash>((value) => typeof value === "string" && isHash(value), "expected 32 bytes").nullable() })),
  /** Every seal, report and finality of the rounds in scope, overturned ones as well; none where there never was a freeze. */
  moves: z.array(z.strictObject({ ...place, round: uint, move: z.enum(["sealed", "reported", "final"]) })),
});

export type FreezeFacts = z.infer<typeof freezesSchema>;
type Place = { readonly block: bigint; readonly logIndex: number };

export const isLift = ({ at, until }: FreezeFacts["changes"][number]): boolean => until <= at;
const isBefore = (a: Place, b: Place): boolean => a.block < b.block || (a.block === b.block && a.logIndex < b.logIndex);

/** The end of the freeze that held when something happened; 0 when none did. What went before the freeze in the same block was no part of it. */
export function frozenAt({ changes }: FreezeFacts, moment: Place & { readonly at: number }): number {
  const until = changes.findLast((change) => isBefore(change, moment))?.until ?? 0;
  return moment.at < until ? until : 0;
}
