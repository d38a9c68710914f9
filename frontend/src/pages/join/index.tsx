import { Link, Route, Switch, useLocation } from "wouter";
import { passkeysAvailable } from "../../account/passkey/device.ts";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Home } from "./home.tsx";
import { Invited } from "./invited.tsx";
import { Lost } from "./lost.tsx";
import { Officers } from "./officers.tsx";
import { RelaySection } from "./relay-section.tsx";
import { useJoinText } from "./text.ts";
import "./join.css";

export function Page() {
  const text = useJoinText();
  return (
    <Frame title={text.title} lead={text.lead}>
      <Tabs />
      {!passkeysAvailable() && (
        <Notice tone="note">
          <p>{text.unavailable}</p>
        </Notice>
      )}
      <Switch>
        <Route path="/lost">
          <Lost />
        </Route>
        <Route path="/officers">
          <Officers />
        </Route>
        <Route path="/:invitation">{({ invitation }) => <Invited key={invitation} text={invitation} />}</Route>
        <Route>
          <Home />
        </Route>
      </Switch>
      <RelaySection />
    </Frame>
  );
}

function Tabs() {
  const text = useJoinText();
  const [location] = useLocation();
  const tabs = [
    ["/", text.tabs.home],
    ["/lost", text.tabs.lost],
    ["/officers", text.tabs.officers],
  ] as const;
  const known = location === "/lost" || location === "/officers" ? location : "/";
  return (
    <nav className="tabs" aria-label={text.menu}>
      <ul>
        {tabs.map(([path, label]) => (
          <li key={path}>
            <Link href={path} aria-current={known === path ? "page" : undefined}>
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
