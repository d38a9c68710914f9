import { useMemo, useState } from "react";
import { readContract } from "viem/actions";
import { commendationsAbi, contributorsAbi, seatsAbi, settlementAbi } from "../../../../../protocol/abi/index.ts";
import { useSigner } from "../../../account/use-signer.tsx";
import { useAtBlock } from "../../../chain/at-block.ts";
import { useEvents } from "../../../chain/use-history.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { SEAT_EVENTS, traceSeats } from "../../../rounds/seats.ts";
import { callOf } from "../../../tx/call.ts";
import { TransactionButton } from "../../../tx/transaction-button.tsx";
import { DatasetName, OrganisationName } from "../../../ui/address-name.tsx";
import { Section } from "../../../ui/section.tsx";
import { Waiting } from "../../../ui/waiting.tsx";
import { useOrganisationOf } from "../use-bundle.ts";
import type { Candidate, CardHolder, Voice } from "./eligible.ts";
import { candidatesFor, CARD_EVENTS, cardHolders, cardsOf, MOST_SEATS, toggled, voicesIn } from "./eligible.ts";
import { useCommendText } from "./text.ts";

/** State of the federation's settlements that matters here: `ISettlement.State`, 0 while none is under way. */
function useNextSettlement(federation: number) {
  const { client, deployment } = useLedger();
  return useAtBlock(["next-settlement", federation], async (blockNumber) => {
    const { nextIndex, state } = await readContract(client, { address: deployment.contracts.settlement, abi: settlementAbi, functionName: "accountOf", args: [federation], blockNumber });
    return { index: nextIndex, underWay: state !== 0 };
  }).data;
}

/** The community's voices for a federation's next settlement, and a form for whoever holds a library card. */
export function Commendations({ federation }: { readonly federation: number }) {
  const text = useCommendText();
  const { contracts } = useLedger().deployment;
  const next = useNextSettlement(federation);
  const events = useEvents({ address: contracts.commendations, abi: commendationsAbi, eventName: "Commended" });
  const voices = next === undefined || events === undefined ? undefined : voicesIn(events, federation, next.index);
  return (
    <Section heading={text.heading}>
      <p className="quiet">{text.lead}</p>
      {next === undefined || voices === undefined ? (
        <Waiting>{text.loading}</Waiting>
      ) : (
        <div className="commendations" data-voices={voices.length}>
          <h3>{text.forSettlement(String(next.index))}</h3>
          {next.underWay ? <p className="unverified">{text.underWay(String(next.index))}</p> : <Speak federation={federation} index={next.index} voices={voices} />}
          <Voices voices={voices} />
        </div>
      )}
    </Section>
  );
}

function Voices({ voices }: { readonly voices: readonly Voice[] }) {
  const text = useCommendText();
  return (
    <>
      <h3>{text.voices}</h3>
      {voices.length === 0 && <p className="quiet">{text.none}</p>}
      <ul className="plain-list">
        {voices.map(({ organisation, seats }) => (
          <li key={organisation}>
            <OrganisationName organisation={organisation} /> {text.commends} {seats.map((seat) => text.seat(String(seat))).join(" · ")}
          </li>
        ))}
      </ul>
    </>
  );
}

interface SpeakProps {
  readonly federation: number;
  readonly index: number;
  readonly voices: readonly Voice[];
}

function Speak({ federation, index, voices }: SpeakProps) {
  const text = useCommendText();
  const { contracts } = useLedger().deployment;
  const signer = useSigner();
  const cards = useEvents({ address: contracts.contributors, abi: contributorsAbi, eventName: CARD_EVENTS });
  const granted = useEvents({ address: contracts.seats, abi: seatsAbi, eventName: SEAT_EVENTS });
  const organisationOf = useOrganisationOf();
  const holders = useMemo(() => cardHolders(cards ?? []), [cards]);
  const seats = useMemo(() => traceSeats(granted ?? [], federation), [granted, federation]);
  if (signer === undefined) return <p className="quiet">{text.connect}</p>;
  if (cards === undefined || granted === undefined) return <Waiting>{text.loading}</Waiting>;
  const own = cardsOf(holders, signer.address);
  if (own.length === 0) return <p className="quiet">{text.noCard}</p>;
  return own.map((voter) => {
    const spoken = voices.some(({ organisation }) => organisation === voter.organisation);
    if (spoken) return <p key={voter.organisation}>{text.given(String(voter.organisation), String(index))}</p>;
    return <Form key={voter.organisation} voter={voter} federation={federation} index={index} candidates={candidatesFor(voter, seats, organisationOf, holders)} />;
  });
}

interface FormProps {
  readonly voter: CardHolder;
  readonly federation: number;
  readonly index: number;
  readonly candidates: readonly Candidate[];
}

function Form({ voter, federation, index, candidates }: FormProps) {
  const text = useCommendText();
  const { contracts } = useLedger().deployment;
  const [chosen, choose] = useState<readonly number[]>([]);
  const { organisation } = voter;
  // A seat that was revoked meanwhile is no candidate any more.
  const named = chosen.filter((seat) => candidates.some((candidate) => candidate.seat === seat));
  const call = named.length === 0 ? undefined : callOf({ address: contracts.commendations, abi: commendationsAbi, functionName: "commend", args: [organisation, federation, index, named] });
  if (candidates.length === 0) return <p className="quiet">{text.nobody}</p>;
  return (
    <div data-speaks-as={organisation}>
      <fieldset className="choice">
        <legend>
          {text.speaksAs} <OrganisationName organisation={organisation} />
        </legend>
        <p className="quiet">{text.choose}</p>
        {candidates.map(({ seat, organisation: theirs, dataset }) => (
          <label key={seat}>
            <input type="checkbox" checked={named.includes(seat)} disabled={named.length === MOST_SEATS && !named.includes(seat)} onChange={() => choose(toggled(named, seat))} />
            {text.seat(String(seat))} · <OrganisationName organisation={theirs} /> · <DatasetName dataset={dataset} />
          </label>
        ))}
        <p className="quiet">{text.cutOff}</p>
      </fieldset>
      <TransactionButton id={`commend:${federation}:${index}:${organisation}`} call={call} label={text.give} doneLabel={text.given(String(organisation), String(index))} />
    </div>
  );
}
