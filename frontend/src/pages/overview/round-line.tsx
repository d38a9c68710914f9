import { formatDuration } from "../../format/duration.ts";
import { useText } from "../../i18n/text.tsx";
import type { RoundView } from "../../rounds/view-model.ts";
import type { OverviewText } from "./text.en.ts";
import { useOverviewText } from "./text.ts";

function statusOf({ state, limit, redo }: RoundView, text: OverviewText["federations"], time: string): string {
  const running = limit.kind === "running";
  if (state === "open") return redo ? text.open.redo : running ? text.open.force(time) : text.open.waiting;
  if (state === "sealed") return running ? text.sealed(time) : text.sealedOver;
  return running ? text.reported(time) : text.reportedOver;
}

/** One round that is not over, and what happens next to it. */
export function RoundLine({ federation, view }: { readonly federation: number; readonly view: RoundView }) {
  const { locale } = useText();
  const { federations: text } = useOverviewText();
  const time = view.limit.kind === "running" ? formatDuration(view.limit.seconds, locale.units) : "";
  const name = text.round(String(view.round));
  return (
    <li data-under-way={view.state}>
      {view.state === "open" && !view.redo ? (
        <strong>{name}</strong>
      ) : (
        <a className="link" href={`?federation=${federation}#/rounds/${view.round}`}>
          {name}
        </a>
      )}{" "}
      {statusOf(view, text, time)}
    </li>
  );
}
