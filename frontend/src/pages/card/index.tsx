import { Link, Route, Switch, useLocation } from "wouter";
import { useBook } from "../../chain/use-book.ts";
import { useText } from "../../i18n/text.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { AccountForm } from "./account-form.tsx";
import { ClaimsView } from "./claims-view.tsx";
import { HistoryView } from "./history-view.tsx";
import { PayeeView } from "./payee-view.tsx";
import { payeesOf } from "./payees.ts";
import { ReceiptsView } from "./receipts-view.tsx";
import { RecordView } from "./record-view.tsx";
import { useCardText } from "./text.ts";
import { useCardAccount } from "./use-account.ts";
import type { CardProps } from "./view.ts";
import "./card.css";
import "./receipt.css";

const views = [
  { name: "claims", path: "/", View: ClaimsView },
  { name: "receipts", path: "/receipts", View: ReceiptsView },
  { name: "history", path: "/history", View: HistoryView },
  { name: "payee", path: "/payee", View: PayeeView },
  { name: "record", path: "/record", View: RecordView },
] as const;

export function Page() {
  const { app } = useText();
  const text = useCardText();
  const { account, lookedUp, connected, lookUp } = useCardAccount();
  const { federations, contributors, failed } = useBook();
  const known = federations !== undefined && contributors !== undefined;
  return (
    <Frame title={app.pages.card} lead={text.lead}>
      <div className="card-page">
        <AccountForm key={`form:${lookedUp}`} lookedUp={lookedUp} connected={connected} payees={known ? payeesOf(federations, contributors) : []} onChoose={lookUp} />
        <Views />
        {failed && (
          <Notice tone="warning">
            <p>{text.account.failed}</p>
          </Notice>
        )}
        {!known && !failed && <Waiting>{text.account.loading}</Waiting>}
        {known && federations.length === 0 && <p className="empty">{text.account.noFederation}</p>}
        {known && federations.length > 0 && account === undefined && <p className="empty">{text.account.empty}</p>}
        {known && federations.length > 0 && account !== undefined && <View key={`view:${account}`} account={account} federations={federations} contributors={contributors} />}
      </div>
    </Frame>
  );
}

function Views() {
  const text = useCardText();
  const [location] = useLocation();
  return (
    <nav className="views" aria-label={text.viewsLabel}>
      <ul>
        {views.map(({ name, path }) => (
          <li key={name}>
            <Link href={path} aria-current={location === path ? "page" : undefined}>
              {text.views[name]}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function View(props: CardProps) {
  return (
    <Switch>
      {views.map(({ path, View: Content }) => (
        <Route key={path} path={path}>
          <Content {...props} />
        </Route>
      ))}
      <Route>
        <ClaimsView {...props} />
      </Route>
    </Switch>
  );
}
