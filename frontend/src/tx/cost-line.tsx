import { useQuery } from "@tanstack/react-query";
import type { Signer } from "../account/signer.ts";
import { useLedger } from "../chain/use-ledger.tsx";
import { formatFee } from "../format/amount.ts";
import type { Call } from "./call.ts";
import { explainProblem } from "./problem.ts";
import { simulate } from "./simulate.ts";
import { useTransactionText } from "./text.ts";
import { wordsFor } from "./words.ts";

/** What the call would do and cost, before anybody is asked to sign. */
export function CostLine({ call, signer }: { readonly call: Call; readonly signer: Signer }) {
  const text = useTransactionText();
  const { client } = useLedger();
  const estimate = useQuery({
    queryKey: ["cost", signer.address, call.to, call.data, String(call.value ?? 0n)],
    queryFn: () => simulate(client, signer.address, call),
    staleTime: 15_000,
    retry: false,
  });
  if (estimate.isError) return <Refused error={estimate.error} />;
  if (estimate.data === undefined) return <p className="quiet">{text.simulating}</p>;
  const { gas, fee } = estimate.data;
  return (
    <p className="quiet">
      {signer.kind === "passkey" ? text.sponsored : text.cost(formatFee(fee), client.chain.nativeCurrency.symbol, gas.toLocaleString("en"))}
    </p>
  );
}

/** That it would be refused is one thing, that nobody could be asked is another. */
function Refused({ error }: { readonly error: Error }) {
  const text = useTransactionText();
  const problem = explainProblem(error);
  const known = problem.kind === "reverted" || problem.kind === "no-funds";
  return <p className="unverified">{known ? wordsFor(problem, text) : text.unavailable}</p>;
}
