import { useQueries } from "@tanstack/react-query";
import { readContract } from "viem/actions";
import { roundsAbi } from "../../../../protocol/abi/index.ts";
import { useHeartbeat } from "../../chain/heartbeat.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { traceRounds } from "../../rounds/trace.ts";
import type { RoundEvent } from "../../rounds/trace.ts";
import { Countdown } from "../../ui/countdown.tsx";
import type { SettlementEvent } from "./record.ts";
import { useOperatorsText } from "./text.ts";

interface WaitingListProps {
  readonly rounds: readonly RoundEvent[];
  readonly settlements: readonly SettlementEvent[];
}

/** Rounds that are neither open for the first time nor over, and settlements under way, with the deadlines that hold: a freeze moves those of rounds. */
export function WaitingList({ rounds, settlements }: WaitingListProps) {
  const text = useOperatorsText();
  const { client, deployment } = useLedger();
  const { blockNumber } = useHeartbeat();
  const federations = [...new Set(rounds.map(({ args }) => args.federation))];
  const open = federations.flatMap((federation) =>
    traceRounds(rounds, federation).filter(({ state }) => state === "sealed" || state === "reported" || state === "open").filter(({ seals }) => seals.length > 0).map((trace) => ({ federation, trace })),
  );
  const deadlines = useQueries({
    queries: open.map(({ federation, trace }) => ({
      queryKey: ["deadline", federation, trace.round, trace.state, String(blockNumber)],
      queryFn: () => readContract(client, { address: deployment.contracts.rounds, abi: roundsAbi, functionName: "deadlineOf", args: [federation, trace.round] }),
    })),
    combine: (answers) => answers.map(({ data }) => data),
  });
  const ended = new Set(settlements.filter(({ eventName }) => eventName !== "SettlementProposed").map(({ args }) => `${args.federation}.${args.index}`));
  const underWay = settlements.flatMap((event) => (event.eventName === "SettlementProposed" && !ended.has(`${event.args.federation}.${event.args.index}`) ? [event.args] : []));
  if (open.length + underWay.length === 0) return <p className="quiet">{text.waitingNone}</p>;
  const say = { sealed: text.roundSealed, reported: text.roundReported, open: text.roundOpen } as const;
  return (
    <ul className="plain-list" data-waiting={open.length + underWay.length}>
      {open.map(({ federation, trace }, i) => (
        <li key={`${federation}.${trace.round}`}>
          {say[trace.state as keyof typeof say](String(federation), String(trace.round))} {deadlines[i] !== undefined && <Countdown until={deadlines[i]} over={text.over} left={text.left} />}
        </li>
      ))}
      {underWay.map(({ federation, index, deadline }) => (
        <li key={`${federation}.${index}`}>
          {text.settlementUnderWay(String(federation), String(index))} <Countdown until={deadline} over={text.over} left={text.left} />
        </li>
      ))}
    </ul>
  );
}
