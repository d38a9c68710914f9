import { useState } from "react";
import { isAddressEqual, zeroAddress } from "viem";
import { datasetsAbi } from "../../../../protocol/abi/index.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { useLedger } from "../../chain/use-ledger.tsx";
import { formatDuration } from "../../format/duration.ts";
import { useText } from "../../i18n/text.tsx";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Time } from "../../ui/time.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Freezes } from "./council-freezes.tsx";
import type { CouncilDataset } from "./data/council.ts";
import { useCouncil } from "./data/council.ts";
import { BackLink } from "./proposal-page.tsx";
import { useGovernanceText } from "./text.ts";

export function CouncilPage() {
  const text = useGovernanceText();
  const { locale } = useText();
  const signer = useSigner();
  const { data } = useCouncil();
  const isCouncil = data !== undefined && signer !== undefined && isAddressEqual(signer.address, data.council);
  const held = data?.datasets.filter(({ heldUntil }) => heldUntil > 0) ?? [];
  return (
    <Frame title={text.councilTitle} lead={text.councilLead}>
      <BackLink />
      {data === undefined && <p className="quiet">{text.loading}</p>}
      {data !== undefined && (
        <>
          <Section heading={text.councilIs}>
            {data.council === zeroAddress ? <p>{text.councilNone}</p> : <Copyable value={data.council} what={text.councilIs} edge={8} />}
            <p>{text.term(formatDuration(Number(data.holdPeriod), locale.units))}</p>
          </Section>
          <Section heading={text.holds}>
            {held.length === 0 ? <p className="quiet">{text.noHolds}</p> : (
              <ul className="holds">
                {held.map((dataset) => (
                  <Hold key={dataset.id} dataset={dataset} isCouncil={isCouncil} />
                ))}
              </ul>
            )}
            {data.past.length > 0 && (
              <>
                <h3>{text.everHeld}</h3>
                <ul className="quiet">
                  {data.past.map(({ dataset, version, until }) => (
                    <li key={`${dataset}/${version}`}>
                      {text.dataset} {dataset}, {text.version} {version}, {text.heldUntil} <Time at={until} />
                    </li>
                  ))}
                </ul>
              </>
            )}
            <p className="quiet">{text.noReason}</p>
          </Section>
          <Section heading={text.freezes.heading}>
            <Freezes isCouncil={isCouncil} />
          </Section>
          {isCouncil && (
            <Section heading={text.placeHold}>
              <PlaceHold datasets={data.datasets} />
            </Section>
          )}
        </>
      )}
      <Section heading={text.can}>
        <ul className="plain-list">{text.canList.map((item) => <li key={item}>{item}</li>)}</ul>
      </Section>
      <Section heading={text.never}>
        <ul className="plain-list">{text.neverList.map((item) => <li key={item}>{item}</li>)}</ul>
      </Section>
    </Frame>
  );
}

function Hold({ dataset: { id, version, heldUntil }, isCouncil }: { readonly dataset: CouncilDataset; readonly isCouncil: boolean }) {
  const text = useGovernanceText();
  const { locale } = useText();
  const { deployment } = useLedger();
  const left = heldUntil - useNow();
  const call = callOf({ address: deployment.contracts.datasets, abi: datasetsAbi, functionName: "liftHold", args: [id] });
  return (
    <li data-held={id}>
      <p>
        <strong>
          {text.dataset} {id}
        </strong>
        , {text.version} {version}. {text.heldUntil} <Time at={heldUntil} />
      </p>
      {left > 0 && <p className="quiet">{text.notLiftable(formatDuration(left, locale.units))}</p>}
      {(isCouncil || left <= 0) && <TransactionButton id={`lift:${id}:${version}`} call={call} label={text.lift} doneLabel={text.lifted(String(id))} primary={false} />}
    </li>
  );
}

function PlaceHold({ datasets }: { readonly datasets: readonly CouncilDataset[] }) {
  const text = useGovernanceText();
  const { deployment } = useLedger();
  const possible = datasets.filter(({ retired }) => !retired);
  const [chosen, setChosen] = useState(possible[0]?.id ?? 0);
  const dataset = possible.find(({ id }) => id === chosen);
  const used = dataset !== undefined && dataset.usedVersion === dataset.version;
  const call = dataset === undefined || used ? undefined : callOf({ address: deployment.contracts.datasets, abi: datasetsAbi, functionName: "hold", args: [dataset.id] });
  return (
    <>
      <p>{text.placeHelp}</p>
      <div className="field-row">
        <label htmlFor="hold-dataset">{text.dataset}</label>
        <select id="hold-dataset" value={chosen} onChange={(event) => setChosen(Number(event.target.value))}>
          {possible.map(({ id, version }) => (
            <option key={id} value={id}>{`${text.dataset} ${id} (${text.version} ${version})`}</option>
          ))}
        </select>
        {used && <p className="unverified">{text.usedUp(String(dataset.version))}</p>}
      </div>
      <TransactionButton id={`hold:${chosen}`} call={call} label={text.hold} doneLabel={text.held(String(chosen))} />
    </>
  );
}
