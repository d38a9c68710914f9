import { useState } from "react";
import { Link } from "wouter";
import { datasetsAbi } from "../../../../protocol/abi/index.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { fetchArtefact } from "../../chain/artefacts.ts";
import { useFixed } from "../../chain/at-block.ts";
import { CARD_LIMIT, CARD_PATH } from "../../chain/dataset-card.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { useNames } from "../../chain/use-names.ts";
import { useDatasets } from "../../datasets/queries.ts";
import { cardDigest } from "../../datasets/read-card.ts";
import type { DatasetTrace } from "../../datasets/trace.ts";
import { termsOf } from "../../datasets/trace.ts";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { Field } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Waiting } from "../../ui/waiting.tsx";
import { DraftForm, useCardDigest } from "./draft-form.tsx";
import type { Draft } from "./draft.ts";
import { draftOf, EMPTY_DRAFT, termsFrom } from "./draft.ts";
import { useOffices } from "./queries.ts";
import { useDatasetsText } from "./text.ts";
import { TermsDiff } from "./versions.tsx";

/** An officer of a custodian puts a dataset forward. */
export function Register() {
  const text = useDatasetsText();
  const names = useNames();
  const { datasets } = useLedger().deployment.contracts;
  const account = useSigner()?.address;
  const offices = useOffices();
  const now = useNow();
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [chosen, setChosen] = useState("");
  const digest = useCardDigest(draft);
  const custodian = Number(chosen || (offices?.[0] ?? 0));
  const terms = termsFrom(draft, digest, now);
  const call = terms === undefined || custodian === 0 ? undefined : callOf({ address: datasets, abi: datasetsAbi, functionName: "propose", args: [custodian, terms] });
  return (
    <Frame title={text.form.title} lead={text.form.lead}>
      <p className="links back">
        <Link href="/">{text.back}</Link>
      </p>
      <div className="draft">
        {account !== undefined && offices?.length === 0 && (
          <Notice tone="note">
            <p>{text.form.custodianNone}</p>
          </Notice>
        )}
        {offices !== undefined && offices.length > 0 && (
          <Field label={text.form.custodian} help={text.form.custodianHelp}>
            {(props) => (
              <select {...props} value={String(custodian)} onChange={(event) => setChosen(event.target.value)}>
                {offices.map((organisation) => (
                  <option key={organisation} value={organisation}>
                    {names.organisation(organisation) ?? `${text.form.custodian} ${organisation}`}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <DraftForm draft={draft} onChange={setDraft} />
        <Steps steps={text.form.nextSteps} />
        <TransactionButton id={`propose:${digest}`} call={call} label={text.form.propose} doneLabel={text.form.proposed} />
      </div>
    </Frame>
  );
}

function Steps({ steps }: { readonly steps: readonly string[] }) {
  const { form } = useDatasetsText();
  return (
    <>
      <h2>{form.next}</h2>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </>
  );
}

/** New terms for a dataset that exists, begun with those of today. */
export function Amend({ id }: { readonly id: number }) {
  const text = useDatasetsText();
  const trace = useDatasets()?.find(({ dataset }) => dataset === id);
  return (
    <Frame title={text.form.amendTitle} lead={text.form.amendLead}>
      <p className="links back">
        <Link href={`/${id}`}>{text.number(String(id))}</Link>
      </p>
      {trace === undefined ? <Waiting>{text.loading}</Waiting> : <WithCard trace={trace} />}
    </Frame>
  );
}

/** The present card goes along unless another one is chosen: so that changing one term does not change the card. */
function WithCard({ trace }: { readonly trace: DatasetTrace }) {
  const text = useDatasetsText();
  const { card } = termsOf(trace);
  const bytes = useFixed(["card-bytes", card], async () => {
    const found = await fetchArtefact(card, CARD_PATH, CARD_LIMIT).catch(() => null);
    return found !== null && cardDigest(found) === card ? found : null;
  });
  if (bytes.data === undefined) return <Waiting>{text.cardLoading}</Waiting>;
  return <AmendForm trace={trace} file={bytes.data === null ? undefined : { name: "", bytes: bytes.data }} />;
}

function AmendForm({ trace, file }: { readonly trace: DatasetTrace; readonly file: Draft["file"] }) {
  const text = useDatasetsText();
  const { datasets } = useLedger().deployment.contracts;
  const now = useNow();
  const before = termsOf(trace);
  const [draft, setDraft] = useState(() => draftOf(before, file));
  const digest = useCardDigest(draft);
  const terms = termsFrom(draft, digest, now);
  const call = terms === undefined ? undefined : callOf({ address: datasets, abi: datasetsAbi, functionName: "proposeAmendment", args: [trace.dataset, terms] });
  return (
    <div className="draft">
      <DraftForm draft={draft} onChange={setDraft} fixed />
      {terms !== undefined && <TermsDiff before={before} after={terms} caption={text.changed} />}
      <Steps steps={text.form.amendSteps} />
      <TransactionButton id={`amend:${trace.dataset}:${digest}`} call={call} label={text.form.proposeAmendment} doneLabel={text.form.amended} />
    </div>
  );
}
