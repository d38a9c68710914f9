import { formatAmount } from "../../../format/amount.ts";
import { useLanguage } from "../../../i18n/text.tsx";
import type { Power } from "../data/power.ts";
import { useGovernanceText } from "../text.ts";
import { Votes } from "./tally.tsx";
import { Who } from "./who.tsx";

/** Votes as a sum: where each comes from, when they were counted, and whether the sum is the chain's. */
export function PowerSum({ power, fixed = false }: { readonly power: Power; readonly fixed?: boolean }) {
  const text = useGovernanceText();
  const { language } = useLanguage();
  const time = new Date(Number(power.timestamp) * 1000).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "medium" });
  const when = (fixed ? text.powerAt : text.powerNow)(time, power.block.toString());
  return (
    <div className="power" data-votes={power.votes.toString()} data-checked={power.checked}>
      <table className="ledger">
        <caption>{when}</caption>
        <tbody>
          {power.sources.map(({ from, own, amount }) => (
            <tr key={from}>
              <th scope="row">{own ? text.own : <>{text.from} <Who address={from} /></>}</th>
              <td className="number"><Votes value={amount} /></td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{text.power}</th>
            <td className="number"><Votes value={power.votes} /></td>
          </tr>
        </tfoot>
      </table>
      <p className={power.checked ? "quiet" : "unverified"}>{power.checked ? text.powerChecked : text.powerUnchecked(formatAmount(power.votes))}</p>
    </div>
  );
}
