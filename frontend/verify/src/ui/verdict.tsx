import type { Text } from "../text.ts";
import { verdictOf } from "../report.ts";
import type { Outcome } from "../worker/question.ts";

function titleOf({ verdict: { of } }: Text, { subject }: Outcome): string | null {
  return subject.kind === "round" || subject.kind === "settlement" || subject.kind === "seat" ? of[subject.kind](subject.number) : null;
}

/** The sum in one sentence, announced to screen readers. Never a tick: the ladder below says what it rests on. */
export function Verdict({ text, outcome, hashedOnly }: { readonly text: Text; readonly outcome: Outcome; readonly hashedOnly: boolean }) {
  const { verdict } = verdictOf(outcome.findings);
  const failing = outcome.rungs.find(({ state }) => state === "failed");
  const title = titleOf(text, outcome);
  return (
    <output class={`verdict ${hashedOnly ? "unverified" : verdict}`} data-verdict={verdict} data-tampered={outcome.tampered !== null}>
      {title !== null && <span class="subject">{title}</span>}
      <strong class="sum">{hashedOnly ? text.verdict.hashed : text.verdict[verdict]}</strong>
      {failing !== undefined && <span class="first">{text.verdict.first(text.rungs[failing.rung])}</span>}
      {outcome.tampered !== null && <span class="quiet">{text.verdict.tampered}</span>}
    </output>
  );
}
