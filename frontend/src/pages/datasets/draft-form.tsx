import { useMemo, useState } from "react";
import type { Hex } from "viem";
import { epsilonOf } from "../../../../protocol/privacy/zcdp.ts";
import { CARD_LIMIT } from "../../chain/dataset-card.ts";
import { cardDigest, readCard } from "../../datasets/read-card.ts";
import { Copyable } from "../../ui/copyable.tsx";
import { Field } from "../../ui/field.tsx";
import { useNow } from "../../ui/use-now.ts";
import { CardView } from "./card-view.tsx";
import type { Draft, DraftText } from "./draft.ts";
import { cardBytes, problemsOf } from "./draft.ts";
import { useDatasetsText } from "./text.ts";

interface DraftFormProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  /** Of an amendment: what can never be changed. */
  readonly fixed?: boolean;
}

/** The digest of the card as it stands. */
export function useCardDigest(draft: Draft): Hex {
  return useMemo(() => cardDigest(cardBytes(draft)), [draft]);
}

type Change = (name: DraftText, value: string) => void;

/** Only what was touched is complained about: an empty form is no mistake. */
export function DraftForm({ draft, onChange, fixed = false }: DraftFormProps) {
  const { form: text } = useDatasetsText();
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const problems = problemsOf(draft, useNow());
  const change: Change = (name, value) => {
    setTouched((before) => new Set(before).add(name));
    onChange({ ...draft, [name]: value });
  };
  const problem = (name: DraftText): string | undefined => {
    const kind = problems[name];
    return kind !== undefined && touched.has(name) ? text.problems[kind] : undefined;
  };
  const cap = /^\d{1,15}$/.test(draft.privacyCap) ? epsilonOf(BigInt(draft.privacyCap)) : 0;
  return (
    <>
      <h2>{text.cardHeading}</h2>
      <p className="quiet">{text.cardLead}</p>
      <CardFields draft={draft} change={change} onChange={onChange} />
      <Preview draft={draft} />
      <h2>{text.termsHeading}</h2>
      <div className="form-columns">
        <TextField label={text.records} help={text.recordsHelp} problem={problem("records")} value={draft.records} onChange={(value) => change("records", value)} numeric />
        <TextField label={text.consentVersion} problem={problem("consentVersion")} value={draft.consentVersion} onChange={(value) => change("consentVersion", value)} numeric />
        <TextField label={text.licence} problem={problem("licence")} value={draft.licence} onChange={(value) => change("licence", value)} />
        <TextField label={text.legalBasis} problem={problem("legalBasis")} value={draft.legalBasis} onChange={(value) => change("legalBasis", value)} />
        <TextField label={text.ethicsApproval} help={text.ethicsApprovalHelp} problem={problem("ethicsApproval")} value={draft.ethicsApproval} onChange={(value) => change("ethicsApproval", value)} />
        <Field label={text.ethicsExpiry} help={text.ethicsExpiryHelp} problem={problem("ethicsExpiry")}>
          {(props) => <input {...props} type="date" value={draft.ethicsExpiry} onChange={(event) => change("ethicsExpiry", event.target.value)} />}
        </Field>
      </div>
      <label className="check">
        <input type="checkbox" checked={draft.exempt} disabled={fixed} onChange={(event) => onChange({ ...draft, exempt: event.target.checked })} />
        <span>{text.exempt}</span>
      </label>
      {!draft.exempt && (
        <TextField
          label={text.privacyCap}
          help={text.privacyCapHelp(cap.toPrecision(2))}
          problem={problem("privacyCap")}
          value={draft.privacyCap}
          onChange={(value) => change("privacyCap", value)}
          numeric
        />
      )}
    </>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly help?: string;
  readonly problem?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly numeric?: boolean;
  readonly rows?: number;
}

function TextField({ label, help, problem, value, onChange, numeric = false, rows }: TextFieldProps) {
  return (
    <Field label={label} help={help} problem={problem}>
      {(props) =>
        rows === undefined ? (
          <input {...props} inputMode={numeric ? "numeric" : "text"} autoComplete="off" value={value} onChange={(event) => onChange(event.target.value)} />
        ) : (
          <textarea {...props} rows={rows} value={value} onChange={(event) => onChange(event.target.value)} />
        )
      }
    </Field>
  );
}

function CardFields({ draft, change, onChange }: { readonly draft: Draft; readonly change: Change; readonly onChange: (draft: Draft) => void }) {
  const { form: text } = useDatasetsText();
  const [bad, setBad] = useState(false);
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return onChange({ ...draft, file: undefined });
    const bytes = file.size > CARD_LIMIT ? undefined : new Uint8Array(await file.arrayBuffer());
    const isCard = bytes !== undefined && readCard(bytes) !== undefined;
    setBad(!isCard);
    return onChange({ ...draft, file: isCard ? { name: file.name, bytes } : undefined });
  };
  return (
    <>
      <Field label={text.cardFile} help={text.cardFileHelp} problem={bad ? text.cardFileBad : undefined}>
        {(props) => <input {...props} type="file" accept="application/json,.json" onChange={(event) => void take(event.target.files?.[0])} />}
      </Field>
      {draft.file === undefined && (
        <>
          <h3 className="or">{text.cardWrite}</h3>
          <div className="form-columns">
            <TextField label={text.title_} value={draft.title} onChange={(value) => change("title", value)} />
            <TextField label={text.institution} value={draft.institution} onChange={(value) => change("institution", value)} />
            <TextField label={text.purpose} value={draft.purpose} onChange={(value) => change("purpose", value)} />
            <TextField label={text.limits} value={draft.limits} onChange={(value) => change("limits", value)} />
            <TextField label={text.unit} value={draft.unit} onChange={(value) => change("unit", value)} />
            <TextField label={text.jurisdictions} value={draft.jurisdictions} onChange={(value) => change("jurisdictions", value)} rows={2} />
            <TextField label={text.recipients} value={draft.recipients} onChange={(value) => change("recipients", value)} rows={2} />
          </div>
          <TextField label={text.description} value={draft.description} onChange={(value) => change("description", value)} rows={6} />
        </>
      )}
    </>
  );
}

/** The card as its readers will see it, its hash, and the file to keep. */
function Preview({ draft }: { readonly draft: Draft }) {
  const { form: text, cardHash } = useDatasetsText();
  const bytes = useMemo(() => cardBytes(draft), [draft]);
  const digest = useCardDigest(draft);
  const card = useMemo(() => readCard(bytes), [bytes]);
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: "application/json" }));
    const link = document.createElement("a");
    [link.href, link.download] = [url, "dataset-card.json"];
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  return (
    <details className="preview">
      <summary>{text.preview}</summary>
      {card !== undefined && <CardView card={card} />}
      <p>
        {cardHash} <Copyable value={digest} what={cardHash} edge={8} />
      </p>
      <p>
        <button type="button" onClick={save}>
          {text.save}
        </button>
      </p>
      <p className="quiet">
        {text.publish} <code>npx chongwen dataset publish dataset-card.json</code>
      </p>
    </details>
  );
}
