import type { Address } from "viem";
import { linesOf } from "../../claims/statement.ts";
import type { DatedLine, SettledPage } from "../../claims/statement.ts";
import { useBlockTimes, useSettlementPages } from "../../claims/queries.ts";
import type { SettlementPage } from "../../claims/queries.ts";
import { settlementsOf } from "./receipts.ts";
import type { CardProps } from "./view.ts";

export interface SettledPages {
  readonly pages: readonly SettledPage[];
  readonly waiting: boolean;
  /** Not every final settlement could be checked: sums over them are not complete. */
  readonly partial: boolean;
}

function settled(page: SettlementPage | undefined): SettledPage[] {
  if (page?.check.kind !== "verified" || page.breakdown === undefined) return [];
  return [{ record: page.record, leaves: page.check.table.leaves, breakdown: page.breakdown }];
}

/** Every final settlement of the ledger whose table and columns were checked, oldest first. */
export function useSettledPages(federations: CardProps["federations"]): SettledPages {
  const finals = settlementsOf(federations).filter(({ finalised }) => finalised !== undefined).toReversed();
  const loaded = useSettlementPages(federations, finals);
  const pages = loaded.flatMap(({ data }) => settled(data));
  const waiting = loaded.some(({ data, failed }) => data === undefined && !failed);
  return { pages, waiting, partial: !waiting && pages.length < finals.length };
}

export interface AccountLines {
  /** Newest first; undefined until times are known. */
  readonly lines: readonly DatedLine[] | undefined;
  readonly partial: boolean;
}

/** All that an account earned and was paid, dated by the chain. */
export function useLines(account: Address, federations: CardProps["federations"]): AccountLines {
  const { pages, waiting, partial } = useSettledPages(federations);
  const lines = federations.flatMap((history) => linesOf(history, pages.filter(({ record }) => record.federation === history.federation), account));
  const times = useBlockTimes(lines.map(({ blockHash }) => blockHash)).data;
  if (waiting || (lines.length > 0 && times === undefined)) return { lines: undefined, partial };
  const dated = lines.flatMap((line) => {
    const at = times?.get(line.blockHash);
    return at === undefined ? [] : [{ ...line, at }];
  });
  return { lines: dated.toSorted((a, b) => b.at - a.at || Number(b.blockNumber - a.blockNumber)), partial: partial || dated.length < lines.length };
}
