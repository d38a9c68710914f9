import { useQuery } from "@tanstack/react-query";
import { Section } from "../../ui/section.tsx";
import type { Visit } from "./login.ts";
import { TermsTable } from "./terms-table.tsx";
import { useAnnotateText } from "./text.ts";

/** What gold and agreement mean, and the reader's own figures once they may be told. */
export function StandingSection({ visit }: { readonly visit: Visit }) {
  const { standing: text } = useAnnotateText();
  const { data } = useQuery({ queryKey: ["custodian-standing", visit.sessionKey], queryFn: () => visit.desk.standing(), refetchInterval: 20_000, retry: false });
  const { gold = null, peers = null, terms = null } = data ?? {};
  return (
    <Section heading={text.heading} className="annotate-standing">
      <p>{text.gold}</p>
      <p>{text.peers}</p>
      <p>{text.uncertain}</p>
      <p>{text.privacy}</p>
      {gold === null ? <p className="quiet">{text.later}</p> : <p className="annotate-figure">{text.goldResult(gold.right, gold.wrong, gold.abstained)}</p>}
      {peers !== null && <p className="annotate-figure">{text.peersResult(peers.agreeing, peers.pairs)}</p>}
      {peers !== null && peers.alphaPpm !== null && <p className="annotate-figure">{text.alpha((peers.alphaPpm / 1_000_000).toFixed(2), peers.units)}</p>}
      {terms !== null && <TermsTable terms={terms} />}
    </Section>
  );
}
