import { useDeferredValue, useId, useState } from "react";
import type { Found } from "../../../../protocol/flow/follow.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { useFlow, useOpened } from "../../flow-data/use-flow.tsx";
import type { ViewProps } from "./index.tsx";
import { useFlowText } from "./text.ts";

/** Search first: by seat, address, round or name; or the connected account. */
export function Search({ state, change, words }: ViewProps) {
  const text = useFlowText();
  const id = useId();
  const { seats, withheld } = useOpened();
  const account = useSigner()?.address.toLowerCase();
  const [typed, setTyped] = useState("");
  const asked = useDeferredValue(typed.trim());
  const found = useFlow<"find">({ kind: "find", text: asked }, asked !== "");
  const mine = account === undefined ? -1 : seats.findIndex(({ payee }) => payee?.toLowerCase() === account);
  const named = new Map(asked === "" ? [] : seats.flatMap(({ institution, dataset }, seat) => (words.institution(institution).toLowerCase().includes(asked.toLowerCase()) || words.dataset(dataset).toLowerCase().includes(asked.toLowerCase()) ? [[seat, { kind: "seat", seat, institution, dataset } as const] as const] : [])).slice(0, 6));
  const listed: readonly Found[] = asked === "" ? [] : [...(found.data ?? []), ...[...named.values()].filter(({ seat }) => !(found.data ?? []).some((entry) => entry.kind === "seat" && entry.seat === seat))];

  const take = (entry: Found): void => {
    setTyped("");
    if (entry.kind === "seat") change({ follow: { seat: entry.seat, round: null }, pick: null });
    else if (entry.kind === "round") change({ items: [{ kind: "round", at: entry.round }], zoom: "shelf" });
    else change({ items: [{ kind: entry.kind, at: entry.position }], zoom: "shelf" });
  };
  const label = (entry: Found): string => {
    if (entry.kind === "seat") return `${text.node.seat(entry.seat)} · ${words.institution(entry.institution)} · ${words.dataset(entry.dataset)}`;
    if (entry.kind === "round") return text.node.round(entry.round);
    return entry.kind === "dataset" ? words.dataset(entry.position) : words.institution(entry.position);
  };
  const { follow } = state;
  return (
    <search className="flow-search">
      <label htmlFor={id}>{text.search.label}</label>
      <div className="line">
        <input
          id={id}
          type="search"
          autoComplete="off"
          placeholder={text.search.placeholder}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={({ key }) => {
            const [first] = listed;
            if (key === "Enter" && first !== undefined) take(first);
            if (key === "Escape") setTyped("");
          }}
        />
        {account !== undefined && (
          <button type="button" disabled={mine < 0} title={mine < 0 ? text.search.mineNone : undefined} onClick={() => change({ follow: { seat: mine, round: null }, pick: null })}>
            {text.search.mine}
          </button>
        )}
      </div>
      {asked !== "" && (
        <div className="results">
          {listed.length === 0 && found.isSuccess && <p className="quiet">{text.search.none}</p>}
          {listed.length > 0 && (
            <ul aria-label={text.search.results}>
              {listed.map((entry) => (
                <li key={JSON.stringify(entry)}>
                  <button type="button" className="plain" onClick={() => take(entry)}>
                    {label(entry)}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      {follow !== null && (
        <p className="following">
          <span className="seal-dot" aria-hidden="true" />
          <span>{withheld.hidden.includes(follow.seat) ? text.search.hidden : text.search.following(follow.round === null ? text.node.seat(follow.seat) : text.node.update(follow.seat, follow.round))}</span>
          <button type="button" className="plain" onClick={() => change({ zoom: "slip" })}>
            {text.note.slip}
          </button>
          <button type="button" className="plain" onClick={() => change({ follow: null })}>
            {text.search.stop}
          </button>
        </p>
      )}
    </search>
  );
}
