import type { Address } from "viem";
import { useBreakdown, useScoringRule } from "./queries.ts";
import type { Statement } from "./read-settlement.ts";
import { formatAmount } from "../format/amount.ts";
import { formatShare } from "../format/share.ts";
import { useText } from "../i18n/text.tsx";
import { Amount } from "../ui/amount.tsx";
import { Kind } from "../ui/kind.tsx";
import type { Leaf } from "./balances.ts";
import { sameAddress } from "./balances.ts";
import type { Breakdown, RewardsTable } from "./receipt.ts";

/** `FederationConfig.scoringId` of the rule that pays by registered size. */
const SIZE_V1 = 1;

interface ReceiptLinesProps {
  readonly account: Address;
  readonly statement: Statement;
  readonly table: RewardsTable;
}

/** The latest settlement, worked out line by line for the seats of one account. */
export function ReceiptLines({ account, statement, table }: ReceiptLinesProps) {
  const { receipt: text } = useText();
  const breakdown = useBreakdown(statement);
  const scoringRule = useScoringRule(statement);
  const leaves = table.leaves.filter((leaf) => sameAddress(leaf.payee, account));
  if (leaves.length === 0) return null;
  const why = breakdown.data;
  return (
    <>
      <p className="settlement-head">
        <strong>{text.settlement(String(statement.index))}</strong> · {text.coverage(String(statement.firstRound), String(statement.lastRound))}{" "}
        <Kind kind="disprovable" />
      </p>
      <ul className="lines">
        {leaves.map((leaf) => (
          <SeatLine key={leaf.seat} leaf={leaf} pool={statement.pool} why={why ?? undefined} />
        ))}
      </ul>
      {why && (
        <p className="quiet">
          {text.explain} {scoringRule.data === SIZE_V1 && text.sizeRule}
        </p>
      )}
      {(why === null || breakdown.isError) && <p className="unverified">{text.columnsUnverified}</p>}
    </>
  );
}

interface SeatLineProps {
  readonly leaf: Leaf;
  readonly pool: bigint;
  readonly why: Breakdown | undefined;
}

/** "1,200 SHU × 25 ÷ 286 (8.74 %) = 104.8… SHU" */
function SeatLine({ leaf, pool, why }: SeatLineProps) {
  const { receipt: text } = useText();
  const score = why?.scores[leaf.seat] ?? 0n;
  return (
    <li>
      <span className="line-seat">{text.seat(String(leaf.seat))}</span>
      {why !== undefined && (
        <span className="line-sum">
          <span title={text.pool}>{formatAmount(pool)} SHU</span> × <span title={text.score}>{String(score)}</span> ÷{" "}
          <span title={text.scoreSum}>{String(why.scoreSum)}</span> <span className="quiet">({formatShare(score, why.scoreSum, 2)})</span> ={" "}
          <Amount value={why.amounts[leaf.seat] ?? 0n} />
        </span>
      )}
      <span className="line-earned">
        {text.earned} <Amount value={leaf.cumulative} />
      </span>
    </li>
  );
}
