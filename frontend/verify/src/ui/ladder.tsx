import type { Rung } from "../../../../protocol/audit/report.ts";
import { reasonOf, type Text } from "../text.ts";
import type { CodeCheck } from "../chain/code.ts";
import type { Outcome } from "../worker/question.ts";

/** More rows than this are for the report. */
const SHOWN = 60;

type Comparisons = Outcome["comparisons"];

function Comparison({ text: { table }, comparisons }: { readonly text: Text; readonly comparisons: Comparisons }) {
  return (
    <table class="comparisons">
      <thead>
        <tr>
          <th scope="col">{table.where}</th>
          <th scope="col">{table.what}</th>
          <th scope="col">{table.expected}</th>
          <th scope="col">{table.found}</th>
        </tr>
      </thead>
      <tbody>
        {comparisons.slice(0, SHOWN).map(({ entry, subject, name, ok, expected, actual }) => (
          <tr key={`${entry} ${subject} ${name} ${expected}`} class={ok ? undefined : "wrong"}>
            <td>{entry}, {subject}</td>
            <td>{name}</td>
            <td class="hash">{expected}</td>
            <td class="hash">{ok ? table.same : <strong>{actual}</strong>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Details({ text, rung, comparisons, code }: { readonly text: Text; readonly rung: Rung; readonly comparisons: Comparisons; readonly code: readonly CodeCheck[] }) {
  if (rung.rung === "code" && code.length > 0) {
    return (
      <details>
        <summary>{text.comparisons(code.length)}</summary>
        <Comparison text={text} comparisons={code.map(({ contract, address, state, expected, actual }) => ({ entry: contract, subject: address, name: "code", ok: state === "known", expected: expected ?? "–", actual: actual ?? "–" }))} />
      </details>
    );
  }
  if (rung.rung !== "meaning" || comparisons.length === 0) return null;
  // What failed is what a reader looks for.
  const sorted = [...comparisons.filter(({ ok }) => !ok), ...comparisons.filter(({ ok }) => ok)];
  return (
    <details open={rung.failures > 0}>
      <summary>
        {text.comparisons(comparisons.length)}{rung.failures > 0 && <strong class="failed"> · {text.failures(rung.failures)}</strong>}
      </summary>
      <Comparison text={text} comparisons={sorted} />
      {sorted.length > SHOWN && <p class="quiet">{text.more(sorted.length - SHOWN)}</p>}
    </details>
  );
}

function stateOf(text: Text, { rung, state, values }: Rung): string {
  const { agreed, asked } = values;
  return rung === "chain" && state === "agreed" && agreed !== undefined && asked !== undefined && asked !== "1" ? text.kOfN(agreed, asked) : text.states[state];
}

export function Ladder({ text, outcome }: { readonly text: Text; readonly outcome: Outcome }) {
  return (
    <section aria-labelledby="ladder">
      <h2 id="ladder">{text.ladder}</h2>
      <p class="quiet">{text.ladderHint}</p>
      <ol class="ladder">
        {outcome.rungs.map((rung) => (
          <li key={rung.rung} data-rung={rung.rung} data-state={rung.state} data-reason={rung.reason}>
            <h3>
              {text.rungs[rung.rung]} <span class={`state ${rung.state}`}>{stateOf(text, rung)}</span>
            </h3>
            <p>{reasonOf(text, rung)}</p>
            <Details text={text} rung={rung} comparisons={outcome.comparisons} code={outcome.code} />
          </li>
        ))}
      </ol>
    </section>
  );
}
