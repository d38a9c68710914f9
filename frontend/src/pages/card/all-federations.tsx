import { useQueries } from "@tanstack/react-query";
import type { Address } from "viem";
import { readContract } from "viem/actions";
import { rewardsVaultAbi } from "../../../../protocol/abi/index.ts";
import type { FederationHistory } from "../../chain/book.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { sameAddress } from "../../claims/balances.ts";
import { dueOf } from "../../claims/points.ts";
import { tableOf, useSettlementPages } from "../../claims/queries.ts";
import { Amount } from "../../ui/amount.tsx";
import { Section } from "../../ui/section.tsx";
import { useCardText } from "./text.ts";

interface AllFederationsProps {
  readonly account: Address;
  readonly federations: readonly FederationHistory[];
}

/** A sum over federations, only where it means something: one token, every table checked. */
export function AllFederations({ account, federations }: AllFederationsProps) {
  const { all } = useCardText();
  const { client } = useLedger();
  const tokens = useQueries({
    queries: federations.map(({ vault }) => ({
      queryKey: ["vault-token", vault],
      queryFn: () => readContract(client, { address: vault ?? "0x", abi: rewardsVaultAbi, functionName: "token" }),
      enabled: vault !== undefined,
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  const known = tokens.flatMap(({ data }) => data ?? []);
  const earned = useEarnedInAll(account, federations);
  const same = known.every((token) => sameAddress(token, known[0] ?? token));
  return (
    <Section heading={all.heading} className="all-federations">
      {!same && <p>{all.differ}</p>}
      {same && earned === undefined && <p className="quiet">{all.unknown}</p>}
      {same && earned !== undefined && (
        <p>
          <strong data-figure="earned-in-all">
            <Amount value={earned} />
          </strong>{" "}
          <span className="quiet">{all.note(String(federations.length))}</span>
        </p>
      )}
    </Section>
  );
}

/** Earned by final settlements of all federations, points without a token left out; undefined while one is not known. */
function useEarnedInAll(account: Address, federations: readonly FederationHistory[]): bigint | undefined {
  const finals = federations.flatMap(({ settlements, points }) => {
    const record = settlements.findLast(({ finalised }) => finalised !== undefined);
    return record === undefined ? [] : [{ record, points }];
  });
  const tables = useSettlementPages(federations, finals.map(({ record }) => record)).map(({ data }) => tableOf(data));
  if (!tables.every((table) => table !== undefined)) return undefined;
  return tables
    .flatMap(({ leaves }, i) => leaves.map((leaf) => ({ ...leaf, points: finals[i]?.points })))
    .filter(({ payee }) => sameAddress(payee, account))
    .reduce((sum, { cumulative, points }) => sum + dueOf(cumulative, 0n, points), 0n);
}
