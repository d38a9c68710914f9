import { useState } from "react";
import type { PointerEvent } from "react";
import type { Catalogue } from "../../../../protocol/flow/catalogue.ts";
import { useFlow } from "../../flow-data/use-flow.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import type { ViewProps } from "./index.tsx";
import { useFlowText } from "./text.ts";
import { useWidth } from "./use-width.ts";

const ROW = 24;

/** Cells from one corner to the other. */
interface Brush {
  readonly row: number;
  readonly band: number;
  readonly toRow: number;
  readonly toBand: number;
}

/** Institutions by rounds. A drag over the plate, or ticked rows and the round marks, brush the Atlas. */
export function CatalogueView({ state, change, words }: ViewProps) {
  const text = useFlowText();
  const { query } = state;
  const catalogue = useFlow<"catalogue">({ kind: "catalogue", query: { ...query, institutions: null, from: null, to: null } });
  if (catalogue.data === undefined) return <Waiting>{text.opening}</Waiting>;
  const { rows } = catalogue.data;
  const chosen = new Set(query.institutions ?? []);
  const toggle = (institution: number): void => {
    const next = chosen.has(institution) ? [...chosen].filter((other) => other !== institution) : [...chosen, institution];
    change({ institutions: next.length === 0 ? null : next });
  };
  return (
    <figure className="catalogue">
      <figcaption>
        <p>{text.catalogue.caption}</p>
        <p className="quiet">{text.catalogue.help}</p>
      </figcaption>
      <div className="catalogue-frame">
        <ul className="rows">
          {rows.map(({ institution, members, total }) => (
            <li key={institution} style={{ height: ROW }}>
              {institution < 0 ? (
                <span className="quiet">{text.catalogue.others(members)}</span>
              ) : (
                <label title={words.institution(institution)}>
                  <input type="checkbox" checked={chosen.has(institution)} onChange={() => toggle(institution)} aria-label={text.catalogue.chosen(words.institution(institution))} />
                  <span className="name">{words.institution(institution)}</span>
                  <span className="tally">{words.brief(total, query.measure)}</span>
                </label>
              )}
            </li>
          ))}
        </ul>
        <Cells catalogue={catalogue.data} state={state} change={change} words={words} />
      </div>
      {(query.institutions !== null || query.from !== null || query.to !== null) && (
        <p>
          <button type="button" onClick={() => change({ zoom: "atlas" })}>
            {text.catalogue.show}
          </button>
        </p>
      )}
    </figure>
  );
}

function Cells({ catalogue: { rows, bands, largest }, state, change, words }: ViewProps & { readonly catalogue: Catalogue }) {
  const text = useFlowText();
  const [frame, width] = useWidth();
  const [brush, setBrush] = useState<Brush>();
  const column = bands.length === 0 ? 0 : Math.min(64, width / bands.length);
  const { measure, institutions, from, to } = state.query;
  const at = (event: PointerEvent<SVGSVGElement>): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    const clamp = (value: number, count: number): number => Math.max(0, Math.min(count - 1, Math.floor(value)));
    return [clamp((event.clientY - box.top) / ROW, rows.length), clamp((event.clientX - box.left) / column, bands.length)];
  };
  const end = (): void => {
    if (brush === undefined) return;
    const [low, high] = [Math.min(brush.row, brush.toRow), Math.max(brush.row, brush.toRow)];
    const [first, last] = [Math.min(brush.band, brush.toBand), Math.max(brush.band, brush.toBand)];
    const picked = rows.slice(low, high + 1).map(({ institution }) => institution).filter((institution) => institution >= 0);
    setBrush(undefined);
    const whole = first === 0 && last === bands.length - 1;
    change({ institutions: picked.length === 0 || picked.length === rows.length ? null : picked, from: whole ? null : (bands[first]?.from ?? null), to: whole ? null : (bands[last]?.to ?? null) });
  };
  const chosen = institutions === null ? null : new Set(institutions);
  const inside = (institution: number, band: { readonly from: number; readonly to: number }): boolean =>
    (chosen === null || chosen.has(institution)) && band.to >= (from ?? 0) && band.from <= (to ?? Number.POSITIVE_INFINITY);
  return (
    <div ref={frame} className="cells">
      {width > 0 && (
        <svg
          width={column * bands.length}
          height={rows.length * ROW}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing in the page is no <img>; ticks and marks do what a drag does
          role="img"
          aria-label={text.catalogue.plate}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            const [row, band] = at(event);
            setBrush({ row, band, toRow: row, toBand: band });
          }}
          onPointerMove={(event) => {
            if (brush === undefined) return;
            const [toRow, toBand] = at(event);
            if (toRow !== brush.toRow || toBand !== brush.toBand) setBrush({ ...brush, toRow, toBand });
          }}
          onPointerUp={end}
          onPointerCancel={() => setBrush(undefined)}
        >
          {rows.map(({ institution, cells }, row) =>
            cells.map((value, i) => {
              const band = bands[i];
              if (value === 0n || band === undefined) return null;
              // Area, not darkness alone, tells how much: a print in one ink.
              const share = Math.min(1, largest === 0n ? 0 : Number((value * 10_000n) / largest) / 10_000);
              const side = Math.max(1.5, Math.sqrt(share) * Math.min(ROW - 3, 21));
              const wide = Math.max(1, Math.min(column - 1, side * Math.max(1, column / 26)));
              return (
                <rect key={band.from} className={inside(institution, band) ? "cell" : "cell outside"} x={i * column + (column - wide) / 2} y={row * ROW + (ROW - side) / 2} width={wide} height={side}>
                  <title>{`${institution < 0 ? "" : `${words.institution(institution)}, `}${text.rounds.span(band.from, band.to)}: ${words.value(value, measure)}`}</title>
                </rect>
              );
            }),
          )}
          {brush !== undefined && (
            <rect
              className="brush"
              x={Math.min(brush.band, brush.toBand) * column}
              y={Math.min(brush.row, brush.toRow) * ROW}
              width={(Math.abs(brush.toBand - brush.band) + 1) * column}
              height={(Math.abs(brush.toRow - brush.row) + 1) * ROW}
            />
          )}
        </svg>
      )}
      <p className="axis" aria-hidden="true">
        <span>{bands[0] === undefined ? "" : text.node.round(bands[0].from)}</span>
        <span>{bands.length < 2 ? "" : text.node.round(bands.at(-1)?.to ?? 0)}</span>
      </p>
    </div>
  );
}
