import { useId, useState } from "react";
import { getTypesForEIP712Domain, isHex, zeroAddress } from "viem";
import type { Address, Hex, TypedDataDefinition } from "viem";
import { getAddress, isAddress } from "viem/utils";
import { useSigner } from "../../account/use-signer.tsx";
import type { FederationHistory } from "../../chain/book.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { sameAddress } from "../../claims/balances.ts";
import { permissionTypedData, writePermission } from "../../claims/permission.ts";
import type { PermissionTerms } from "../../claims/permission.ts";
import { formatAmount } from "../../format/amount.ts";
import { explainProblem } from "../../tx/problem.ts";
import { useTransactionText } from "../../tx/text.ts";
import { wordsFor } from "../../tx/words.ts";
import { useNow } from "../../ui/use-now.ts";
import { Takeaway } from "./takeaway.tsx";
import { useCardText } from "./text.ts";
import { useFederationAccount } from "./use-federation-account.ts";

const DAY = 86_400;
const MOST_DAYS = 366;

interface PermissionWriteProps {
  readonly account: Address;
  readonly history: FederationHistory;
  readonly several: boolean;
}

/** The payee's half. Not offered while it would be worth nothing. */
export function PermissionWrite({ account, history, several }: PermissionWriteProps) {
  const { permission: text, federation } = useCardText();
  const { chainId } = useLedger().deployment;
  const { balances, rewards } = useFederationAccount(account, history);
  const [seat, setSeat] = useState<number>();
  const [recipient, setRecipient] = useState("");
  const [days, setDays] = useState("30");
  const now = useNow();
  const id = useId();
  const open = balances?.seats.filter(({ claimable }) => claimable > 0n) ?? [];
  const chosen = open.find((balance) => balance.seat === seat) ?? open[0];
  const vault = rewards?.vault;
  if (chosen === undefined || vault === undefined) return null;

  const to = recipient.trim() === "" ? account : recipient.trim();
  const valid = isAddress(to, { strict: false }) && !sameAddress(to, zeroAddress);
  const length = /^\d{1,3}$/.test(days) ? Number(days) : 0;
  // Ends at a midnight, so that what is shown to be signed does not change while it is looked at.
  const deadline = BigInt((Math.ceil(now / DAY) + length) * DAY);
  const ready = valid && length >= 1 && length <= MOST_DAYS;
  const terms: PermissionTerms | undefined = ready
    ? { chainId, vault, federation: history.federation, index: chosen.seat, payee: account, recipient: getAddress(to), cumulative: chosen.cumulative, deadline }
    : undefined;
  return (
    <details className="permission-part">
      <summary>
        {text.write}
        {several && ` · ${federation(String(history.federation))}`}
      </summary>
      <p className="quiet">{text.writeLead}</p>
      <div className="field-row">
        <label htmlFor={`${id}-seat`}>{text.seat}</label>
        <select id={`${id}-seat`} value={chosen.seat} onChange={(event) => setSeat(Number(event.target.value))}>
          {open.map((balance) => (
            <option key={balance.seat} value={balance.seat}>{`${balance.seat}: ${formatAmount(balance.claimable)} SHU`}</option>
          ))}
        </select>
      </div>
      <div className="field-row">
        <label htmlFor={`${id}-to`}>{text.recipient}</label>
        <input id={`${id}-to`} value={recipient} onChange={(event) => setRecipient(event.target.value)} placeholder={account} spellCheck={false} autoComplete="off" aria-invalid={!valid} aria-describedby={`${id}-to-help`} />
        <p id={`${id}-to-help`} className="quiet">
          {text.recipientHelp}
        </p>
      </div>
      <div className="field-row">
        <label htmlFor={`${id}-days`}>{text.days}</label>
        <input id={`${id}-days`} value={days} onChange={(event) => setDays(event.target.value)} inputMode="numeric" aria-invalid={length < 1 || length > MOST_DAYS} aria-describedby={`${id}-days-help`} />
        <p id={`${id}-days-help`} className="quiet">
          {text.daysHelp}
        </p>
      </div>
      {terms !== undefined && <Signing key={JSON.stringify(terms, bigintText)} terms={terms} />}
    </details>
  );
}

function bigintText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Typed data as tools outside a browser expect it, the domain's own type included. */
function typedDataText(terms: PermissionTerms): string {
  const { domain, types, primaryType, message } = permissionTypedData(terms);
  return JSON.stringify({ types: { EIP712Domain: getTypesForEIP712Domain({ domain }), ...types }, domain, primaryType, message }, bigintText, 2);
}

function Signing({ terms }: { readonly terms: PermissionTerms }) {
  const { permission: text } = useCardText();
  const transactions = useTransactionText();
  const signer = useSigner();
  const [signature, setSignature] = useState<Hex>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const id = useId();
  const sign = async (): Promise<void> => {
    if (signer === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      setSignature(await signer.signTypedData(permissionTypedData(terms) as unknown as TypedDataDefinition));
    } catch (error) {
      setProblem(wordsFor(explainProblem(error), transactions));
    } finally {
      setBusy(false);
    }
  };
  const isPayee = signer !== undefined && sameAddress(signer.address, terms.payee);
  return (
    <>
      {isPayee ? (
        <button type="button" className="primary" disabled={busy} onClick={() => void sign()}>
          {busy ? text.signing : text.sign}
        </button>
      ) : (
        <p className="reason">{text.notPayee}</p>
      )}
      {problem !== undefined && (
        <p className="unverified" role="alert">
          {problem}
        </p>
      )}
      <details>
        <summary>{text.typedData}</summary>
        <p className="quiet">{text.typedDataHelp}</p>
        <Takeaway label={text.typedData} value={typedDataText(terms)} file="claim-typed-data.json" type="application/json" />
        <div className="field-row">
          <label htmlFor={id}>{text.signature}</label>
          <input id={id} spellCheck={false} autoComplete="off" placeholder="0x…" onChange={(event) => setSignature(isHex(event.target.value.trim()) ? (event.target.value.trim() as Hex) : undefined)} />
        </div>
      </details>
      {signature !== undefined && (
        <div className="signed">
          <p>{text.signed}</p>
          <Takeaway label={text.copy} value={writePermission({ ...terms, signature })} file={`claim-permission-${terms.federation}-${terms.index}.json`} type="application/json" />
        </div>
      )}
    </>
  );
}
