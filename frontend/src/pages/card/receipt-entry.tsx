import { configOf, coveredRounds } from "../../chain/book.ts";
import { useNames } from "../../chain/use-names.ts";
import { partOf, sumOf } from "../../claims/entry.ts";
import { useBlockTimes, usePayeeAt, useRoundWeights } from "../../claims/queries.ts";
import type { SettlementPage } from "../../claims/queries.ts";
import type { QualityCheck } from "../../claims/quality-check.ts";
import { recomputeScores } from "../../claims/recompute.ts";
import type { Recomputation } from "../../claims/recompute.ts";
import { useQuality } from "../../claims/use-quality.ts";
import { formatAmount } from "../../format/amount.ts";
import { formatShare } from "../../format/share.ts";
import { useText } from "../../i18n/text.tsx";
import { AddressName, DatasetName } from "../../ui/address-name.tsx";
import { Amount, AmountUnit } from "../../ui/amount.tsx";
import { Time } from "../../ui/time.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { chineseNumber } from "./chinese-number.ts";
import { seatOf } from "./payees.ts";
import { QualityTerms } from "./quality/index.tsx";
import { useQualityText } from "./quality/text.ts";
import { ReceiptCounterfactual } from "./receipt-counterfactual.tsx";
import { ReceiptSources } from "./receipt-sources.tsx";
import { ReceiptWorking } from "./receipt-working.tsx";
import { receiptId } from "./receipts.ts";
import type { ReceiptKey } from "./receipts.ts";
import { useCardText } from "./text.ts";

interface ReceiptEntryProps {
  readonly receipt: ReceiptKey;
  readonly page: SettlementPage;
}

/** One payment and why it was that much, laid out like a leaf of a Song catalogue. */
export function ReceiptEntry({ receipt, page }: ReceiptEntryProps) {
  const { receipts: text, federation: federationName, points } = useCardText();
  const { history, record, seat } = receipt;
  const unit = history.points === undefined ? "SHU" : points;
  const { breakdown, check } = page;
  const rounds = coveredRounds(history, record);
  const weights = useRoundWeights(record.federation, rounds);
  const final = rounds.filter(({ report }) => report !== undefined);
  const checkedWeights = weights.filter((each) => each !== null && each !== undefined);
  const config = configOf(history, record);
  const whole = checkedWeights.length === final.length && final.length > 0;
  const quality = useQuality(history, record, whole ? checkedWeights : undefined);
  const qualityText = useQualityText();
  if (breakdown === undefined) return <p className="unverified">{text.columnsUnverified}</p>;
  const waiting = weights.includes(undefined);
  const recomputation =
    !whole || config === undefined ? undefined : quality.wanted ? ofQuality(quality.check) : recomputeScores({ scoringId: config.scoringId, rounds: checkedWeights, breakdown, scoresHash: record.scoresHash });
  const sum = sumOf(breakdown, record.pool, seat);
  const parts = rounds.map((round, i) => ({ round, part: partOf(round, seat, weights[i] ?? undefined) }));
  const leaf = check.kind === "verified" ? check.table.leaves.find((member) => member.seat === seat) : undefined;
  return (
    <AmountUnit value={unit}>
      <article className="receipt-entry" aria-label={`${text.shelf} ${receiptId(receipt)}`} data-entry={receiptId(receipt)}>
        <Strip index={record.index} />
        <div className="receipt-leaf">
          <header className="receipt-head">
            <p className="shelf-mark">
              {text.shelf} <span>{receiptId(receipt)}</span> · {federationName(String(record.federation))} · {text.settlement(String(record.index))}
            </p>
            <h3>{text.title(String(record.firstRound), String(record.lastRound))}</h3>
            <Bearer receipt={receipt} />
            <Stamp recomputation={recomputation} partly={quality.check?.kind === "checked" ? qualityText.partly : undefined} waiting={waiting} />
          </header>
          <p className="receipt-amount">
            <Amount value={sum.amount} />
          </p>
          <p className="receipt-sentence">
            {sum.declined
              ? text.declined
              : sum.score === 0n
                ? text.nothing
                : quality.wanted
                  ? qualityText.sentence(formatShare(sum.score, sum.scoreSum, 2), `${formatAmount(record.pool)} ${unit}`)
                  : text.sentence(String(sum.score), String(sum.scoreSum), text.finalRounds(final.length), formatShare(sum.score, sum.scoreSum, 2), `${formatAmount(record.pool)} ${unit}`)}
          </p>
          <Payment receipt={receipt} />
          {waiting ? (
            <Waiting>{text.loading}</Waiting>
          ) : (
            <ReceiptWorking receipt={receipt} parts={parts} sum={sum} finalRounds={final.length} config={config} recomputation={recomputation} cumulative={leaf?.cumulative} />
          )}
          {quality.wanted && !waiting && <QualityTerms check={quality.check} failed={quality.failed || !whole} seat={seat} pool={record.pool} final={record.finalised !== undefined} />}
          {whole && config !== undefined && !quality.wanted && recomputation?.kind === "equal" && (
            <ReceiptCounterfactual input={{ scoringId: config.scoringId, pool: record.pool, rounds: checkedWeights, breakdown }} seat={seat} />
          )}
          <ReceiptSources receipt={receipt} rounds={final} />
        </div>
      </article>
    </AmountUnit>
  );
}

/** The seal is for what was all recomputed: not for how data was judged, which only the verify page and the command line do again. */
function ofQuality(check: QualityCheck | undefined): Recomputation | undefined {
  if (check === undefined) return undefined;
  if (check.kind === "mismatch") return check.what === "unreadable" ? undefined : { kind: "differs", seats: [] };
  return check.facts.working.data === null ? { kind: "equal", rule: "quality-v1" } : undefined;
}

/** The heart of the leaf, where a Song printer put title and number. */
function Strip({ index }: { readonly index: number }) {
  return (
    <div className="receipt-strip" aria-hidden="true" lang="zh-Hans">
      <span>崇文院收据</span>
      <span>第{chineseNumber(index)}次结算</span>
    </div>
  );
}

function Bearer({ receipt: { history, seat } }: { readonly receipt: ReceiptKey }) {
  const { receipts: text } = useCardText();
  const record = seatOf(history, seat);
  return (
    <p className="receipt-bearer">
      {text.seat(String(seat))}
      {record !== undefined && (
        <>
          {" · "}
          <DatasetName dataset={record.dataset} />
        </>
      )}
    </p>
  );
}

interface StampProps {
  readonly recomputation: Recomputation | undefined;
  /** What was checked, where a page cannot recompute all. */
  readonly partly: string | undefined;
  readonly waiting: boolean;
}

/** The seal is set only when everything below was recomputed. */
function Stamp({ recomputation, partly, waiting }: StampProps) {
  const { receipts: text } = useCardText();
  if (waiting) return null;
  if (recomputation?.kind === "equal") {
    return (
      <p className="receipt-stamp" data-stamp="checked">
        <span lang="zh-Hans" aria-hidden="true">
          核讫
        </span>
        <span className="visually-hidden">{text.checkedMeaning}</span>
      </p>
    );
  }
  if (partly !== undefined && recomputation === undefined) {
    return (
      <p className="quiet" data-stamp="partly">
        {partly}
      </p>
    );
  }
  return (
    <p className="unverified" data-stamp={recomputation?.kind ?? "unchecked"}>
      {recomputation?.kind === "differs" ? text.differs : text.unchecked}
    </p>
  );
}

/** Whom, and since when. */
function Payment({ receipt: { history, record, seat } }: { readonly receipt: ReceiptKey }) {
  const { receipts: text } = useCardText();
  const { names } = useText();
  const organisations = useNames();
  const report = history.rounds.flatMap(({ reports }) => reports).findLast(({ reportHash }) => reportHash === record.lastReportHash);
  const payee = usePayeeAt(seatOf(history, seat)?.contributor, report?.deadline).data;
  const times = useBlockTimes(record.finalised === undefined ? [] : [record.finalised.blockHash]).data;
  const at = record.finalised === undefined ? undefined : times?.get(record.finalised.blockHash);
  const declined = payee !== undefined && BigInt(payee) === 0n;
  const bearer = payee === undefined ? undefined : organisations.bearer(payee);
  return (
    <dl className="receipt-payment">
      {payee !== undefined && !declined && (
        <div>
          <dt>{text.paidTo}</dt>
          <dd title={bearer === undefined ? names.address : undefined}>
            <AddressName address={payee} />
          </dd>
        </div>
      )}
      <div>
        <dt>{text.finalOn}</dt>
        <dd>{record.finalised === undefined ? text.underWay : at !== undefined && <Time at={at} />}</dd>
      </div>
    </dl>
  );
}
