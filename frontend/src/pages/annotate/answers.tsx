import { SPECIAL, type TaskSet } from "../../../../protocol/annotation/index.ts";
import { useLanguage } from "../../i18n/text.tsx";
import type { Draft } from "./desk-store.ts";
import type { Action, Bindings } from "./keys.ts";
import { useAnnotateText } from "./text.ts";

interface AnswersProps {
  readonly set: TaskSet;
  readonly tier: number;
  readonly draft: Draft;
  /** Nothing to answer now. */
  readonly idle: boolean;
  readonly names: Bindings;
  readonly onAct: (action: Action) => unknown;
}

const OTHERS = [
  { action: "uncertain", answer: SPECIAL.uncertain },
  { action: "ungradable", answer: SPECIAL.ungradable },
  { action: "identifiable", answer: SPECIAL.identifiable },
] as const;

/** Every answer as a button that names its key. */
export function Answers({ set, tier, draft, idle, names, onAct }: AnswersProps) {
  const text = useAnnotateText();
  const { language } = useLanguage();
  const isFinal = tier > 1;
  // Focus stays where it is: a button that cannot be used now does nothing, but is there.
  const press = (action: Action) => () => void (idle ? undefined : onAct(action));
  const pressed = (answer: number) => (isFinal ? { "aria-pressed": draft.chosen === answer } : {});
  return (
    <>
      <ol className="annotate-answers" aria-label={text.answers}>
        {set.classes.slice(0, 9).map(({ code, label, description }, i) => {
          const action = `class${i + 1}` as Action;
          return (
            <li key={code}>
              <button type="button" aria-disabled={idle} aria-keyshortcuts={names[action]} {...pressed(code)} onClick={press(action)}>
                <kbd>{names[action]}</kbd>
                <span>
                  {label[language]}
                  {description !== undefined && <small>{description[language]}</small>}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      <ul className="annotate-answers annotate-others">
        {OTHERS.map(({ action, answer }) => (
          <li key={action}>
            <button type="button" aria-disabled={idle} aria-keyshortcuts={names[action]} {...(action === "identifiable" ? {} : pressed(answer))} onClick={press(action)}>
              <kbd>{names[action].toUpperCase()}</kbd>
              <span>
                {text[action]}
                {action === "identifiable" && <small>{text.identifiableHelp}</small>}
              </span>
            </button>
          </li>
        ))}
        <li>
          <button type="button" aria-disabled={idle} aria-pressed={draft.incidental} aria-keyshortcuts={names.incidental} onClick={press("incidental")}>
            <kbd>{names.incidental.toUpperCase()}</kbd>
            <span>{text.incidental}</span>
          </button>
        </li>
      </ul>
      <p className="annotate-tools">
        <button type="button" aria-disabled={idle} aria-keyshortcuts={names.confidence} onClick={press("confidence")}>
          {text.confidence.label}: {text.confidence[draft.confidence as 0 | 1 | 2 | 3]} <kbd>{names.confidence.toUpperCase()}</kbd>
        </button>
        {isFinal && (
          <button type="button" className="primary" aria-disabled={idle || draft.chosen === null} onClick={press("confirm")}>
            {text.confirm} <kbd>{names.confirm}</kbd>
          </button>
        )}
      </p>
    </>
  );
}
