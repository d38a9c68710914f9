import type { Deployment } from "../../../protocol/deployment.ts";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { HistoryNote } from "./history-note.tsx";

export function SiteFooter({ deployment }: { readonly deployment: Deployment }) {
  const { footer } = useText();
  const { demonstration } = deployment;
  return (
    <footer className="site-footer">
      <section aria-labelledby="not-proven">
        <h2 id="not-proven">{footer.notProven}</h2>
        <ul>
          {footer.notProvenList.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="sources">
        <h2 id="sources">{footer.sources}</h2>
        <p>{footer.sourcesText}</p>
        <HistoryNote />
        <dl className="contracts">
          <div>
            <dt>{footer.rounds}</dt>
            <dd>
              <Copyable value={deployment.contracts.rounds} what={footer.rounds} />
            </dd>
          </div>
          <div>
            <dt>{footer.settlement}</dt>
            <dd>
              <Copyable value={deployment.contracts.settlement} what={footer.settlement} />
            </dd>
          </div>
        </dl>
      </section>
      <section aria-labelledby="licence">
        <h2 id="licence">{footer.licence}</h2>
        <p>
          {demonstration !== undefined && `${footer.demoRecords(demonstration.title, demonstration.licence, demonstration.source)} `}
          {footer.software}
        </p>
      </section>
    </footer>
  );
}
