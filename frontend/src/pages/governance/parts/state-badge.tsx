import type { ProposalState } from "../../../../../protocol/governance/states.ts";
import { Countdown } from "../../../ui/countdown.tsx";
import type { ListedProposal } from "../data/listed.ts";
import { useGovernanceText } from "../text.ts";

export function StateBadge({ state }: { readonly state: ProposalState }) {
  const text = useGovernanceText();
  return (
    <span className={`proposal-state proposal-${state.toLowerCase()}`} data-proposal-state={state}>
      {text.states[state]}
    </span>
  );
}

/** What happens next, and when. */
export function NextMoment({ proposal: { record, status } }: { readonly proposal: ListedProposal }) {
  const { until, overdue } = useGovernanceText();
  switch (status.state) {
    case "Pending":
      return <Countdown until={record.snapshot + 1n} left={until.Pending} over={overdue.Pending} />;
    case "Active":
      return <Countdown until={status.deadline + 1n} left={until.Active} over={overdue.Active} />;
    case "Queued":
      return <Countdown until={status.eta} left={until.Queued} over={overdue.Queued} />;
    default:
      return null;
  }
}
