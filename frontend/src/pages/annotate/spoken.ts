import { SPECIAL, type TaskSet } from "../../../../protocol/annotation/index.ts";
import { useLanguage } from "../../i18n/text.tsx";
import type { DeskState } from "./desk-store.ts";
import { useAnnotateText } from "./text.ts";
import type { View } from "./view.ts";

/** An answer's name in the reader's language. */
export function useAnswerName(set: TaskSet): (answer: number) => string {
  const text = useAnnotateText();
  const { language } = useLanguage();
  return (answer) => {
    if (answer === SPECIAL.withdrawn) return text.receipts.withdrawn;
    if (answer === SPECIAL.uncertain) return text.uncertain;
    if (answer === SPECIAL.ungradable) return text.ungradable;
    if (answer === SPECIAL.identifiable) return text.identifiable;
    return set.classes.find(({ code }) => code === answer)?.label[language] ?? String(answer);
  };
}

/** One line that says what just happened and what comes now: read out by screen readers, and plain to see. */
export function useSpoken(state: DeskState, set: TaskSet, question: string, view: View): string {
  const { said: words, confidence } = useAnnotateText();
  const nameOf = useAnswerName(set);
  const { said, draft, next, done, total } = state;
  const parts: string[] = [];
  if (said?.kind === "saved") parts.push(words.saved(nameOf(said.answer)));
  else if (said?.kind === "peers") parts.push(said.pairs === 0 ? words.unrated : words.agree(said.agreeing, said.pairs));
  else if (said !== null) parts.push(words[said.kind]);
  if (next.length > 0) parts.push(words.next(done + 1, total, question));
  if (draft.confidence > 0) parts.push(words.sure(confidence[draft.confidence as 0 | 1 | 2 | 3]));
  if (draft.incidental) parts.push(words.incidental(true));
  if (view.light !== 100) parts.push(words.light(view.light));
  if (view.contrast !== 100) parts.push(words.contrast(view.contrast));
  return parts.join(" ");
}
