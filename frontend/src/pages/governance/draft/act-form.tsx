import { useState } from "react";
import type { ReactNode } from "react";
import type { ProposalCall } from "../../../../../protocol/governance/decode.ts";
import { useLedger } from "../../../chain/use-ledger.tsx";
import { useAmendment } from "../data/amendment.ts";
import { useGovernanceText } from "../text.ts";
import type { DraftFields, FieldName } from "./draft.ts";
import { DATASET_ACTS, EMPTY_DRAFT, KINDS, parseDraft, SETTINGS } from "./draft.ts";

/** One act, chosen from those that members decide most. */
export function ActForm({ onAdd }: { readonly onAdd: (call: ProposalCall) => void }) {
  const text = useGovernanceText();
  const { deployment } = useLedger();
  const [fields, setFields] = useState<DraftFields>(EMPTY_DRAFT);
  const [tried, setTried] = useState(false);
  const { kind } = fields;
  const wanted = kind === "amend" && /^[1-9]\d{0,8}$/.test(fields.dataset.trim()) ? Number(fields.dataset) : undefined;
  const amendment = useAmendment(wanted);
  const drafted = parseDraft(fields, deployment, amendment.data ?? undefined);
  const set = (change: Partial<DraftFields>): void => {
    setFields({ ...fields, ...change });
    setTried(false);
  };
  const add = (): void => {
    setTried(true);
    if (!("call" in drafted)) return;
    onAdd(drafted.call);
    setFields({ ...EMPTY_DRAFT, kind });
    setTried(false);
  };
  const field = (name: FieldName, help?: string, label: string = text.fields[name]): ReactNode => {
    const problem = tried && "errors" in drafted ? drafted.errors[name] : undefined;
    const id = `draft-${name}`;
    return (
      <div className="field-row" key={name}>
        <label htmlFor={id}>{label}</label>
        <input id={id} inputMode="decimal" autoComplete="off" value={fields[name]} aria-invalid={problem !== undefined} aria-describedby={`${id}-help`} onChange={(event) => set({ [name]: event.target.value })} />
        <p id={`${id}-help`} className={problem === undefined ? "quiet" : "unverified"}>
          {problem === undefined ? help : text.invalid[problem]}
        </p>
      </div>
    );
  };
  return (
    <form
      className="act-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <fieldset className="choices">
        <legend>{text.whatAct}</legend>
        {KINDS.map((option) => (
          <label key={option} className="choice">
            <input type="radio" name="kind" checked={kind === option} onChange={() => set({ kind: option })} />
            {text.kinds[option]}
          </label>
        ))}
      </fieldset>
      {kind === "dataset" && (
        <>
          {field("dataset")}
          <Choice id="draft-act" label={text.act} options={DATASET_ACTS} value={fields.act} words={text.datasetActs} onChange={(act) => set({ act })} />
        </>
      )}
      {kind === "seat" && [field("federation"), field("contributor"), field("dataset"), field("budget", text.budgetHelp)]}
      {kind === "amend" && field("dataset")}
      {kind === "setting" && (
        <>
          <Choice id="draft-setting" label={text.fields.setting} options={SETTINGS} value={fields.setting} words={text.settings} onChange={(setting) => set({ setting })} />
          {field("amount")}
        </>
      )}
      <button type="submit">{text.add}</button>
    </form>
  );
}

interface ChoiceProps<Option extends string> {
  readonly id: string;
  readonly label: string;
  readonly options: readonly Option[];
  readonly value: Option;
  readonly words: Readonly<Record<Option, string>>;
  readonly onChange: (option: Option) => void;
}

function Choice<Option extends string>({ id, label, options, value, words, onChange }: ChoiceProps<Option>) {
  return (
    <div className="field-row">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option === event.target.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {words[option]}
          </option>
        ))}
      </select>
    </div>
  );
}
