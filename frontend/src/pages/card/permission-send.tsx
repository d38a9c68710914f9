import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { TypedDataDefinition } from "viem";
import { verifyTypedData } from "viem/actions";
import type { FederationHistory } from "../../chain/book.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { permittedCall } from "../../claims/claim-call.ts";
import { permissionProblem, permissionTypedData, readPermission } from "../../claims/permission.ts";
import type { Permission, PermissionProblem } from "../../claims/permission.ts";
import { useClaimed } from "../../claims/queries.ts";
import { dueOf, hasToken } from "../../claims/points.ts";
import { formatAmount } from "../../format/amount.ts";
import { shorten } from "../../format/shorten.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { AddressName } from "../../ui/address-name.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Waiting } from "../../ui/waiting.tsx";
import { Outcome } from "./outcome.tsx";
import { useCardText } from "./text.ts";
import { useFederationAccount } from "./use-federation-account.ts";

/** The sender's half: any account, which pays the fee and gets nothing. */
export function PermissionSend({ federations }: { readonly federations: readonly FederationHistory[] }) {
  const { permission: text } = useCardText();
  const [input, setInput] = useState("");
  const id = useId();
  const permission = input.trim() === "" ? undefined : readPermission(input);
  const history = federations.find(({ federation }) => federation === permission?.federation);
  return (
    <>
      <p className="quiet">{text.sendLead}</p>
      <div className="field-row">
        <label htmlFor={id}>{text.paste}</label>
        <textarea id={id} value={input} onChange={(event) => setInput(event.target.value)} spellCheck={false} rows={6} />
      </div>
      {input.trim() !== "" && permission === undefined && <Problem kind="unreadable" />}
      {permission !== undefined && history === undefined && <Problem kind="other-ledger" />}
      {permission !== undefined && history !== undefined && <Checked key={input} permission={permission} history={history} />}
    </>
  );
}

function Problem({ kind }: { readonly kind: PermissionProblem }) {
  const { permission: text } = useCardText();
  return (
    <p className="unverified" role="alert" data-problem={kind}>
      {text.problems[kind]}
    </p>
  );
}

interface CheckedProps {
  readonly permission: Permission;
  readonly history: FederationHistory;
}

/** Offered only when it would pay. */
function Checked({ permission, history }: CheckedProps) {
  const { permission: text, claims } = useCardText();
  const { client, deployment } = useLedger();
  const now = useNow();
  const { payee, recipient, index, cumulative, signature, vault, federation } = permission;
  const { table } = useFederationAccount(payee, history);
  const claimed = useClaimed(history.vault, [index]).data?.get(index);
  const signed = useQuery({
    queryKey: ["permission", vault, federation, index, recipient, String(cumulative), String(permission.deadline), payee, signature],
    // A contract that is the payee is asked itself (ERC-1271).
    queryFn: () => verifyTypedData(client, { ...(permissionTypedData(permission) as unknown as TypedDataDefinition), address: payee, signature }),
    staleTime: 60_000,
  });
  const doneId = `claim-for:${vault}:${index}:${cumulative}`;
  if (table === undefined || claimed === undefined || (signed.data === undefined && !signed.isError)) return <Waiting>{text.checking}</Waiting>;
  const problem = permissionProblem(permission, { chainId: deployment.chainId, vault: history.vault, table, claimed, now });
  if (problem !== undefined) {
    return (
      <>
        <Outcome id={doneId} />
        <Problem kind={problem} />
      </>
    );
  }
  if (signed.data !== true) return <Problem kind="bad-signature" />;
  if (!hasToken(history.points)) return <p className="reason">{claims.reasons["no-token"]}</p>;
  const amount = formatAmount(dueOf(cumulative, claimed, history.points));
  return (
    <div className="claim">
      <p>
        {text.paysFrom(amount)} <AddressName address={payee} /> → <AddressName address={recipient} />
      </p>
      <TransactionButton id={doneId} call={permittedCall(permission, table)} label={text.button(amount, shorten(recipient))} doneLabel={text.done(amount)} />
    </div>
  );
}
