import { Link, Route, Switch } from "wouter";
import { Page as Frame } from "../../ui/page.tsx";
import { Catalogue } from "./catalogue.tsx";
import { DatasetPage } from "./dataset-page.tsx";
import { Amend, Register } from "./register.tsx";
import { useDatasetsText } from "./text.ts";
import "./datasets.css";

const numberOf = (text: string | undefined): number => Number(/^[1-9]\d{0,8}$/.exec(text ?? "")?.[0] ?? 0);

export function Page() {
  const text = useDatasetsText();
  return (
    <Switch>
      <Route path="/">
        <Frame title={text.title} lead={text.lead}>
          <Catalogue />
        </Frame>
      </Route>
      <Route path="/register">
        <Register />
      </Route>
      <Route path="/:id/amend">{({ id }) => <Amend key={id} id={numberOf(id)} />}</Route>
      <Route path="/:id">{({ id }) => <DatasetPage key={id} id={numberOf(id)} />}</Route>
      <Route>
        <Frame title={text.title} lead={text.unknown}>
          <p className="links">
            <Link href="/">{text.back}</Link>
          </p>
        </Frame>
      </Route>
    </Switch>
  );
}
