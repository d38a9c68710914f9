import type { Hex } from "viem";
import type { LedgerFacts } from "../../../../protocol/ledger/facts.ts";

/** Where a hash stands on the ledger. @param path The file of a bundle that has it, when the bundle's list says so. */
export interface Found {
  readonly entry: "genesis" | "round" | "settlement" | "dataset" | "vault";
  readonly number: number;
  readonly what: string;
  readonly path: string | null;
}

/** Among what the chain itself holds. */
export function findOnChain(facts: LedgerFacts, hash: Hex): Found[] {
  const found: Found[] = [];
  const look = (entry: Found["entry"], number: number, named: Readonly<Record<string, unknown>>): void => {
    for (const [what, value] of Object.entries(named)) if (typeof value === "string" && value.toLowerCase() === hash) found.push({ entry, number, what, path: null });
  };
  look("genesis", 0, facts.genesis);
  for (const { round, configHash, report } of facts.rounds) look("round", round, { configHash, ...report });
  for (const settlement of facts.settlements) look("settlement", settlement.index, settlement as unknown as Record<string, unknown>);
  for (const { dataset, card } of facts.datasets) look("dataset", dataset, { card });
  look("vault", 0, { rewardsRoot: facts.rewardsRoot });
  return found;
}

/** Among what a bundle's manifest names: its files, its entries, its statements. @param manifest Parsed, not yet checked. */
export function findInManifest(manifest: unknown, hash: Hex): { readonly what: string; readonly path: string | null }[] {
  const found: { what: string; path: string | null }[] = [];
  const visit = (value: unknown, key: string, path: string | null, depth: number): void => {
    if (depth > 8 || found.length > 20) return;
    if (typeof value === "string") {
      if (value.toLowerCase() === hash) found.push({ what: key, path });
    } else if (Array.isArray(value)) {
      for (const item of value) visit(item, key, path, depth + 1);
    } else if (typeof value === "object" && value !== null) {
      const own = "path" in value && typeof value.path === "string" ? value.path : path;
      for (const [name, item] of Object.entries(value)) visit(item, name, own, depth + 1);
    }
  };
  visit(manifest, "", null, 0);
  return found;
}
