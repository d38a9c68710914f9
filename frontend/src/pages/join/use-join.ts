import { useState } from "react";
import { isAddressEqual } from "viem";
import type { Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { waitForTransactionReceipt } from "viem/actions";
import type { InvitationLink } from "../../../../protocol/accounts/link.ts";
import { acceptanceTypedData, invitationHash } from "../../../../protocol/accounts/statements.ts";
import { createDomain } from "../../../../protocol/eip712/hash.ts";
import { createPasskey } from "../../account/passkey/device.ts";
import type { Passkey } from "../../account/passkey/passkey.ts";
import { readBudget, RelayRefused, sendToRelay } from "../../account/passkey/relay-client.ts";
import type { Ledger } from "../../chain/ledger.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { wordsOf } from "./problem.ts";
import { accountOfInvitation, foretell, readAccount } from "./read-account.ts";
import { useJoinText } from "./text.ts";
import { useActWith } from "./use-passkey.ts";

export type JoinState =
  | { readonly kind: "idle" | "making" | "sending" | "waiting" | "mismatch" }
  | { readonly kind: "done"; readonly account: Address }
  | { readonly kind: "failed"; readonly words: string };

/** From "yes" to an account: passkey, acceptance, relay, block, and a look at what the ledger has. A passkey that was made is used again after a failure. */
export function useJoin(link: InvitationLink) {
  const text = useJoinText();
  const ledger = useLedger();
  const actWith = useActWith();
  const [state, setState] = useState<JoinState>({ kind: "idle" });
  const [passkey, setPasskey] = useState<Passkey>();

  const join = async (name: string): Promise<void> => {
    try {
      setState({ kind: "making" });
      await requireRelay(ledger);
      const made = passkey ?? (await createPasskey(invitationHash(link.invitation), name));
      setPasskey(made);
      setState({ kind: "sending" });
      const hash = await send(ledger, link, made);
      setState({ kind: "waiting" });
      await waitForTransactionReceipt(ledger.client, { hash });
      // The relay is not believed: what counts is on the ledger.
      const [account, expected] = await Promise.all([accountOfInvitation(ledger, invitationHash(link.invitation)), foretell(ledger, link, made.point.qx, made.point.qy)]);
      const kept = account === undefined ? undefined : await readAccount(ledger, account);
      if (account === undefined || !isAddressEqual(account, expected) || kept?.qx !== made.point.qx || kept.qy !== made.point.qy) return setState({ kind: "mismatch" });
      actWith({ account, ...made });
      return setState({ kind: "done", account });
    } catch (error) {
      return setState({ kind: "failed", words: wordsOf(error, text) });
    }
  };
  return { state, hasPasskey: passkey !== undefined, join: (name: string) => void join(name) };
}

/** Before anybody makes a passkey that nobody pays for. */
async function requireRelay({ deployment }: Ledger): Promise<void> {
  const relay = deployment.services?.relay;
  if (relay === undefined) throw new RelayRefused("no-relay", "This ledger names no relay.");
  const { day, balance } = await readBudget(relay);
  if (day.left === 0n) throw new RelayRefused("relay-exhausted", "The relay has used what it pays for in a day.");
  if (balance === 0n) throw new RelayRefused("relay-empty", "The relay has no coins left.");
}

async function send({ deployment }: Ledger, { invitation, officer, officerSignature, linkKey }: InvitationLink, { point }: Passkey) {
  const domain = createDomain(deployment.chainId, deployment.contracts.passkeyAccounts);
  const acceptance = await privateKeyToAccount(linkKey).signTypedData(acceptanceTypedData(domain, { invitation: invitationHash(invitation), ...point }));
  const { hash } = await sendToRelay(deployment.services?.relay, { kind: "create", invitation, officer, officerSignature, ...point, acceptance });
  return hash;
}
