import { useText } from "../i18n/text.tsx";
import { Kind } from "../ui/kind.tsx";
import type { ClaimKind } from "../ui/kind.tsx";

const kinds: readonly ClaimKind[] = ["enforced", "disprovable", "recomputable", "attested"];

/** What the four words mean that stand beside every entry. */
export function KindsLegend() {
  const { kinds: text } = useText();
  return (
    <details className="legend">
      <summary>
        {text.heading}
        <span className="legend-words" aria-hidden="true">
          {kinds.map((kind) => (
            <Kind key={kind} kind={kind} />
          ))}
        </span>
      </summary>
      <dl>
        {kinds.map((kind) => (
          <div key={kind}>
            <dt>
              <Kind kind={kind} />
            </dt>
            <dd>{text[`${kind}Meaning`]}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
