import { Component, lazy, Suspense } from "react";
import type { ReactNode } from "react";
import type { DatasetCard } from "../../datasets/read-card.ts";
import { useDatasetsText } from "./text.ts";

const CardMarkdown = lazy(async () => ({ default: (await import("./card-markdown.ts")).CardMarkdown }));

/** What the filter could not bear is shown as the text it is. */
class PlainInstead extends Component<{ readonly plain: string; readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <p className="card-plain">{this.props.plain}</p> : this.props.children;
  }
}

const PLAIN = ["title", "institution", "purpose", "limits", "simulated", "sourceTitle", "source", "sourceSha256", "licence", "privacy", "unit"] as const;
const LISTS = ["jurisdictions", "recipients"] as const;

/** The place is the key: a stranger's list may say the same thing twice. */
const numbered = <Item,>(items: readonly Item[]): readonly { readonly at: number; readonly item: Item }[] => items.map((item, at) => ({ at, item }));

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A card's fields as text, and its description through a filter. Nothing in it is believed to be more than its writer's word. */
export function CardView({ card }: { readonly card: DatasetCard }) {
  const text = useDatasetsText();
  const label = (name: string): string => text.cardFields[name] ?? name;
  return (
    <div className="data-card">
      <dl className="card-fields">
        {PLAIN.map((name) => card[name] !== undefined && <Row key={name} name={label(name)}>{card[name]}</Row>)}
        {LISTS.map((name) => card[name] !== undefined && card[name].length > 0 && <Row key={name} name={label(name)}>{card[name].join(" · ")}</Row>)}
        {card.records !== undefined && <Row name={label("records")}>{card.records.toLocaleString("en")}</Row>}
        {card.classes !== undefined && (
          <Row name={label("classes")}>{card.classes.map((name, i) => (card.classCounts?.[i] === undefined ? name : `${name} (${card.classCounts[i]})`)).join(" · ")}</Row>
        )}
        {card.features !== undefined && (
          <Row name={label("features")}>
            <details>
              <summary>{text.features(String(card.features.length))}</summary>
              <ul className="features">
                {numbered(card.features).map(({ at, item }) => (
                  <li key={at}>
                    {item.replaceAll("_", " ")}
                    {card.ranges?.[at] !== undefined && <span className="quiet"> {text.range(String(card.ranges[at][0]), String(card.ranges[at][1]))}</span>}
                  </li>
                ))}
              </ul>
            </details>
          </Row>
        )}
      </dl>
      {card.description !== undefined && (
        <div className="card-description">
          <p className="quiet">{text.descriptionNote}</p>
          <PlainInstead plain={card.description}>
            <Suspense fallback={<p className="card-plain">…</p>}>
              <CardMarkdown source={card.description} imageText={text.image} />
            </Suspense>
          </PlainInstead>
        </div>
      )}
      {card.other.length > 0 && (
        <details className="card-other">
          <summary>{text.otherFields}</summary>
          <dl className="card-fields">
            {numbered(card.other).map(({ at, item }) => <Row key={at} name={item.name}>{item.value}</Row>)}
          </dl>
          {card.dropped > 0 && <p className="quiet">{text.dropped(String(card.dropped))}</p>}
        </details>
      )}
    </div>
  );
}
