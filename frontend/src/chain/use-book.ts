import type { Deployment } from "../../../protocol/deployment.ts";
import type { FederationHistory } from "./book.ts";
import { readBook } from "./book.ts";
import type { ContributorRecord } from "./contributors.ts";
import { readContributors } from "./contributors.ts";
import type { History } from "./history-source.ts";
import { useHistory } from "./use-history.ts";
import { useLedger } from "./use-ledger.tsx";

interface Pages {
  readonly federations: readonly FederationHistory[];
  readonly contributors: ReadonlyMap<number, ContributorRecord>;
}

const books = new WeakMap<History, Pages>();

/** One reading of a history serves everybody who asks. */
function bookOf(history: History, deployment: Deployment): Pages {
  const known = books.get(history);
  if (known !== undefined) return known;
  const pages = { federations: readBook(history.entries, deployment), contributors: readContributors(history.entries, deployment) };
  books.set(history, pages);
  return pages;
}

export interface Book {
  /** Both undefined until the history was read. */
  readonly federations: readonly FederationHistory[] | undefined;
  readonly contributors: ReadonlyMap<number, ContributorRecord> | undefined;
  /** Block through which it was read. */
  readonly through: bigint | undefined;
  readonly failed: boolean;
}

export function useBook(): Book {
  const { deployment } = useLedger();
  const { data, isError } = useHistory();
  const pages = data === undefined ? undefined : bookOf(data, deployment);
  return { federations: pages?.federations, contributors: pages?.contributors, through: data?.through, failed: isError && data === undefined };
}
