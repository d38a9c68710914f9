import { useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { isClass, MAX_NOTE, SPECIAL, type TaskSet } from "../../../../protocol/annotation/index.ts";
import { useLanguage } from "../../i18n/text.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Answers } from "./answers.tsx";
import { actionOf, type Action, type Bindings } from "./keys.ts";
import type { Visit } from "./login.ts";
import { ProblemOf } from "./problem.tsx";
import { useSpoken } from "./spoken.ts";
import { useAnnotateText } from "./text.ts";
import { useDesk, usePicture } from "./use-desk.ts";
import { changeView, PLAIN_VIEW, type View } from "./view.ts";
import { Viewer } from "./viewer.tsx";

interface DeskViewProps {
  readonly visit: Visit;
  readonly set: TaskSet;
  readonly tier: 1 | 2 | 3;
  /** Null: keys are off. */
  readonly bindings: Bindings | null;
  /** For showing, also when they are off. */
  readonly names: Bindings;
  readonly onEnded: () => void;
}

const SPECIAL_ACTIONS: Partial<Record<Action, number>> = { uncertain: SPECIAL.uncertain, ungradable: SPECIAL.ungradable, identifiable: SPECIAL.identifiable };

/** Picture and answers: one group that takes the focus, in which keys work. */
export function DeskView({ visit, set, tier, bindings, names, onEnded }: DeskViewProps) {
  const text = useAnnotateText();
  const { language } = useLanguage();
  const { store, state } = useDesk(visit, tier);
  const picture = usePicture(visit, tier, state.next);
  const [held, setHeld] = useState<{ readonly task: number | undefined; readonly view: View }>({ task: undefined, view: PLAIN_VIEW });
  const [noting, setNoting] = useState(false);
  const desk = useRef<HTMLElement>(null);
  const note = useRef<HTMLTextAreaElement>(null);
  const [current] = state.next;
  const question = set.question[language];
  const task = current?.task;
  // Each picture is first seen as it is.
  const view = held.task === task ? held.view : PLAIN_VIEW;
  const spoken = useSpoken(state, set, question, view);
  const isReady = state.phase === "ready";
  useEffect(() => {
    if (isReady) desk.current?.focus({ preventScroll: true });
  }, [isReady]);
  useEffect(() => {
    if (noting) note.current?.focus();
  }, [noting]);

  const leaveNote = (): void => {
    setNoting(false);
    desk.current?.focus({ preventScroll: true });
  };
  const act = (action: Action): boolean => {
    const changed = changeView(view, action);
    if (changed !== null) setHeld({ task, view: changed });
    else if (action.startsWith("class")) {
      const chosen = set.classes[Number(action.slice(5)) - 1];
      if (chosen === undefined || !isClass(chosen.code)) return false;
      store.choose(chosen.code);
    } else if (SPECIAL_ACTIONS[action] !== undefined) store.choose(SPECIAL_ACTIONS[action]);
    else if (action === "incidental") {
      const incidental = !state.draft.incidental;
      store.draft({ incidental });
      setNoting(incidental);
    } else if (action === "confidence") store.draft({ confidence: (state.draft.confidence + 1) % 4 });
    else if (action === "confirm") store.confirm();
    else if (action === "undo") store.undo();
    else if (action === "pause") store.pause();
    return true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const { target, key } = event;
    if (target instanceof HTMLTextAreaElement) {
      if (key === "Escape") leaveNote();
      return;
    }
    if (bindings === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actionOf(bindings, key);
    // Enter on a button is that button's.
    if (action === null || (key === "Enter" && target instanceof HTMLButtonElement)) return;
    if (act(action)) event.preventDefault();
  };

  if (state.phase === "ended") {
    return (
      <Notice tone="warning">
        <ProblemOf code="login-needed" />
        <button type="button" onClick={onEnded}>
          {text.login}
        </button>
      </Notice>
    );
  }
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys are an addition: everything here has a button */}
      <section ref={desk} className="annotate-desk" aria-label={text.desk} tabIndex={-1} onKeyDown={onKeyDown}>
        <div className="annotate-stage">
          {current === undefined || state.paused ? (
            <div className="annotate-blank">
              <p>{state.paused ? text.paused : state.phase === "loading" ? text.loading : tier > 1 && state.done === 0 ? text.nothingToVerify : text.finished}</p>
            </div>
          ) : (
            <Viewer shown={picture} view={view} turn={current.turn} caption={set.pictures[language]} onAct={act} names={names} />
          )}
        </div>
        <div className="annotate-side">
          <p className="annotate-progress">
            {text.picture(Math.min(state.done + 1, state.total), state.total)}
            <progress value={state.done} max={Math.max(state.total, 1)} aria-label={text.picture(state.done, state.total)} />
          </p>
          <h2 id="annotate-question">{question}</h2>
          <Answers set={set} tier={tier} draft={state.draft} idle={current === undefined || state.paused} names={names} onAct={act} />
          {noting && (
            <div className="field-row">
              <label htmlFor="annotate-note">{text.note}</label>
              <textarea ref={note} id="annotate-note" maxLength={MAX_NOTE} value={state.draft.note} aria-describedby="annotate-note-help" onChange={(event) => store.draft({ note: event.target.value })} />
              <p id="annotate-note-help" className="quiet">
                {text.noteHelp}
              </p>
              <button type="button" onClick={leaveNote}>
                {text.noteDone}
              </button>
            </div>
          )}
          <p className="annotate-tools">
            {tier === 1 && (
              <button type="button" aria-keyshortcuts={names.undo} onClick={() => act("undo")}>
                {text.undo} <kbd>{names.undo.toUpperCase()}</kbd>
              </button>
            )}
            <button type="button" aria-keyshortcuts={names.pause} aria-pressed={state.paused} onClick={() => act("pause")}>
              {state.paused ? text.resume : text.pause} <kbd>{names.pause.toUpperCase()}</kbd>
            </button>
          </p>
          <p className="quiet annotate-saving">{state.pending === 0 ? text.saved : state.problem === null ? text.saving(state.pending) : text.unsaved(state.pending)}</p>
          <output className="annotate-said">{spoken}</output>
        </div>
      </section>
      {state.problem !== null && (
        <Notice tone="warning">
          <ProblemOf code={state.problem} />
        </Notice>
      )}
    </>
  );
}
