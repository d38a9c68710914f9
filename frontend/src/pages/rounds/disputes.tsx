import { useMemo } from "react";
import type { Address, Hex } from "viem";
import { readContract } from "viem/actions";
import { attestationsAbi, demandsAbi, disputesAbi, loneReportsAbi, operatorsAbi, postingsAbi, roundsAbi } from "../../../../protocol/abi/index.ts";
import { deadlineThatHolds } from "../../../../protocol/ledger/deadlines.ts";
import { useAtBlock } from "../../chain/at-block.ts";
import { useEvents } from "../../chain/use-history.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import type { RoundTrace } from "../../rounds/trace.ts";
import { AddressName } from "../../ui/address-name.tsx";
import { Amount } from "../../ui/amount.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import type { DemandStory, FaultStory } from "./fault-story.ts";
import { tellDemands, tellFaults } from "./fault-story.ts";
import { useRoundsText } from "./text.ts";

/** Signers of every epoch, by number. */
export function useSignersOf(): (epoch: number) => readonly Address[] {
  const { operators } = useLedger().deployment.contracts;
  const epochs = useEvents({ address: operators, abi: operatorsAbi, eventName: "EpochFormed" });
  return useMemo(() => {
    const sets = new Map(epochs?.map(({ args }) => [args.epoch, args.operators]));
    return (epoch) => sets.get(epoch) ?? [];
  }, [epochs]);
}

/** Who disputed what about a round, with which evidence, and what came of it. */
export function Disputes({ federation, trace }: { readonly federation: number; readonly trace: RoundTrace }) {
  const text = useRoundsText();
  const { contracts } = useLedger().deployment;
  const won = useEvents({ address: contracts.disputes, abi: disputesAbi, eventName: "DisputeWon" });
  const slashed = useEvents({ address: contracts.operators, abi: operatorsAbi, eventName: "Slashed" });
  const lone = useEvents({ address: contracts.loneReports, abi: loneReportsAbi, eventName: ["BondSlashed", "LoneReported"] });
  const demanded = useEvents({ address: contracts.demands, abi: demandsAbi, eventName: ["DataDemanded", "DataAnswered", "DemandExpired", "DepositReturned"] });
  const attested = useEvents({ address: contracts.attestations, abi: attestationsAbi, eventName: ["RoundAttested", "RoundApproved"] });
  const posted = useEvents({ address: contracts.postings, abi: postingsAbi, eventName: "PartPosted" });
  const signersOf = useSignersOf();
  if (won === undefined || slashed === undefined || lone === undefined || demanded === undefined || attested === undefined || posted === undefined) {
    return <p className="quiet">{text.loading}</p>;
  }
  const isOurs = ({ args }: { readonly args: { readonly federation: number; readonly round: number } }): boolean => args.federation === federation && args.round === trace.round;
  const bondSlashed = lone.filter((event) => event.eventName === "BondSlashed");
  const reporters = lone.filter((event) => event.eventName === "LoneReported").filter(isOurs);
  const faults = tellFaults(trace, { rounds: contracts.rounds, federation, won, slashed, bondSlashed, signersOf });
  const demands = tellDemands(demanded, federation, trace.round);
  const parts = posted.filter(isOurs).length;
  const vouched = attested.filter(isOurs);
  const nothing = faults.length + demands.length + parts + vouched.length + reporters.length === 0 && trace.voided === undefined;
  return (
    <div className="disputes">
      {nothing && <p className="quiet">{text.disputesNone}</p>}
      {trace.voided !== undefined && (
        <p>
          {text.voided}: {text.voidReasons[trace.voided.reason]}
        </p>
      )}
      <ol>
        {faults.map((story) => (
          <Fault key={story.fault.transaction} story={story} />
        ))}
      </ol>
      {demands.length > 0 && (
        <>
          <h3>{text.demands}</h3>
          <ul className="plain-list">
            {demands.map((story) => (
              <Demand key={story.id} federation={federation} story={story} />
            ))}
          </ul>
        </>
      )}
      {parts > 0 && <p>{text.posted(String(parts))}</p>}
      {vouched.map(({ eventName, transactionHash }) => (
        <p key={transactionHash}>{eventName === "RoundAttested" ? text.attested : text.approved}</p>
      ))}
      {reporters.map(({ args, transactionHash }) => (
        <p key={transactionHash}>
          {text.lone} <AddressName address={args.reporter} />
        </p>
      ))}
    </div>
  );
}

function Fault({ story }: { readonly story: FaultStory }) {
  const text = useRoundsText();
  const { fault, verifier, evidence, losses, toChallenger, toPool, burnt } = story;
  return (
    <li className="fault" data-fault={fault.kind}>
      <h3>
        {text.faultOf[fault.kind]} <span className="quiet">{text.faultAttempt(String(fault.attempt + 1))}</span>
      </h3>
      <p>{text.nextState[fault.next]}</p>
      <dl className="fault-facts">
        <dt>{text.provenBy}</dt>
        <dd>
          <AddressName address={fault.challenger} />
        </dd>
        <dt>{text.judgedBy}</dt>
        <dd>{verifier === undefined ? text.unanswered : <AddressName address={verifier} />}</dd>
        {losses.map(({ signer, amount }) => (
          <div key={signer} className="row">
            <dt>{text.lost}</dt>
            <dd>
              <AddressName address={signer} />: <Amount value={amount} />
            </dd>
          </div>
        ))}
        {losses.length > 0 && (
          <div className="row">
            <dt>→</dt>
            <dd>
              <Amount value={toChallenger} /> {text.toChallenger} · <Amount value={toPool} /> {text.toPool} · <Amount value={burnt} /> {text.burnt}
            </dd>
          </div>
        )}
        <dt>{text.evidence}</dt>
        <dd>
          <Copyable value={evidence} what={text.evidence} /> · {text.inTransaction} <Copyable value={fault.transaction} what={text.inTransaction} />
        </dd>
      </dl>
    </li>
  );
}

/** 0 for a demand that is not open any more. */
function useDemandDeadline(federation: number, id: Hex, open: boolean) {
  const { client, deployment } = useLedger();
  const read = async (blockNumber: bigint): Promise<number> => {
    const contract = { address: deployment.contracts.demands, abi: demandsAbi, blockNumber } as const;
    const [{ deadline }, window, frozenUntil] = await Promise.all([
      readContract(client, { ...contract, functionName: "demandOf", args: [id] }),
      readContract(client, { ...contract, functionName: "answerWindow" }),
      readContract(client, { address: deployment.contracts.rounds, abi: roundsAbi, functionName: "frozenUntil", args: [federation], blockNumber }),
    ]);
    return deadline === 0 ? 0 : deadlineThatHolds(deadline, frozenUntil, window);
  };
  return useAtBlock(["demand", id], read, open).data;
}

function Demand({ federation, story }: { readonly federation: number; readonly story: DemandStory }) {
  const text = useRoundsText();
  const deadline = useDemandDeadline(federation, story.id, story.fate === "open");
  return (
    <li>
      {text.demandFates[story.fate]}
      {deadline !== undefined && deadline > 0 && (
        <>
          , <Countdown until={deadline} over={text.demandOver} left={text.demandUntil} />
        </>
      )}{" "}
      · {text.demandedBy} <AddressName address={story.demander} /> · {text.inTransaction} <Copyable value={story.transaction} what={text.inTransaction} />
    </li>
  );
}
