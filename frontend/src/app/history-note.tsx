import { useHistory } from "../chain/use-history.ts";
import { useText } from "../i18n/text.tsx";

/** Where the history on this page comes from, how far it goes, and why an indexer was not used. */
export function HistoryNote() {
  const { history } = useText();
  const { data } = useHistory();
  if (data === undefined) return <p data-history-source="none">{history.reading}</p>;
  const { source, fallback, through } = data;
  const [compared = "", all = ""] = source.kind === "indexer" ? source.checked.split("/") : [];
  return (
    <>
      <p data-history-source={source.kind} data-history-block={String(through)}>
        {source.kind === "chain" ? history.chain(String(through)) : history.indexer({ block: String(through), lag: String(source.lag), compared, all })}
      </p>
      {fallback !== undefined && (
        <p data-history-fallback={fallback.reason}>
          {history[fallback.reason]} {fallback.reason === "lied" && <span className="detail">{fallback.detail}</span>}
        </p>
      )}
    </>
  );
}
