import { useState } from "react";
import type { Address, Hex } from "viem";
import { isAddressEqual, recoverAddress } from "viem/utils";
import { verifyHash } from "viem/actions";
import { checkReceipts, toWire, type Book, type ReceiptFinding, type TaskSet } from "../../../../protocol/annotation/index.ts";
import type { Domain } from "../../../../protocol/index.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Notice } from "../../ui/notice.tsx";
import { ScrollFrame } from "../../ui/scroll-frame.tsx";
import { Section } from "../../ui/section.tsx";
import { Time } from "../../ui/time.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import type { Visit } from "./login.ts";
import { Problem } from "./problem.tsx";
import { useAnswerName } from "./spoken.ts";
import { useAnnotateText } from "./text.ts";

interface ReceiptsProps {
  readonly visit: Visit;
  readonly custodian: Address;
  readonly domain: Domain;
  readonly set: TaskSet;
}

type Checked = { readonly book: Book; readonly findings: readonly ReceiptFinding[] } | { readonly error: unknown };

const SHOWN = 10;

/** Fetched when the reader asks, and recomputed before a word is said about them. */
export function Receipts({ visit, custodian, domain, set }: ReceiptsProps) {
  const { receipts: text } = useAnnotateText();
  const { client } = useLedger();
  const [checked, setChecked] = useState<Checked | "checking">();

  const check = async (): Promise<void> => {
    setChecked("checking");
    try {
      const book = await visit.desk.book();
      const signed = async (account: Address, hash: Hex, signature: Hex): Promise<boolean> => {
        const byKey = signature.length === 132 && (await recoverAddress({ hash, signature }).then((signer) => isAddressEqual(signer, account), () => false));
        return byKey || verifyHash(client, { address: account, hash, signature });
      };
      setChecked({ book, findings: await checkReceipts({ domain, custodian, annotator: visit.annotator, ...book }, signed) });
    } catch (error) {
      setChecked({ error });
    }
  };
  return (
    <Section heading={text.heading}>
      <p>{text.lead}</p>
      <p className="annotate-tools">
        <button type="button" disabled={checked === "checking"} onClick={() => void check()}>
          {text.check}
        </button>
        {checked !== undefined && checked !== "checking" && "book" in checked && <SaveButton book={checked.book} custodian={custodian} domain={domain} />}
      </p>
      {checked === "checking" && <Waiting>{text.checking}</Waiting>}
      {checked !== undefined && checked !== "checking" && ("error" in checked ? <Failed error={checked.error} /> : <Outcome {...checked} set={set} />)}
    </Section>
  );
}

function Failed({ error }: { readonly error: unknown }) {
  return (
    <Notice tone="warning">
      <Problem error={error} />
    </Notice>
  );
}

function Outcome({ book, findings, set }: { readonly book: Book; readonly findings: readonly ReceiptFinding[]; readonly set: TaskSet }) {
  const { receipts: text, findings: words } = useAnnotateText();
  const nameOf = useAnswerName(set);
  if (book.records.length === 0) return <p className="empty">{text.none}</p>;
  return (
    <>
      {findings.length === 0 ? (
        <Notice tone="good">
          <output>{text.good(book.records.length)}</output>
        </Notice>
      ) : (
        <Notice tone="warning">
          <p>{text.bad}</p>
          <ul>
            {findings.slice(0, SHOWN).map(({ problem, sequence }) => (
              <li key={`${problem} ${sequence}`}>
                {sequence === null ? "" : text.at(sequence + 1)}
                {words[problem]}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {book.batch !== null && (
        <p className="quiet">
          {text.root}: <Copyable value={book.batch.batch.root} what={text.root} />. {text.rootHelp}
        </p>
      )}
      <ScrollFrame className="scroll annotate-receipts" label={text.caption}>
        <table className="ledger">
          <caption>{text.caption}</caption>
          <thead>
            <tr>
              <th scope="col">{text.columns.number}</th>
              <th scope="col">{text.columns.picture}</th>
              <th scope="col">{text.columns.answer}</th>
              <th scope="col">{text.columns.time}</th>
              <th scope="col">{text.columns.hash}</th>
            </tr>
          </thead>
          <tbody>
            {book.records
              .slice(-SHOWN)
              .toReversed()
              .map(({ answer, receipt }) => (
                <tr key={receipt.sequence}>
                  <td>{receipt.sequence + 1}</td>
                  <td>{answer.task + 1}</td>
                  <td>{nameOf(answer.answer)}</td>
                  <td>
                    <Time at={receipt.receivedAt} />
                  </td>
                  <td>
                    <Copyable value={receipt.answerHash} what={text.columns.hash} />
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </ScrollFrame>
    </>
  );
}

/** With everything that is needed to check them elsewhere. */
function SaveButton({ book, custodian, domain }: { readonly book: Book; readonly custodian: Address; readonly domain: Domain }) {
  const { receipts: text } = useAnnotateText();
  const save = (): void => {
    const address = URL.createObjectURL(new Blob([toWire({ format: "chongwen-annotation-receipts", version: 1, domain, custodian, ...book })], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = "chongwen-receipts.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
  return (
    <button type="button" onClick={save}>
      {text.save}
    </button>
  );
}
