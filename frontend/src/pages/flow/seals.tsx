import { useOpened } from "../../flow-data/use-flow.tsx";
import type { Placed } from "./layout.ts";
import { useFlowText } from "./text.ts";
import type { Words } from "./words.ts";

const SIDE = 13;

/** The members' votes: gates on the datasets' edges, not flows. Open: an impression of the seal. Shut: the seal struck out. */
export function Seals({ placed, turned, words }: { readonly placed: Placed; readonly turned: boolean; readonly words: Words }) {
  const text = useFlowText();
  const { datasets } = useOpened();
  return placed.nodes.flatMap(({ node, along, start, end }) => {
    const [position] = node.members;
    const dataset = node.kind === "dataset" && position !== undefined ? datasets[position] : undefined;
    if (dataset === undefined || position === undefined || (turned && end - start < SIDE)) return [];
    const middle = (start + end) / 2;
    const [x, y] = turned ? [middle - SIDE / 2, along + 10] : [along + 11, middle - SIDE / 2];
    const label = `${text.gate[dataset.gate](words.dataset(position))}${dataset.proposal === null ? "" : `. ${text.gate.proposal}`}`;
    const seal = (
      <g className={`gate gate-${dataset.gate}`} transform={`translate(${x} ${y})`}>
        {dataset.proposal === null && <title>{label}</title>}
        <rect width={SIDE} height={SIDE} rx={1.5} />
        <text x={SIDE / 2} y={SIDE / 2} dy="0.36em" textAnchor="middle">
          {text.gate.mark}
        </text>
        {dataset.gate === "shut" && <path d={`M-2 ${SIDE + 2}L${SIDE + 2} -2`} />}
      </g>
    );
    return [
      dataset.proposal === null ? (
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- part of a drawing
        <g key={node.key} role="img" aria-label={label}>
          {seal}
        </g>
      ) : (
        <a key={node.key} href={`#/governance/proposal/${dataset.proposal}`} aria-label={`${text.gate.mark} ${label}`}>
          {seal}
        </a>
      ),
    ];
  });
}
