import type { Atlas } from "../../../../protocol/flow/atlas.ts";
import type { Measure } from "../../../../protocol/flow/table.ts";
import { useFlow, useOpened } from "../../flow-data/use-flow.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useFlowText } from "./text.ts";
import { exactNumber, isBalanced } from "./words.ts";

const percent = (millionths: number): string => `${(millionths / 10_000).toFixed(millionths > 0 && millionths < 1000 ? 2 : 1)} %`;

/** In = out, to the unit; what is drawn of how much; what is withheld. */
export function Balance({ atlas, measure }: { readonly atlas: Atlas; readonly measure: Measure }) {
  const text = useFlowText();
  const { withheld } = useOpened();
  const account = useFlow<"account">({ kind: "account" });
  const { counted, rejected, rolled } = atlas.out;
  const number = (value: bigint): string => exactNumber(value, measure);
  const share = account.data?.share[measure];
  if (!isBalanced(atlas)) {
    return (
      <Notice tone="warning">
        <p>{text.balance.unequal}</p>
      </Notice>
    );
  }
  return (
    <div className="balance">
      <p className="equation">
        <span data-in={String(atlas.in)} data-out={String(counted + rejected + rolled)}>
          {text.balance.equation(number(atlas.in), number(counted + rejected + rolled))}
        </span>{" "}
        <span className="unit">{text.unit[measure]}</span>
      </p>
      <p className="quiet">
        {[text.balance.counted(number(counted)), text.balance.rejected(number(rejected)), ...(measure === "tokens" ? [text.balance.rolled(number(rolled))] : [])].join(" + ")}
        {" · "}
        {text.balance.drawn(atlas.links.length, atlas.rows.toLocaleString("en"))}
        {" · "}
        {withheld.seats === 0 ? text.balance.none : <abbr title={text.balance.withheldWhy(withheld.seats, withheld.smallest)}>{text.balance.withheld(share === undefined ? "…" : percent(share), text.measure[measure].toLowerCase())}</abbr>}
      </p>
    </div>
  );
}
