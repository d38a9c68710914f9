import { readContract } from "viem/actions";
import { chongwenGovernorAbi } from "../../../../protocol/abi/index.ts";
import { useAtBlock } from "../../chain/at-block.ts";
import { useEvents } from "../../chain/use-history.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { Section } from "../../ui/section.tsx";
import { useOverviewText } from "./text.ts";

/** `IGovernor.ProposalState` of what is neither over nor carried out, by number. */
const OPEN: Readonly<Record<number, string>> = { 0: "Pending", 1: "Active", 4: "Succeeded", 5: "Queued" };
/** Older ones are over: voting and delay take days. */
const NEWEST = 12;
const LONGEST = 120;

/** What members can decide now. The words are the proposer's; what it does, the governance page reads from the calls themselves. */
export function OpenProposals() {
  const { proposals: text } = useOverviewText();
  const { client, deployment } = useLedger();
  const governor = { address: deployment.contracts.governor, abi: chongwenGovernorAbi } as const;
  const created = useEvents({ ...governor, eventName: "ProposalCreated" })?.slice(-NEWEST).toReversed();
  const states = useAtBlock(
    ["open-proposals", created?.map(({ args }) => args.proposalId).join(",")],
    (blockNumber) => Promise.all((created ?? []).map(({ args }) => readContract(client, { ...governor, functionName: "state", args: [args.proposalId], blockNumber }))),
    created !== undefined,
  ).data;
  if (created === undefined || states === undefined) return null;
  const open = created.flatMap(({ args }, i) => {
    const state = OPEN[states[i] ?? -1];
    return state === undefined ? [] : [{ id: args.proposalId, state, title: args.description.split("\n")[0]?.slice(0, LONGEST).trim() ?? "" }];
  });
  return (
    <Section
      heading={text.heading}
      className="open-proposals"
      aside={
        <a className="link" href="#/governance">
          {text.all}
        </a>
      }
    >
      {open.length === 0 && <p>{text.none}</p>}
      {open.length > 0 && (
        <ul>
          {open.map(({ id, state, title }) => (
            <li key={String(id)} data-proposal={state}>
              <a className="link" href={`#/governance/proposal/${id}`}>
                {title === "" ? text.untitled : title}
              </a>{" "}
              <span className="quiet">
                {text.states[state]} · {text.words}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
