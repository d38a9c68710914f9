import { useState } from "react";
import { getAddress, size } from "viem";
import type { Address, Hex } from "viem";
import { Link } from "wouter";
import { passkeyAccountsAbi } from "../../../../protocol/abi/passkey-accounts.ts";
import { passkeysAvailable, signWithPasskey } from "../../account/passkey/device.ts";
import { placeOf } from "../../account/passkey/restore.ts";
import { loadPasskey } from "../../account/passkey/store.ts";
import { useSigner } from "../../account/use-signer.tsx";
import { useAtBlock } from "../../chain/at-block.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { shelf } from "../../state/remember.ts";
import { callOf } from "../../tx/call.ts";
import { TransactionButton } from "../../tx/transaction-button.tsx";
import { OrganisationName } from "../../ui/address-name.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { wordsOf } from "./problem.ts";
import { accountOfInvitation, readAccount } from "./read-account.ts";
import { useJoinText } from "./text.ts";
import { useActWith, usePutDown } from "./use-passkey.ts";

export function Home() {
  const signer = useSigner();
  return signer?.kind === "passkey" ? <Joined account={signer.address} /> : <NotHere />;
}

/** Whoever has joined, and what to do next. */
export function Joined({ account }: { readonly account: Address }) {
  const text = useJoinText();
  const ledger = useLedger();
  const putDown = usePutDown();
  const state = useAtBlock(["passkey-account", account], (block) => readAccount(ledger, account, block));
  const kept = loadPasskey(shelf, "active", placeOf(ledger));
  const replaced = state.data !== undefined && kept !== undefined && kept.point.qx !== state.data.qx;
  return (
    <Section heading={text.home.joined}>
      {replaced && (
        <Notice tone="warning">
          <p>{text.home.replaced}</p>
        </Notice>
      )}
      {state.data?.recovery !== undefined && !replaced && (
        <Notice tone="warning">
          <p>{text.home.recovery}</p>
          <TransactionButton
            id={`recovery:cancel:${account}:${state.data.recovery.qx}`}
            call={callOf({ address: ledger.deployment.contracts.passkeyAccounts, abi: passkeyAccountsAbi, functionName: "cancelRecovery", args: [account] })}
            label={text.home.cancelRecovery}
            doneLabel={text.officers.cancelled}
          />
        </Notice>
      )}
      <dl className="join-facts">
        <dt>{text.home.account}</dt>
        <dd>
          <Copyable value={account} what={text.home.account} />
        </dd>
        <dt>{text.home.organisation}</dt>
        <dd>{state.data === undefined ? <Waiting>{text.home.waiting}</Waiting> : <OrganisationName organisation={state.data.organisation} />}</dd>
      </dl>
      <h3>{text.home.next}</h3>
      <ul className="join-terms links">
        <li>
          <Link href="~/card">{text.home.nextCard}</Link>
        </li>
        <li>
          <Link href="~/governance">{text.home.nextGovernance}</Link>
        </li>
      </ul>
      <button type="button" onClick={putDown}>
        {text.home.leave}
      </button>
      <p className="quiet">{text.home.leaveHelp}</p>
    </Section>
  );
}

type Search = { readonly kind: "idle" | "asking" | "unknown" } | { readonly kind: "failed"; readonly words: string };

function NotHere() {
  const text = useJoinText();
  const ledger = useLedger();
  const actWith = useActWith();
  const [search, setSearch] = useState<Search>({ kind: "idle" });

  const choose = async (): Promise<void> => {
    setSearch({ kind: "asking" });
    try {
      const challenge = crypto.getRandomValues(new Uint8Array(32));
      const { credential, handle } = await signWithPasskey(`0x${Array.from(challenge, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
      const account = await accountOfHandle(handle);
      const state = account === undefined ? undefined : await readAccount(ledger, account);
      if (account === undefined || state === undefined) setSearch({ kind: "unknown" });
      else actWith({ account, credential, point: { qx: state.qx, qy: state.qy } });
    } catch (error) {
      setSearch({ kind: "failed", words: wordsOf(error, text) });
    }
  };
  const accountOfHandle = async (handle: Hex | undefined): Promise<Address | undefined> => {
    if (handle === undefined) return undefined;
    return size(handle) === 20 ? getAddress(handle) : accountOfInvitation(ledger, handle);
  };

  return (
    <>
      <Section heading={text.home.notHere}>
        <p>{text.home.withLink}</p>
        <p>{text.home.withoutLink}</p>
      </Section>
      <Section heading={text.home.already}>
        <p>{text.home.alreadyHelp}</p>
        <p>
          <button type="button" disabled={search.kind === "asking" || !passkeysAvailable()} onClick={() => void choose()}>
            {text.home.choose}
          </button>
        </p>
        {search.kind === "unknown" && <p className="unverified">{text.home.unknown}</p>}
        {search.kind === "failed" && <p className="unverified">{search.words}</p>}
      </Section>
    </>
  );
}
