import { useQuery } from "@tanstack/react-query";
import { readBudget } from "../../account/passkey/relay-client.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { useLedger } from "../../chain/use-ledger.tsx";
import { Section } from "../../ui/section.tsx";
import { formatCoins } from "./coins.ts";
import { useJoinText } from "./text.ts";

/** What the relay may spend, has spent and has left. */
export function RelaySection() {
  const { relay: text } = useJoinText();
  const { client, deployment } = useLedger();
  const signer = useSigner();
  const relay = deployment.services?.relay;
  const account = signer?.kind === "passkey" ? signer.address : undefined;
  const budget = useQuery({
    queryKey: ["relay-budget", relay, account],
    queryFn: () => readBudget(relay ?? "", account),
    enabled: relay !== undefined,
    refetchInterval: 10_000,
    retry: false,
  });
  const { symbol } = client.chain.nativeCurrency;
  const rows = (["day", "organisation", "account"] as const).flatMap((name) => {
    const purse = budget.data?.[name];
    return purse === undefined || purse === null ? [] : [{ name, ...purse }];
  });
  return (
    <Section heading={text.heading}>
      <p>{relay === undefined ? text.none : text.lead}</p>
      {budget.isError && <p className="unverified">{text.unreachable}</p>}
      {budget.data !== undefined && (
        <>
          {rows.some(({ left }) => left === 0n) && <p className="unverified">{text.exhausted}</p>}
          <div className="scroll">
            <table className="ledger relay-budget">
              <thead>
                <tr>
                  <th scope="col"><span className="visually-hidden">{text.heading}</span></th>
                  <th scope="col" className="number">{text.budget}</th>
                  <th scope="col" className="number">{text.spent}</th>
                  <th scope="col" className="number">{text.left}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ name, budget: most, spent, left }) => (
                  <tr key={name}>
                    <th scope="row">{text.rows[name]}</th>
                    <td className="number">{formatCoins(most)} {symbol}</td>
                    <td className="number">{formatCoins(spent)} {symbol}</td>
                    <td className="number">{formatCoins(left)} {symbol}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="quiet">
            {text.balance} {formatCoins(budget.data.balance)} {symbol}.
          </p>
        </>
      )}
    </Section>
  );
}
