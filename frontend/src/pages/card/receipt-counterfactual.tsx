import { use, useId, useState } from "react";
import { withoutUpdate } from "../../claims/recompute.ts";
import type { RecomputeInput } from "../../claims/recompute.ts";
import { formatAmount } from "../../format/amount.ts";
import { Amount, AmountUnit } from "../../ui/amount.tsx";
import { useCardText } from "./text.ts";

const SHOWN = 6;

interface ReceiptCounterfactualProps {
  readonly input: Omit<RecomputeInput, "scoresHash">;
  readonly seat: number;
}

/** What one update was worth: the same settlement without it. */
export function ReceiptCounterfactual({ input, seat }: ReceiptCounterfactualProps) {
  const card = useCardText();
  const text = card.receipts;
  const unit = use(AmountUnit);
  const counted = input.rounds.filter(({ seats, weights }) => seats.some((other, i) => other === seat && (weights[i] ?? 0) > 0)).map(({ round }) => round);
  const [chosen, choose] = useState(counted[0]);
  const id = useId();
  const without = chosen === undefined ? undefined : withoutUpdate(input, seat, chosen);
  return (
    <section className="counterfactual" aria-labelledby={id}>
      <h4 id={id}>{text.counterfactual}</h4>
      {counted.length === 0 && <p className="quiet">{text.noneToReject}</p>}
      {counted.length > 0 && (
        <fieldset className="which-round">
          <legend>{text.counterfactualLead}</legend>
          {counted.map((round) => (
            <button key={round} type="button" aria-pressed={round === chosen} onClick={() => choose(round)}>
              {text.round(String(round))}
            </button>
          ))}
        </fieldset>
      )}
      {without !== undefined && (
        <div aria-live="polite" data-counterfactual={chosen}>
          <p>
            <strong>{text.wouldHave(`${formatAmount(without.after.amounts[seat] ?? 0n)} ${unit}`, `${formatAmount(without.own)} ${unit}`)}</strong>
          </p>
          {without.nobodyPaid ? <p>{text.nobodyPaid}</p> : without.others.length === 0 ? <p>{text.othersNone}</p> : <Others others={without.others} />}
          <p className="quiet">{text.counterfactualNote}</p>
        </div>
      )}
    </section>
  );
}

function Others({ others }: { readonly others: readonly { readonly seat: number; readonly gain: bigint }[] }) {
  const card = useCardText();
  return (
    <>
      <p>{card.receipts.othersGain}</p>
      <ul className="gains">
        {others.slice(0, SHOWN).map(({ seat, gain }) => (
          <li key={seat}>
            {card.seat(String(seat))} <span className="gain">+<Amount value={gain} /></span>
          </li>
        ))}
        {others.length > SHOWN && <li>{card.receipts.moreOthers(String(others.length - SHOWN))}</li>}
      </ul>
    </>
  );
}
