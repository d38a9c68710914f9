import { useId } from "react";
import { epsilonOf, USUAL_DELTA } from "../../../../protocol/privacy/zcdp.ts";
import type { DatasetTrace } from "../../datasets/trace.ts";
import { termsOf } from "../../datasets/trace.ts";
import { formatShare } from "../../format/share.ts";
import { useUrlState } from "../../state/use-url-state.ts";
import { Kind } from "../../ui/kind.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { useBudget } from "./queries.ts";
import type { DatasetSeat } from "./queries.ts";
import { useDatasetsText } from "./text.ts";

const DELTAS = ["1e-5", "1e-6", "1e-7", "1e-9"] as const;

/** Two digits are as much as an upper bound is worth. */
const rounded = (epsilon: number): string => (epsilon === 0 ? "0" : epsilon.toPrecision(2));
const superscript = (delta: string): string => delta.replace("1e-", "10⁻").replace(/\d$/, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(Number(digit)));

interface BudgetProps {
  readonly trace: DatasetTrace;
  readonly seats: readonly DatasetSeat[] | undefined;
}

/** In a few words, for the catalogue. */
export function BudgetLine({ trace, seats }: BudgetProps) {
  const text = useDatasetsText();
  const budget = useBudget(trace, seats);
  if (termsOf(trace).exempt) return <span title={text.exemptMeaning}>{text.exempt}</span>;
  if (budget.isError) return <span className="unverified">{text.budgetUnknown}</span>;
  if (budget.data === undefined) return <span className="quiet">…</span>;
  const { spent, left } = budget.data;
  return (
    <>
      {text.spent} {spent.toLocaleString("en")}, {text.left} {left.toLocaleString("en")} {text.nano}
    </>
  );
}

/** What was spent and what is left, as the ledger counts it and as most people know it. */
export function Budget({ trace, seats }: BudgetProps) {
  const text = useDatasetsText();
  const heading = useId();
  const [chosen, choose] = useUrlState("delta");
  const delta = DELTAS.find((each) => each === chosen) ?? "1e-6";
  const budget = useBudget(trace, seats);
  const terms = termsOf(trace);
  if (terms.exempt) {
    return (
      <div className="budget" data-figure="privacy">
        <h3>
          {text.privacy} <Kind kind="enforced" />
        </h3>
        <p>
          <strong>{text.exempt}</strong> · {text.exemptMeaning}
        </p>
      </div>
    );
  }
  const epsilon = (rho: bigint): string => text.epsilon(rounded(epsilonOf(rho, Number(delta) || USUAL_DELTA)), superscript(delta));
  const cap = BigInt(terms.privacyCap);
  return (
    <div className="budget" data-figure="privacy">
      <h3 id={heading}>
        {text.privacy} <Kind kind="enforced" />
      </h3>
      {budget.isError && <p className="unverified">{text.budgetUnknown}</p>}
      {!budget.isError && budget.data === undefined && <Waiting>{text.loading}</Waiting>}
      {budget.data !== undefined && (
        <>
          <p>
            <strong>{budget.data.spent.toLocaleString("en")}</strong> {text.nano} {text.spent} ({formatShare(budget.data.spent, cap)}) · {budget.data.left.toLocaleString("en")} {text.nano} {text.left}{" "}
            {text.cap} {cap.toLocaleString("en")}
          </p>
          <meter className="budget-meter" min={0} max={Number(cap)} value={Number(budget.data.spent)} aria-labelledby={heading} />
          <p>
            {text.epsilonOf.spent} <strong>{epsilon(budget.data.spent)}</strong>. {text.epsilonOf.cap} <strong>{epsilon(cap)}</strong>.
          </p>
          <label className="delta">
            <span>{text.delta}</span>
            <select value={delta} onChange={(event) => choose(event.target.value)}>
              {DELTAS.map((each) => (
                <option key={each} value={each}>
                  {superscript(each)}
                </option>
              ))}
            </select>
          </label>
          <p className="quiet">{text.formula}</p>
        </>
      )}
    </div>
  );
}
