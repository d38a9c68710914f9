import { DiskBlocks } from "../disk-blocks.ts";
import { mark } from "./mark.ts";
import { endOf, type Reason, type Reasons } from "./retained.ts";
import { blockSizes, type Tally } from "./sweep.ts";

export type Use = Reason["kind"] | "unnamed" | "quarantine";

/** What takes the space of a store on disk. A block that several reasons keep counts for the one that lasts longest. */
export async function usageOf(dir: string, kept: Reasons): Promise<ReadonlyMap<Use, Tally>> {
  const sizes = await blockSizes(dir);
  const blocks = new DiskBlocks(dir);
  const usage = new Map<Use, Tally>();
  const counted = new Set<string>();
  const add = (use: Use, bytes: number): void => {
    const so = usage.get(use) ?? { blocks: 0, bytes: 0 };
    usage.set(use, { blocks: so.blocks + 1, bytes: so.bytes + bytes });
  };
  for (const kind of BY_DURATION) {
    const digests = [...kept].flatMap(([digest, reasons]) => (lastingKind(reasons) === kind ? [digest] : []));
    for (const key of (await mark(blocks, digests)).blocks) {
      const size = sizes.get(key);
      if (size === undefined || counted.has(key)) continue;
      counted.add(key);
      add(kind, size.bytes);
    }
  }
  for (const [key, { bytes, quarantined }] of sizes) if (!counted.has(key)) add(quarantined ? "quarantine" : "unnamed", bytes);
  return usage;
}

const BY_DURATION = ["genesis", "card", "pending", "parent", "settlement", "pinned", "stable", "round", "overturned"] as const satisfies readonly Reason["kind"][];

function lastingKind(reasons: readonly Reason[]): Reason["kind"] {
  const end = endOf(reasons);
  return reasons.find(({ until }) => until === end)?.kind ?? "round";
}
