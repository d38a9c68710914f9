import { atlasCsv, atlasProv } from "../../../../protocol/flow/export.ts";
import type { Atlas } from "../../../../protocol/flow/atlas.ts";
import { useOpened } from "../../flow-data/use-flow.tsx";
import { download, drawingOf } from "./download.ts";
import { useFlowText } from "./text.ts";
import type { Words } from "./words.ts";

/** The view as files. Each says whether its numbers are a ledger's. */
export function ExportBar({ atlas, words }: { readonly atlas: Atlas; readonly words: Words }) {
  const text = useFlowText();
  const opened = useOpened();
  const context = { synthetic: opened.synthetic !== null, chainId: opened.chainId, ledger: opened.ledger, federation: opened.federation, label: words.node };
  const name = `${opened.synthetic === null ? "" : "synthetic-"}flow-${opened.federation}-${atlas.measure}`;
  const svg = (): void => {
    const drawing = document.querySelector<SVGSVGElement>(".plate > svg");
    if (drawing === null) return;
    const title = opened.synthetic === null ? text.title : `${text.title} · ${text.synthetic(opened.synthetic.seed)}`;
    download(`${name}.svg`, "image/svg+xml", drawingOf(drawing, getComputedStyle(document.documentElement).backgroundColor, title));
  };
  return (
    <p className="flow-exports">
      <span>{text.exports.label}</span>
      <button type="button" className="plain" onClick={svg}>
        {text.exports.svg}
      </button>
      <button type="button" className="plain" onClick={() => download(`${name}.csv`, "text/csv", atlasCsv(atlas, context))}>
        {text.exports.csv}
      </button>
      <button type="button" className="plain" onClick={() => download(`${name}.prov.json`, "application/json", atlasProv(atlas, context))}>
        {text.exports.prov}
      </button>
    </p>
  );
}
