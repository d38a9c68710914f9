import { use } from "react";
import type { ReactNode } from "react";
import type { FederationConfig } from "../../../../protocol/eip712/structs.ts";
import { poolParts } from "../../claims/entry.ts";
import type { Part, SeatRound, SeatSum } from "../../claims/entry.ts";
import type { Recomputation } from "../../claims/recompute.ts";
import { QUALITY_SCORING } from "../../claims/use-quality.ts";
import { formatAmount } from "../../format/amount.ts";
import { formatShare } from "../../format/share.ts";
import { Amount, AmountUnit } from "../../ui/amount.tsx";
import { Kind } from "../../ui/kind.tsx";
import type { ClaimKind } from "../../ui/kind.tsx";
import type { ReceiptKey } from "./receipts.ts";
import type { CardText } from "./text.en.ts";
import { useCardText } from "./text.ts";

interface StepProps {
  readonly name: string;
  readonly kind?: ClaimKind;
  readonly children: ReactNode;
}

function Step({ name, kind, children }: StepProps) {
  return (
    <div className="step">
      <dt>
        {name}
        {kind !== undefined && (
          <>
            {" "}
            <Kind kind={kind} />
          </>
        )}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function words(part: Part, text: CardText["receipts"]): string {
  switch (part.kind) {
    case "counted":
    case "excluded":
      return text.parts[part.kind](String(part.weight));
    case "dropped":
      return text.parts.dropped(text.reasons[part.reason ?? 0] ?? text.reasons[0] ?? "");
    default:
      return text.parts[part.kind];
  }
}

interface ReceiptWorkingProps {
  readonly receipt: ReceiptKey;
  readonly parts: readonly SeatRound[];
  readonly sum: SeatSum;
  readonly finalRounds: number;
  readonly config: FederationConfig | undefined;
  readonly recomputation: Recomputation | undefined;
  /** All that the seat has earned up to this settlement. */
  readonly cumulative: bigint | undefined;
}

/** From the rounds to the amount, step by step, each with what its word is worth. */
export function ReceiptWorking({ receipt: { history, record }, parts, sum, finalRounds, config, recomputation, cumulative }: ReceiptWorkingProps) {
  const { receipts: text } = useCardText();
  const unit = use(AmountUnit);
  // Its terms follow below, tier by tier.
  const byQuality = config?.scoringId === QUALITY_SCORING;
  const carry = history.settlements.find(({ index }) => index === record.index - 1)?.finalised?.carry ?? 0n;
  const pool = config === undefined ? undefined : poolParts(record.pool, finalRounds, config.poolPerRound, carry);
  return (
    <>
      <h4>{text.working}</h4>
      <dl className="working">
        <Step name={text.steps.rounds} kind="enforced">
          <ul className="round-parts">
            {parts.map(({ round, part }) => (
              <li key={round.round} data-part={part.kind}>
                <span>{text.round(String(round.round))}</span> <span>{words(part, text)}</span>
              </li>
            ))}
          </ul>
        </Step>
        <Step name={text.steps.score} kind="recomputable">
          <p>
            <strong>{String(sum.score)}</strong> {text.ofAll(String(sum.scoreSum))}
          </p>
          {sum.nobody > 0n && <p className="quiet">{text.nobodys(String(sum.nobody))}</p>}
          {!byQuality && <p className={recomputation?.kind === "differs" ? "unverified" : "quiet"}>{scoreWords(recomputation, text)}</p>}
        </Step>
        <Step name={text.steps.share}>
          <strong>{sum.scoreSum === 0n ? "0 %" : formatShare(sum.score, sum.scoreSum, 4)}</strong>
        </Step>
        <Step name={text.steps.pool} kind="enforced">
          <p>
            <Amount value={record.pool} />
          </p>
          <p className="quiet">{pool === undefined || config === undefined ? text.poolPlain : text.poolParts(String(finalRounds), `${formatAmount(config.poolPerRound)} ${unit}`, `${formatAmount(pool.carry)} ${unit}`)}</p>
        </Step>
        <Step name={text.steps.amount} kind="disprovable">
          {sum.declined ? (
            <p>{text.declined}</p>
          ) : (
            <>
              <p className="formula">
                {formatAmount(record.pool)} × {String(sum.score)} ÷ {String(sum.scoreSum)} = <Amount value={sum.amount} />
              </p>
              <p className="quiet">{sum.remainder === 0n ? text.exact : text.rounding(String(sum.remainder), String(sum.scoreSum), unit)}</p>
            </>
          )}
        </Step>
        {!byQuality && (
          <Step name={text.steps.absent}>
            <p className="quiet">{text.absentTerms(recomputation?.kind === "equal" ? recomputation.rule : String(config?.scoringId ?? "?"))}</p>
          </Step>
        )}
      </dl>
      {cumulative !== undefined && (
        <p className="receipt-total">
          {text.cumulative} <Amount value={cumulative} />
        </p>
      )}
    </>
  );
}

function scoreWords(recomputation: Recomputation | undefined, text: CardText["receipts"]): string {
  if (recomputation === undefined) return text.scoreUnchecked;
  if (recomputation.kind === "equal") return text.scoreEquals(recomputation.rule);
  return recomputation.kind === "differs" ? text.scoreDiffers(recomputation.seats.join(", ")) : text.scoreUnknownRule(String(recomputation.scoringId));
}
