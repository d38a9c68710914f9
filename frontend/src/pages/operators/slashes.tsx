import type { LedgerEvent } from "../../chain/events.ts";
import type { operatorsAbi } from "../../../../protocol/abi/index.ts";
import { AddressName } from "../../ui/address-name.tsx";
import { Amount } from "../../ui/amount.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import type { OperatorsState } from "./queries.ts";
import { useOperatorsText } from "./text.ts";

interface SlashesProps {
  readonly awards: readonly LedgerEvent<typeof operatorsAbi, "Slashed" | "AwardCollected">[];
  readonly state: OperatorsState | undefined;
}

/** Who lost what on which evidence, who proved it, and whether the award was collected. */
export function Slashes({ awards, state }: SlashesProps) {
  const text = useOperatorsText();
  const collected = new Set(awards.filter(({ eventName }) => eventName === "AwardCollected").map(({ args }) => args.evidence));
  const slashes = awards.flatMap((event) => (event.eventName === "Slashed" ? [event] : []));
  return (
    <>
      {slashes.length === 0 && <p className="quiet">{text.slashesNone}</p>}
      <ol className="slash-list">
        {slashes.map(({ args, transactionHash }) => (
          <li key={transactionHash}>
            <p>
              <Amount value={args.taken.reduce((sum, amount) => sum + amount, 0n)} /> {text.taken} · {text.slashedBy} <AddressName address={args.challenger} />
            </p>
            <p className="quiet">
              {text.award} <Amount value={args.toChallenger} /> ({collected.has(args.evidence) ? text.collected : text.notCollected}) · {text.evidence} <Copyable value={args.evidence} what={text.evidence} />
            </p>
          </li>
        ))}
      </ol>
      {state !== undefined && state.unsettled[0] + state.unsettled[1] > 0n && (
        <p>
          {text.unsettled}: <Amount value={state.unsettled[0]} /> {text.toPool}, <Amount value={state.unsettled[1]} /> {text.toBurn}
        </p>
      )}
    </>
  );
}
