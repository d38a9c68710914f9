import { useState } from "react";
import type { Hex } from "viem";
import type { About } from "../../../../protocol/annotation/index.ts";
import type { Domain } from "../../../../protocol/index.ts";
import type { Signer } from "../../account/signer.ts";
import { useLanguage } from "../../i18n/text.tsx";
import { readRemembered, remember } from "../../state/remember.ts";
import { Copyable } from "../../ui/copyable.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { visit, type Visit } from "./login.ts";
import { Problem } from "./problem.tsx";
import { useAnnotateText } from "./text.ts";

interface LoginFormProps {
  readonly service: string;
  readonly about: About;
  readonly domain: Domain;
  readonly signer: Signer;
  readonly onEnter: (visit: Visit) => void;
}

export function LoginForm({ service, about, domain, signer, onEnter }: LoginFormProps) {
  const text = useAnnotateText();
  const { language } = useLanguage();
  const [root, setRoot] = useState<Hex | undefined>(about.sets[0]?.root);
  const [state, setState] = useState<{ readonly waiting: boolean; readonly error?: unknown }>({ waiting: false });
  const pin = `chongwen.custodian.${service}`;
  const seen = readRemembered(pin);

  const logIn = async (): Promise<void> => {
    if (root === undefined) return;
    setState({ waiting: true });
    try {
      const entered = await visit(service, about, domain, signer, root);
      remember(pin, about.key);
      onEnter(entered);
    } catch (error) {
      setState({ waiting: false, error });
    }
  };
  return (
    <section className="annotate-login" aria-label={text.login}>
      <h2>{about.name[language]}</h2>
      <p>{text.loginText}</p>
      {seen !== null && seen !== about.key && <Notice tone="warning">{text.keyChanged}</Notice>}
      <dl className="annotate-facts">
        <div>
          <dt>{text.loggedInAs}</dt>
          <dd>
            <Copyable value={signer.address} what={text.loggedInAs} />
          </dd>
        </div>
        <div>
          <dt>
            <label htmlFor="annotate-set">{text.sets}</label>
          </dt>
          <dd>
            <select id="annotate-set" value={root} onChange={(event) => setRoot(event.target.value as Hex)}>
              {about.sets.map((set) => (
                <option key={set.root} value={set.root}>
                  {set.title[language]} ({set.practice ? `${text.practice}, ` : ""}
                  {set.closed ? `${text.closed}, ` : ""}
                  {set.tasks})
                </option>
              ))}
            </select>
          </dd>
        </div>
      </dl>
      <button type="button" className="primary" disabled={state.waiting || root === undefined} onClick={() => void logIn()}>
        {text.login}
      </button>
      {state.waiting && <Waiting>{text.loggingIn}</Waiting>}
      {state.error !== undefined && (
        <Notice tone="warning">
          <Problem error={state.error} />
        </Notice>
      )}
    </section>
  );
}
