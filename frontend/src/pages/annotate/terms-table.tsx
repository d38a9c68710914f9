import type { Standing } from "../../../../protocol/annotation/index.ts";
import { termRows } from "./terms.ts";
import { useAnnotateText } from "./text.ts";

/** What the reader's own answers are worth, term by term. Shown to that reader alone, when the set is closed. */
export function TermsTable({ terms }: { readonly terms: NonNullable<Standing["terms"]> }) {
  const { terms: text } = useAnnotateText().standing;
  return (
    <>
      <table className="annotate-terms">
        <caption>{text.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{text.term}</th>
            <th scope="col">{text.annotation}</th>
            <th scope="col">{text.verification}</th>
          </tr>
        </thead>
        <tbody>
          {termRows(terms).map(({ name, values }) => (
            <tr key={name}>
              <th scope="row">{text.rows[name]}</th>
              {values.map((value, i) => (
                <td key={i === 0 ? "annotation" : "verification"}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet">{text.help}</p>
    </>
  );
}
