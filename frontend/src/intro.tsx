import { useText } from "./i18n/text.tsx";

/** @param demo The ledger is the local demonstration, whose hospitals are simulated. */
export function Intro({ demo }: { readonly demo: boolean }) {
  const { intro, header, rounds, claims } = useText();
  return (
    <div className="intro">
      <p className="lead">{intro.lead}</p>
      <nav aria-label={header.contents}>
        <a href="#rounds">{rounds.heading}</a>
        <a href="#claims">{claims.heading}</a>
      </nav>
      {demo && <p className="demo">{intro.demo}</p>}
    </div>
  );
}
