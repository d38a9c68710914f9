import { MEASURES } from "../../../../protocol/flow/table.ts";
import { useOpened } from "../../flow-data/use-flow.tsx";
import type { ViewProps } from "./index.tsx";
import { Scrubber } from "./scrubber.tsx";
import { Search } from "./search.tsx";
import { ZOOMS } from "./state.ts";
import { useFlowText } from "./text.ts";

/** How close, of what, whose, and when. */
export function Toolbar({ state, change, words }: ViewProps) {
  const text = useFlowText();
  const opened = useOpened();
  const { measure, institutions, datasets, from, to } = state.query;
  const brushed = (institutions?.length ?? 0) + (datasets?.length ?? 0) > 0;
  return (
    <div className="flow-tools">
      <fieldset className="flow-zoom">
        <legend className="visually-hidden">{text.zoom.label}</legend>
        {ZOOMS.map((zoom) => (
          <button key={zoom} type="button" aria-pressed={state.zoom === zoom} onClick={() => change({ zoom })}>
            <span className="name">{text.zoom[zoom]}</span>
            <span className="help">{text.zoomHelp[zoom]}</span>
          </button>
        ))}
      </fieldset>
      <Search state={state} change={change} words={words} />
      <fieldset className="flow-measure">
        <legend>{text.measure.label}</legend>
        {MEASURES.map((name) => (
          <label key={name} title={text.measureHelp[name]}>
            <input type="radio" name="flow-measure" checked={measure === name} onChange={() => change({ measure: name })} />
            <span>{text.measure[name]}</span>
          </label>
        ))}
      </fieldset>
      <Scrubber key={`${opened.rounds.first}-${opened.rounds.last}`} query={state.query} onChange={change} />
      {(brushed || from !== null || to !== null) && (
        <p className="flow-brush">
          {brushed && <span>{text.brushed(institutions?.length ?? 0, datasets?.length ?? 0)}</span>}
          <button type="button" className="plain" onClick={() => change({ institutions: null, datasets: null, from: null, to: null })}>
            {text.clear}
          </button>
        </p>
      )}
    </div>
  );
}
