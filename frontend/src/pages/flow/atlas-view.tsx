import { useCallback, useDeferredValue, useEffect, useRef, useState } from "react";
import { useFlow, useOpened } from "../../flow-data/use-flow.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { Balance } from "./balance.tsx";
import { Checks } from "./checks.tsx";
import { ExportBar } from "./export-bar.tsx";
import type { ViewProps } from "./index.tsx";
import { MarginNote } from "./margin-note.tsx";
import { Plate } from "./plate.tsx";
import { useFlowText } from "./text.ts";
import { Twin } from "./twin.tsx";

/** The whole, as an alluvial drawing, and the same in words below it. */
export function AtlasView({ state, change, words }: ViewProps) {
  const text = useFlowText();
  const { withheld } = useOpened();
  const { query, follow, pick } = state;
  // The same function while the reader only points about, so that the lists are not made anew at every node.
  const latest = useRef(change);
  useEffect(() => {
    latest.current = change;
  });
  const onPick = useCallback((key: string) => latest.current({ pick: key }), []);
  const [look, setLook] = useState<string | null>(null);
  const atlas = useFlow<"atlas">({ kind: "atlas", query });
  const exists = (key: string | null): key is string => key !== null && (atlas.data?.nodes.some((node) => node.key === key) ?? false);
  const chosen = exists(look) ? look : exists(pick) ? pick : null;
  const looked = useFlow<"overlay">({ kind: "overlay", query, part: { kind: "node", key: chosen ?? "" } }, chosen !== null);
  const visible = follow !== null && !withheld.hidden.includes(follow.seat);
  const followed = useFlow<"overlay">({ kind: "overlay", query, part: { kind: "seat", seat: follow?.seat ?? 0, round: follow?.round ?? null } }, visible);
  // The drawing first, the words after it: a hand on the round marks should not wait for lists.
  const calm = useDeferredValue(atlas.data);
  if (atlas.data === undefined || calm === undefined) return <Waiting>{text.opening}</Waiting>;
  if (atlas.data.rows === 0) return <p className="empty">{text.empty}</p>;
  const overlay = chosen === null || looked.isPlaceholderData ? undefined : looked.data;
  return (
    <>
      <figure className="atlas" data-busy={atlas.isFetching}>
        <Plate atlas={atlas.data} followed={visible ? followed.data : undefined} looked={overlay} words={words} pick={pick} onLook={setLook} onPick={(key) => change({ pick: key })} />
        <figcaption>
          <Balance atlas={atlas.data} measure={query.measure} />
        </figcaption>
      </figure>
      <div className="below-plate">
        <MarginNote atlas={atlas.data} part={overlay} node={chosen} words={words} change={change} onClose={() => change({ pick: null })} picked={chosen === pick} />
        <ExportBar atlas={atlas.data} words={words} />
      </div>
      <Checks />
      <Section heading={text.twin.heading} className="twin">
        <Twin atlas={calm} words={words} onPick={onPick} query={query} />
      </Section>
    </>
  );
}
