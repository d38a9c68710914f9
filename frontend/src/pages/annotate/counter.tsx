import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { About } from "../../../../protocol/annotation/index.ts";
import type { Domain } from "../../../../protocol/index.ts";
import { useLanguage } from "../../i18n/text.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { DeskView } from "./desk.tsx";
import { KeySettings } from "./key-settings.tsx";
import { DEFAULT_BINDINGS, parseBindings, type Bindings } from "./keys.ts";
import type { Visit } from "./login.ts";
import { Problem } from "./problem.tsx";
import { Receipts } from "./receipts.tsx";
import { StandingSection } from "./standing.tsx";
import { readRemembered, remember } from "../../state/remember.ts";
import { useAnnotateText } from "./text.ts";

interface CounterProps {
  readonly visit: Visit;
  readonly about: About;
  readonly domain: Domain;
  readonly onLeave: () => void;
}

const KEYS = "chongwen.annotate.keys";
const KEYS_OFF = "chongwen.annotate.keys-off";
const MODES = [1, 2, 3] as const;

/** Everything behind the login. */
export function Counter({ visit, about, domain, onLeave }: CounterProps) {
  const text = useAnnotateText();
  const { language } = useLanguage();
  const [tier, setTier] = useState<1 | 2 | 3>(1);
  const [bindings, setBindings] = useState<Bindings>(() => parseBindings(readRemembered(KEYS)));
  const [off, setOff] = useState(() => readRemembered(KEYS_OFF) === "yes");
  const set = useQuery({ queryKey: ["custodian-set", visit.sessionKey], queryFn: () => visit.desk.set(), staleTime: Number.POSITIVE_INFINITY, retry: 1 });
  const leave = (): void => {
    visit.desk.leave().catch(() => undefined);
    onLeave();
  };
  if (set.data === undefined) {
    return set.error === null ? (
      <Waiting>{text.loading}</Waiting>
    ) : (
      <Notice tone="warning">
        <Problem error={set.error} />
        <button type="button" onClick={leave}>
          {text.login}
        </button>
      </Notice>
    );
  }
  const content = set.data.set;
  return (
    <>
      <div className="annotate-bar">
        <fieldset className="annotate-modes">
          <legend>{text.modes.label}</legend>
          {MODES.filter((mode) => mode <= visit.entry.tier).map((mode) => (
            <label key={mode}>
              <input type="radio" name="mode" checked={tier === mode} onChange={() => setTier(mode)} />
              {text.modes[mode]}
            </label>
          ))}
        </fieldset>
        <button type="button" onClick={leave}>
          {text.logout}
        </button>
      </div>
      <p className="quiet">{text.modeHelp[tier]}</p>
      {content.practice && <p className="demo">{content.pictures[language]}</p>}
      <details className="annotate-details">
        <summary>{text.instructions}</summary>
        <p>{content.instructions[language]}</p>
      </details>
      <DeskView key={tier} visit={visit} set={content} tier={tier} bindings={off ? null : bindings} names={bindings} onEnded={onLeave} />
      <KeySettings
        bindings={bindings}
        off={off}
        onChange={(next) => {
          setBindings(next ?? DEFAULT_BINDINGS);
          remember(KEYS, JSON.stringify(next ?? DEFAULT_BINDINGS));
        }}
        onOff={(next) => {
          setOff(next);
          remember(KEYS_OFF, next ? "yes" : "no");
        }}
      />
      <Receipts visit={visit} custodian={about.key} domain={domain} set={content} />
      <StandingSection visit={visit} />
    </>
  );
}
