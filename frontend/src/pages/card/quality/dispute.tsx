import type { Change, QualityView } from "../../../claims/quality-view.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { Copyable } from "../../../ui/copyable.tsx";
import { useCardText } from "../text.ts";
import { percent } from "./figures.ts";
import { useQualityText } from "./text.ts";
import type { QualityText } from "./text.en.ts";

interface Words {
  readonly text: QualityText;
  readonly round: (round: string) => string;
  readonly separator: string;
}

/** One cause, as a sentence. Pure. */
export function changeWords(change: Change, { text, round, separator }: Words): string {
  const list = (items: readonly string[]): string => items.join(separator);
  switch (change.kind) {
    case "gate":
      return text.change.gate(list(change.rounds.map((each) => round(String(each)))), text.reasons[change.reason]);
    case "labels":
      return text.change.labels(percent(change.qualityPpm));
    case "ceiling":
      return text.change.ceiling(text.tier[change.tier]);
    case "together":
      return text.change.together(list(change.seats.map(String)));
    case "rounds":
      return text.change.rounds(String(change.passed), String(change.of));
    case "idle":
      return text.change.idle(list(change.tiers.map((tier) => text.tier[tier])));
    default:
      return text.change[change.kind];
  }
}

interface DisputeProps {
  readonly view: QualityView;
  readonly final: boolean;
  readonly separator: string;
}

/** "My reward is wrong, explain it": what was checked, what would change it, and where to go. */
export function Dispute({ view, final, separator }: DisputeProps) {
  const text = useQualityText();
  const { receipts } = useCardText();
  const { arbitration } = useLedger().deployment.contracts;
  const words: Words = { text, round: receipts.round, separator };
  return (
    <section className="quality-dispute">
      <h4>{text.worth}</h4>
      <p>{text.recomputedHere}</p>
      {view.data.kind === "open" && <p>{text.notHere}</p>}
      <p>{view.attested.length === 0 ? text.attestedNone : text.attestedTiers(view.attested.map((tier) => text.tier[tier]).join(separator))}</p>
      <h4>{text.wrong}</h4>
      <p className="quiet">{text.wouldChange}</p>
      {view.changes.length === 0 ? (
        <p>{text.nothing}</p>
      ) : (
        <ul className="changes" data-changes={view.changes.map(({ kind }) => kind).join(" ")}>
          {view.changes.map((change) => (
            <li key={changeWords(change, words)}>{changeWords(change, words)}</li>
          ))}
        </ul>
      )}
      <p className="quiet">{text.dispute}</p>
      <p>{final ? text.disputeOver : text.disputeOpen}</p>
      {!final && (
        <p>
          {text.arbitration} <Copyable value={arbitration} what={text.arbitration} />
        </p>
      )}
      <p>{text.whom}</p>
    </section>
  );
}
