import { Redirect, Route, Switch } from "wouter";
import { BallotPage } from "./ballot-page.tsx";
import { CouncilPage } from "./council-page.tsx";
import { DraftPage } from "./draft/draft-page.tsx";
import { ListPage } from "./list-page.tsx";
import { MemberPage, MembersPage } from "./members-page.tsx";
import { ProposalPage } from "./proposal-page.tsx";
import "./governance.css";

/** What members decide, and how. */
export function Page() {
  return (
    <Switch>
      <Route path="/" component={ListPage} />
      <Route path="/proposal/:name">{({ name }) => <ProposalPage key={name} name={name} />}</Route>
      <Route path="/draft" component={DraftPage} />
      <Route path="/members" component={MembersPage} />
      <Route path="/members/:address">{({ address }) => <MemberPage key={address} address={address} />}</Route>
      <Route path="/council" component={CouncilPage} />
      <Route path="/ballot" component={BallotPage} />
      <Route>
        <Redirect to="/" />
      </Route>
    </Switch>
  );
}
