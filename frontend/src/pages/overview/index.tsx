import { lazy, Suspense } from "react";
import { useLedger } from "../../chain/use-ledger.tsx";
import { KindsLegend } from "../../rounds/kinds-legend.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { useOverviewText } from "./text.ts";
import "./overview.css";

/** What reads the whole ledger arrives after what explains it. */
const Live = lazy(async () => ({ default: (await import("./live.tsx")).Live }));

const doors = [
  { name: "contributor", href: "#/card" },
  { name: "member", href: "#/governance" },
  { name: "auditor", href: "verify/" },
  { name: "operator", href: "#/operators" },
  { name: "newcomer", href: "#/rounds" },
] as const;

export function Page() {
  const text = useOverviewText();
  const { deployment } = useLedger();
  return (
    <Frame title={text.title} lead={text.lead}>
      {deployment.demonstration !== undefined && <p className="demo">{text.demo}</p>}
      <div className="overview">
        <Section heading={text.what.heading} className="what">
          <ol>
            {text.what.sentences.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ol>
        </Section>
        <Section heading={text.doors.heading} className="doors">
          <ul>
            {doors.map(({ name, href }) => (
              <li key={name}>
                <a href={href} className="link">
                  {text.doors[name][0]}
                </a>
                <p className="quiet">{text.doors[name][1]}</p>
              </li>
            ))}
          </ul>
        </Section>
        <Suspense fallback={<Waiting>{text.loading}</Waiting>}>
          <Live />
        </Suspense>
      </div>
      <KindsLegend />
    </Frame>
  );
}
