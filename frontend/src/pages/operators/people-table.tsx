import type { Address } from "viem";
import { reputationOf } from "../../../../protocol/reputation/beta.ts";
import { STANDING_FLOOR } from "../../../../protocol/reputation/operators.ts";
import { formatAmount } from "../../format/amount.ts";
import { AddressName, OrganisationName } from "../../ui/address-name.tsx";
import { Amount } from "../../ui/amount.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { ScrollFrame } from "../../ui/scroll-frame.tsx";
import type { OperatorsState } from "./queries.ts";
import type { OperatorRecord } from "./record.ts";
import { useOperatorsText } from "./text.ts";

interface PeopleTableProps {
  readonly records: readonly OperatorRecord[];
  readonly state: OperatorsState | undefined;
  /** Signers of the present epoch. */
  readonly signers: readonly Address[];
}

export function PeopleTable({ records, state, signers }: PeopleTableProps) {
  const text = useOperatorsText();
  const signing = new Set(signers.map((signer) => signer.toLowerCase()));
  return (
    <ScrollFrame label={text.peopleLead}>
      <table className="ledger people">
        <caption>{text.peopleLead}</caption>
        <thead>
          <tr>
            <th scope="col">{text.operator}</th>
            <th scope="col" className="number">
              {text.stake}
            </th>
            <th scope="col" className="number">
              {text.signed}
            </th>
            <th scope="col" className="number">
              {text.final}
            </th>
            <th scope="col" className="number">
              {text.overturned}
            </th>
            <th scope="col" className="number">
              {text.waiting}
            </th>
            <th scope="col" className="number">
              {text.slashed}
            </th>
            <th scope="col" className="number">
              {text.reputation}
            </th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => {
            return (
              <tr key={record.operator} data-operator={record.operator} data-signed={record.signed} data-final={record.final} data-overturned={record.overturned}>
                <th scope="row">
                  <AddressName address={record.operator} />
                  <p className="quiet">
                    <OrganisationName organisation={record.organisation} /> · {record.admitted ? signing.has(record.operator.toLowerCase()) && text.inEpoch : text.removed}
                  </p>
                </th>
                <td className="number">
                  <StakeOf operator={record.operator} state={state} />
                </td>
                <td className="number">{record.signed}</td>
                <td className="number">{record.final}</td>
                <td className="number">{record.overturned}</td>
                <td className="number">{record.waiting}</td>
                <td className="number">
                  <Amount value={record.slashed} />
                </td>
                <td className="number">
                  <StandingOf operator={record.operator} state={state} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollFrame>
  );
}

/** Two decimals of a figure in ppm, rounded down: a standing is not shown better than it is. */
const hundredths = (ppm: number): string => {
  const whole = Math.floor(ppm / 10_000);
  return `${whole < 0 ? "−" : ""}${Math.floor(Math.abs(whole) / 100)}.${String(Math.abs(whole) % 100).padStart(2, "0")}`;
};

/** What the contract knows of the operator: what can be relied on, and how that comes about. */
function StandingOf({ operator, state }: { readonly operator: Address; readonly state: OperatorsState | undefined }) {
  const text = useOperatorsText();
  const record = state?.stakes.get(operator);
  if (record === undefined) return <>…</>;
  const { mean, uncertainty, lower, upper } = reputationOf({ alpha: record.upheld, beta: record.overturned });
  return (
    <>
      <span data-standing={`${mean} ${uncertainty}`}>{hundredths(lower)}</span>
      <p className="quiet">{text.standingOf(hundredths(mean), hundredths(uncertainty))}</p>
      {upper < STANDING_FLOOR && <p className="unverified">{text.standingTooLow}</p>}
    </>
  );
}

function StakeOf({ operator, state }: { readonly operator: Address; readonly state: OperatorsState | undefined }) {
  const text = useOperatorsText();
  const stake = state?.stakes.get(operator);
  if (stake === undefined) return <>…</>;
  return (
    <>
      <span data-stake={stake.stake.toString()}>
        <Amount value={stake.stake} />
      </span>
      {stake.unbonding > 0n && (
        <p className="quiet">
          {text.unbonding(formatAmount(stake.unbonding))}, <Countdown until={stake.withdrawableAt} over={text.withdrawableNow} left={text.withdrawable} />
        </p>
      )}
    </>
  );
}
