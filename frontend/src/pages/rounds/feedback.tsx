import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Hex } from "viem";
import { ConnectButton } from "../../account/connect-button.tsx";
import { useSigner } from "../../account/use-signer.tsx";
import { useLedger } from "../../chain/use-ledger.tsx";
import { explainProblem } from "../../tx/problem.ts";
import { useTransactionText } from "../../tx/text.ts";
import { Copyable } from "../../ui/copyable.tsx";
import { Field } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import type { RoundName } from "./round-page.tsx";
import { useRoundsText } from "./text.ts";

/** Signing and hashing feedback takes code that only those need who give some. */
const client = () => import("../../feedback-client.ts");

const VERDICTS = ["right", "wrong", "unsure"] as const;
type Verdict = (typeof VERDICTS)[number];

interface FeedbackProps extends RoundName {
  readonly modelRoot: Hex;
  /** What the model was given. It stays here: a salted hash is sent. */
  readonly input: Uint8Array;
  readonly predicted: number;
}

type Sending = { readonly kind: "idle" | "sending" } | { readonly kind: "done"; readonly salt: Hex } | { readonly kind: "failed"; readonly problem: string; readonly detail: string };

export function Feedback({ federation, round, modelRoot, input, predicted }: FeedbackProps) {
  const text = useRoundsText();
  const transaction = useTransactionText();
  const { deployment } = useLedger();
  const signer = useSigner();
  const service = deployment.services?.feedback;
  const [verdict, setVerdict] = useState<Verdict>("right");
  const [words, setWords] = useState("");
  const [state, setState] = useState<Sending>({ kind: "idle" });
  if (service === undefined) return <p className="quiet">{text.feedback.none}</p>;
  const send = async (): Promise<void> => {
    if (signer === undefined) return;
    setState({ kind: "sending" });
    const { FeedbackError, sendFeedback } = await client();
    try {
      const { salt } = await sendFeedback({
        service, chainId: deployment.chainId, ledger: deployment.contracts.rounds, user: signer.address, signTypedData: (data) => signer.signTypedData(data),
        federation, round, modelRoot, input, predictedClass: predicted, verdict, text: words,
      });
      setState({ kind: "done", salt });
    } catch (error) {
      const problem = error instanceof FeedbackError ? error.kind : explainProblem(error).kind;
      setState({ kind: "failed", problem, detail: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <div className="feedback" data-feedback={state.kind}>
      <h3>{text.feedback.heading}</h3>
      <p className="quiet">{text.feedback.lead}</p>
      <fieldset className="ways">
        <legend>{text.feedback.legend}</legend>
        {VERDICTS.map((each) => (
          <label key={each}>
            <input type="radio" name="verdict" checked={verdict === each} onChange={() => setVerdict(each)} />
            <span>{text.feedback.verdicts[each]}</span>
          </label>
        ))}
      </fieldset>
      <Field label={text.feedback.text}>{(props) => <textarea {...props} rows={2} maxLength={500} value={words} onChange={(event) => setWords(event.target.value)} />}</Field>
      {signer === undefined ? (
        <ConnectButton>{transaction.connect}</ConnectButton>
      ) : (
        <button type="button" disabled={state.kind === "sending" || state.kind === "done"} onClick={() => void send()}>
          {state.kind === "sending" ? text.feedback.sending : text.feedback.send}
        </button>
      )}
      {state.kind === "done" && (
        <Notice tone="good">
          <output>
            {text.feedback.done} <Copyable value={state.salt} what="salt" />
          </output>
        </Notice>
      )}
      {state.kind === "failed" && (
        <Notice tone="warning">
          <p>{text.feedback.problems[state.problem] ?? state.detail}</p>
          {state.problem === "refused" && <p className="detail">{state.detail}</p>}
        </Notice>
      )}
      <Counts service={service} federation={federation} round={round} />
    </div>
  );
}

/** What others said: counts of at least five, rounded down by the service; fewer are not told apart. */
function Counts({ service, federation, round }: RoundName & { readonly service: string }) {
  const text = useRoundsText();
  const counts = useQuery({ queryKey: ["feedback", service, federation, round], queryFn: async () => (await client()).readFeedback(service, federation, round), retry: false });
  if (counts.isError) return <p className="quiet">{text.feedback.countsNone}</p>;
  if (counts.data === undefined) return null;
  const shown = (count: number | null): string => (count === null ? text.feedback.few : count.toLocaleString("en"));
  const { right, wrong, unsure } = counts.data;
  return <p className="quiet">{text.feedback.counts(shown(right), shown(wrong), shown(unsure))}</p>;
}
