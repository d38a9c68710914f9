import { useQuery } from "@tanstack/react-query";
import { useLedger } from "../chain/use-ledger.tsx";
import { formatFee } from "../format/amount.ts";
import { useText } from "../i18n/text.tsx";
import type { ClaimCall } from "./claim-call.ts";
import { estimateClaim } from "./claim-call.ts";
import { explainProblem } from "./problem.ts";

/** What the claim would do and cost, before the wallet is asked. */
export function ClaimCostLine({ call }: { readonly call: ClaimCall }) {
  const { claim } = useText();
  const { client } = useLedger();
  const { account, contract } = call;
  const estimate = useQuery({
    queryKey: ["claim-cost", account, contract.address, JSON.stringify(contract.args, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))],
    queryFn: () => estimateClaim(client, call),
    staleTime: 15_000,
    retry: 1,
  });
  if (estimate.isError) return <p className="unverified">{claim.problems[explainProblem(estimate.error).kind]}</p>;
  if (estimate.data === undefined) return <p className="quiet">{claim.simulating}</p>;
  const { gas, fee } = estimate.data;
  return <p className="quiet">{claim.cost(formatFee(fee), client.chain.nativeCurrency.symbol, gas.toLocaleString("en"))}</p>;
}
