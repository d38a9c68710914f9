import { useText } from "../i18n/text.tsx";
import type { RoundState } from "./view-model.ts";

interface StateBadgeProps {
  readonly state: RoundState;
  /** The first model was decided, not reported: nothing to challenge. */
  readonly genesis: boolean;
}

export function StateBadge({ state, genesis }: StateBadgeProps) {
  const { rounds } = useText();
  const challengeable = !genesis && (state === "reported" || state === "final");
  return (
    <p className={`badge badge-${state}`}>
      <strong>{rounds.states[state]}</strong>
      {challengeable && <span> · {rounds.unchallenged}</span>}
    </p>
  );
}
