import type { Hex } from "viem";
import type { RoundTrace } from "../../rounds/trace.ts";
import { useGas } from "../../rounds/use-rounds.ts";
import { Copyable } from "../../ui/copyable.tsx";
import { useRoundsText } from "./text.ts";

interface GasTableProps {
  readonly trace: RoundTrace;
  /** Seals of all rounds: a parent can be made final by its child's. */
  readonly seals: ReadonlySet<Hex>;
  readonly contributors: number;
}

/** What the round's own transactions used. */
export function GasTable({ trace, seals, contributors }: GasTableProps) {
  const text = useRoundsText();
  const seal = trace.seals.at(-1)?.transaction;
  const report = trace.reports.at(-1)?.transaction;
  const final = trace.final?.transaction;
  const byTheWay = final !== undefined && seals.has(final);
  const used = { seal: useGas(seal).data, report: useGas(report).data, finalise: useGas(byTheWay ? undefined : final).data };
  const known = Object.values(used).filter((gas) => gas !== undefined);
  const total = known.reduce((sum, gas) => sum + gas, 0n);
  const rows = [
    { name: "seal", transaction: seal, gas: used.seal },
    { name: "report", transaction: report, gas: used.report },
    { name: "finalise", transaction: final, gas: used.finalise },
  ] as const;
  return (
    <table className="ledger gas">
      <caption>{text.gasLead}</caption>
      <tbody>
        {rows.map(({ name, transaction, gas }) => (
          <tr key={name}>
            <th scope="row">{text.gasNames[name]}</th>
            <td className="number">{transaction === undefined ? text.none : name === "finalise" && byTheWay ? text.gasWithSeal : (gas?.toLocaleString("en") ?? "…")}</td>
            <td>{transaction !== undefined && <Copyable value={transaction} what={text.inTransaction} />}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">{text.total}</th>
          <td className="number">
            <strong>{total.toLocaleString("en")}</strong>
          </td>
          <td className="quiet">{contributors > 0 && text.gasPer((total / BigInt(contributors)).toLocaleString("en"))}</td>
        </tr>
      </tbody>
    </table>
  );
}
