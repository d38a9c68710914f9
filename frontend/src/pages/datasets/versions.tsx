import type { DatasetTerms } from "../../../../protocol/dataset-terms.ts";
import type { DatasetTrace, TermName } from "../../datasets/trace.ts";
import { changedTerms, termsOf } from "../../datasets/trace.ts";
import { visibleText } from "../../format/visible-text.ts";
import { Copyable } from "../../ui/copyable.tsx";
import { Time } from "../../ui/time.tsx";
import { useDatasetsText } from "./text.ts";

/** One term as text. */
export function Term({ name, terms }: { readonly name: TermName; readonly terms: DatasetTerms }) {
  const text = useDatasetsText();
  const value = terms[name];
  if (name === "card") return <Copyable value={terms.card} what={text.termNames.card} edge={8} />;
  if (name === "ethicsExpiry") return <Time at={terms.ethicsExpiry} day />;
  if (typeof value === "boolean") return <>{value ? text.yes : text.no}</>;
  if (typeof value === "string") return <>{visibleText(value, 400)}</>;
  return <>{value.toLocaleString("en")}</>;
}

/** What differs between two sets of terms, term by term. */
export function TermsDiff({ before, after, caption }: { readonly before: DatasetTerms; readonly after: DatasetTerms; readonly caption: string }) {
  const text = useDatasetsText();
  const changed = changedTerms(before, after);
  if (changed.length === 0) return <p className="quiet">{text.unchanged}</p>;
  return (
    <div className="scroll">
      <table className="ledger diff">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{text.changed}</th>
            <th scope="col">{text.before}</th>
            <th scope="col">{text.after}</th>
          </tr>
        </thead>
        <tbody>
          {changed.map((name) => (
            <tr key={name}>
              <th scope="row">{text.termNames[name]}</th>
              <td>
                <del>
                  <Term name={name} terms={before} />
                </del>
              </td>
              <td>
                <ins>
                  <Term name={name} terms={after} />
                </ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Every version that counted, newest first, with what it changed; and what waits. */
export function Versions({ trace }: { readonly trace: DatasetTrace }) {
  const text = useDatasetsText();
  const { versions, amendment } = trace;
  return (
    <ol className="versions">
      {amendment !== undefined && trace.status !== "retired" && (
        <li>
          <h3>{text.amendmentWaits}</h3>
          <p className="quiet">{text.amendmentWaitsLead}</p>
          <TermsDiff before={termsOf(trace)} after={amendment.terms} caption={text.block(amendment.block.toLocaleString("en"))} />
        </li>
      )}
      {versions.toReversed().map(({ version, terms, block }) => {
        const before = versions.find((each) => each.version === version - 1);
        return (
          <li key={version}>
            <h3>{text.version(String(version))}</h3>
            {before === undefined ? (
              <p className="quiet">
                {text.versionFirst}, {text.block(block.toLocaleString("en"))}
              </p>
            ) : (
              <TermsDiff before={before.terms} after={terms} caption={text.block(block.toLocaleString("en"))} />
            )}
          </li>
        );
      })}
    </ol>
  );
}
