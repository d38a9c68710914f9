import { useState } from "react";
import type { Hex } from "viem";
import { bytesOf } from "../../../../protocol/bytes.ts";
import type { Evaluation } from "../../../../protocol/evaluation/evaluation.ts";
import { bestClass, classScores } from "../../../../protocol/evaluation/scores.ts";
import { fetchArtefact } from "../../chain/artefacts.ts";
import { useFixed } from "../../chain/at-block.ts";
import { DatasetName } from "../../ui/address-name.tsx";
import { Field } from "../../ui/field.tsx";
import { Section } from "../../ui/section.tsx";
import { checkHoldout, parseRow, quantiseRecord } from "./bundle.ts";
import type { Holdout } from "./bundle.ts";
import { Feedback } from "./feedback.tsx";
import type { RoundName } from "./round-page.tsx";
import { useRoundsText } from "./text.ts";
import type { ModelCard } from "./use-model-cards.ts";

interface TrialProps extends RoundName {
  readonly modelRoot: Hex;
  readonly artefact: Hex;
  readonly evaluation: Evaluation | null;
  /** Fetches and checks the model. */
  readonly model: () => Promise<Int32Array | undefined>;
  readonly cards: readonly ModelCard[];
}

interface Outcome {
  readonly record: Int16Array;
  readonly scores: readonly bigint[];
  readonly best: number;
  /** Class that the holdout gives it. */
  readonly truth: number | undefined;
}

const WAYS = ["form", "paste", "holdout"] as const;
type Way = (typeof WAYS)[number];

/** The model on one record, in this browser. Nothing of the input is sent anywhere. */
export function Trial({ evaluation, ...props }: TrialProps) {
  const text = useRoundsText();
  return (
    <Section heading={text.trial.heading} className="trial">
      <p>{text.trial.lead}</p>
      <p className="not-advice">{text.trial.notAdvice}</p>
      {evaluation === null ? <p className="quiet">{text.trial.none}</p> : <Bench evaluation={evaluation} {...props} />}
    </Section>
  );
}

function Bench({ federation, round, modelRoot, artefact, evaluation, model, cards }: TrialProps & { readonly evaluation: Evaluation }) {
  const text = useRoundsText();
  const { features, classes, featureBits } = evaluation;
  const named = cards.find(({ card }) => card.features?.length === features && card.ranges?.length === features);
  const classNames = cards.find(({ card }) => card.classes?.length === classes)?.card.classes;
  const names = named?.card.features ?? [];
  const ranges = named?.card.ranges ?? [];
  const [chosen, setChosen] = useState<Way>();
  const [values, setValues] = useState<Readonly<Record<number, string>>>({});
  const [row, setRow] = useState("");
  const [record, setRecord] = useState("0");
  const [outcome, setOutcome] = useState<Outcome>();
  const way = chosen ?? (named === undefined ? "holdout" : "form");
  const holdout = useFixed(
    ["holdout", artefact],
    async (): Promise<Holdout | null> => {
      const [records, labels] = await Promise.all(["holdout.bin", "labels.bin"].map((path) => fetchArtefact(artefact, path, 2 ** 24)));
      return (records && labels && checkHoldout(records, labels, evaluation)) ?? null;
    },
    way === "holdout",
  );
  const pasted = row.trim() === "" ? undefined : parseRow(row, features);
  const place = /^\d{1,6}$/.test(record) ? Number(record) : -1;

  const input = (): { readonly record: Int16Array; readonly truth?: number } | undefined => {
    try {
      if (way === "holdout") {
        if (!holdout.data || place < 0 || place >= evaluation.records) return undefined;
        return { record: holdout.data.records.slice(place * features, (place + 1) * features), truth: holdout.data.labels[place] ?? 0 };
      }
      if (named === undefined) return undefined;
      if (way === "paste") return pasted !== undefined && "values" in pasted ? { record: quantiseRecord(pasted.values, ranges, featureBits) } : undefined;
      const filled = names.map((_, i) => Number(values[i] ?? ranges[i]?.[0] ?? 0));
      return filled.some(Number.isNaN) ? undefined : { record: quantiseRecord(filled, ranges, featureBits) };
    } catch {
      return undefined;
    }
  };
  const ready = input();
  const run = async (): Promise<void> => {
    const lanes = await model();
    if (lanes === undefined || ready === undefined) return;
    const scores = classScores(lanes, evaluation, ready.record);
    setOutcome({ record: ready.record, scores, best: bestClass(scores), truth: ready.truth });
  };
  const outside = way === "paste" && pasted !== undefined && "values" in pasted ? pasted.values.findIndex((value, i) => value < (ranges[i]?.[0] ?? value) || value > (ranges[i]?.[1] ?? value)) : -1;
  const nameOfClass = (index: number): string => classNames?.[index] ?? text.trial.className(String(index));
  return (
    <>
      <fieldset className="ways">
        <legend>{text.trial.how}</legend>
        {WAYS.map((each) => (
          <label key={each}>
            <input type="radio" name="way" checked={way === each} disabled={named === undefined && each !== "holdout"} onChange={() => setChosen(each)} />
            <span>{text.trial.ways[each]}</span>
          </label>
        ))}
      </fieldset>
      {named === undefined ? <p className="quiet">{text.trial.noCard}</p> : way !== "holdout" && <p className="quiet">{text.trial.cardOf} <DatasetName dataset={named.dataset} /></p>}
      {way === "form" && named !== undefined && (
        <div className="feature-form">
          {names.map((name, i) => {
            const [low, high] = ranges[i] ?? [0, 1];
            return (
              <label key={name}>
                <span>{name.replaceAll("_", " ")}</span>
                <input type="number" min={low} max={high} step="any" value={values[i] ?? String(low)} onChange={(event) => setValues({ ...values, [i]: event.target.value })} />
                <span className="quiet">
                  {low}–{high}
                </span>
              </label>
            );
          })}
        </div>
      )}
      {way === "paste" && (
        <Field
          label={text.trial.pasteLabel}
          help={text.trial.pasteHelp(String(features))}
          problem={
            pasted === undefined || "values" in pasted
              ? outside < 0 ? undefined : text.trial.outside(names[outside] ?? "", String(ranges[outside]?.[0]), String(ranges[outside]?.[1]))
              : "found" in pasted ? text.trial.pasteBad(String(features), String(pasted.found)) : text.trial.pasteNaN(String(pasted.place + 1))
          }
        >
          {(props) => <textarea {...props} rows={3} value={row} onChange={(event) => setRow(event.target.value)} />}
        </Field>
      )}
      {way === "holdout" && (
        <Field label={text.trial.record} help={text.trial.recordHelp(String(evaluation.records - 1))} problem={holdout.isError || holdout.data === null ? text.trial.holdoutBad : undefined}>
          {(props) => <input {...props} type="number" min={0} max={evaluation.records - 1} value={record} onChange={(event) => setRecord(event.target.value)} />}
        </Field>
      )}
      <button type="button" className="primary" disabled={ready === undefined} onClick={() => void run()}>
        {text.trial.run}
      </button>
      {outcome !== undefined && (
        <>
          <Result outcome={outcome} nameOfClass={nameOfClass} />
          <Feedback key={String(outcome.record)} federation={federation} round={round} modelRoot={modelRoot} input={bytesOf(outcome.record)} predicted={outcome.best} />
        </>
      )}
    </>
  );
}

function Result({ outcome, nameOfClass }: { readonly outcome: Outcome; readonly nameOfClass: (index: number) => string }) {
  const text = useRoundsText();
  const { scores, best, truth } = outcome;
  const [most, least] = [scores.reduce((a, b) => (b > a ? b : a)), scores.reduce((a, b) => (b < a ? b : a))];
  const share = (score: bigint): number => (most === least ? 1 : Number((1000n * (score - least)) / (most - least)) / 1000);
  return (
    <div className="outcome" data-class={best}>
      <output>
        {text.trial.result}: <strong>{nameOfClass(best)}</strong>
      </output>
      {truth !== undefined && <p className="quiet">{text.trial.truth(nameOfClass(truth))}</p>}
      <table className="ledger">
        <caption>
          {text.trial.scores}. {text.trial.scoreNote} {text.trial.notAdvice}
        </caption>
        <thead>
          <tr>
            <th scope="col">{text.trial.class}</th>
            <th scope="col" className="number">
              {text.trial.score}
            </th>
          </tr>
        </thead>
        <tbody>
          {scores.map((score, index) => ({ score, index })).toSorted((a, b) => (b.score > a.score ? 1 : b.score < a.score ? -1 : a.index - b.index)).map(({ score, index }) => (
            <tr key={index}>
              <th scope="row">{nameOfClass(index)}</th>
              <td className="number">
                <span className="score-bar" aria-hidden="true" style={{ inlineSize: `${Math.round(8 * share(score) * 10) / 10}rem` }} /> {score.toLocaleString("en")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
