import type { Atlas, AtlasNode } from "../../../../protocol/flow/atlas.ts";
import { useOpened } from "../../flow-data/use-flow.tsx";
import { formatShare } from "../../format/share.ts";
import type { FlowChange } from "./state.ts";
import { useFlowText } from "./text.ts";
import type { Words } from "./words.ts";

interface MarginNoteProps {
  readonly atlas: Atlas;
  /** The part that runs through the node. */
  readonly part: Atlas | undefined;
  readonly node: string | null;
  readonly picked: boolean;
  readonly words: Words;
  readonly change: (change: FlowChange) => void;
  readonly onClose: () => void;
}

const MOST = 4;

/** What there is to say of the node looked at: where its part comes from, where it goes, and what to do with it. */
export function MarginNote({ atlas, part, node: key, picked, words, change, onClose }: MarginNoteProps) {
  const text = useFlowText();
  const { datasets } = useOpened();
  const node = atlas.nodes.find((candidate) => candidate.key === key);
  if (node === undefined) return <p className="margin-note hint quiet">{text.hint}</p>;
  const side = (column: number): AtlasNode[] => (part?.nodes ?? []).filter((other) => other.column === column).sort((a, b) => (a.value > b.value ? -1 : 1));
  const [before, after] = [node.column === 0 ? [] : side(node.column - 1), node.kind === "rejected" ? [] : side(node.column + 1)];
  const dataset = node.kind === "dataset" ? datasets[node.members[0] ?? -1] : undefined;
  const list = (nodes: readonly AtlasNode[], none: string): string => (nodes.length === 0 ? none : nodes.slice(0, MOST).map((other) => `${words.node(other)} ${formatShare(other.value, node.value)}`).join(" · ") + (nodes.length > MOST ? " …" : ""));
  const item = node.kind === "dataset" || node.kind === "institution" || (node.kind === "edition" && node.members[0] === node.members.at(-1)) ? { kind: node.kind, at: node.members[0] ?? 0 } as const : undefined;
  const only = (): void => {
    if (node.column === 0) change({ datasets: node.members, pick: null });
    else if (node.column === 1) change({ institutions: node.members, pick: null });
    else if (node.kind === "band") change({ from: node.members[0] ?? null, to: node.members.at(-1) ?? null, pick: null });
  };
  return (
    <aside className="margin-note" aria-label={text.note.heading}>
      <p className="title">
        <strong>{words.node(node)}</strong> <span>{words.value(node.value, atlas.measure)}</span> <span className="quiet">{text.note.share(formatShare(node.value, atlas.in))}</span>
      </p>
      <dl>
        <dt>{text.note.from}</dt>
        <dd>{list(before, text.note.start)}</dd>
        <dt>{text.note.to}</dt>
        <dd>{list(after, text.note.end)}</dd>
        {node.kind === "rejected" && (
          <>
            <dt>{text.note.reasons}</dt>
            <dd>{node.members.map(words.fate).join(" · ")}</dd>
          </>
        )}
      </dl>
      {dataset !== undefined && (
        <p className="quiet">
          {text.gate[dataset.gate](words.node(node))}. {dataset.proposal === null ? text.gate.genesis : <a href={`#/governance/proposal/${dataset.proposal}`}>{text.gate.proposal}</a>}
        </p>
      )}
      {picked && (
        <p className="actions">
          {(node.column <= 1 || node.kind === "band") && (
            <button type="button" onClick={only}>
              {text.note.only}
            </button>
          )}
          {item !== undefined && (
            <button type="button" onClick={() => change({ items: [item], zoom: "shelf" })}>
              {text.note.shelf}
            </button>
          )}
          <button type="button" onClick={onClose}>
            {text.note.close}
          </button>
        </p>
      )}
    </aside>
  );
}
