import { useState } from "react";
import { getAddress, isAddress } from "viem";
import type { Address } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { useLocation } from "wouter";
import { rpIdHash } from "../../../../protocol/accounts/assertion.ts";
import { createPasskey, passkeysAvailable, rpId } from "../../account/passkey/device.ts";
import { placeOf } from "../../account/passkey/restore.ts";
import { sendToRelay } from "../../account/passkey/relay-client.ts";
import { dropPasskey, keepPasskey, loadPasskey } from "../../account/passkey/store.ts";
import type { KeptPasskey } from "../../account/passkey/store.ts";
import { useAtBlock } from "../../chain/at-block.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { shelf } from "../../state/remember.ts";
import { Copyable } from "../../ui/copyable.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/section.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Waiting } from "../../ui/waiting.tsx";
import { wordsOf } from "./problem.ts";
import { readAccount } from "./read-account.ts";
import type { AccountState } from "./read-account.ts";
import { checkNumber, requestLink } from "./recovery-request.ts";
import { useJoinText } from "./text.ts";
import { useActWith } from "./use-passkey.ts";

/** For somebody whose device is gone: what to do, and where it stands. */
export function Lost() {
  const text = useJoinText();
  const ledger = useLedger();
  const [kept, setKept] = useState(() => loadPasskey(shelf, "recovery", placeOf(ledger)));
  const keep = (passkey: KeptPasskey): void => {
    keepPasskey(shelf, "recovery", placeOf(ledger), passkey);
    setKept(passkey);
  };
  const forget = (): void => {
    dropPasskey(shelf, "recovery");
    setKept(undefined);
  };
  return (
    <>
      <Section heading={text.tabs.lost}>
        <p>{text.lost.lead}</p>
        <ol className="join-steps">
          {text.lost.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        {kept === undefined ? <NewPasskey onMade={keep} /> : <Progress kept={kept} onForget={forget} />}
        <p className="quiet">{text.lost.thief}</p>
      </Section>
    </>
  );
}

function NewPasskey({ onMade }: { readonly onMade: (passkey: KeptPasskey) => void }) {
  const text = useJoinText();
  const ledger = useLedger();
  const [address, setAddress] = useState(() => loadPasskey(shelf, "active", placeOf(ledger))?.account ?? "");
  const [problem, setProblem] = useState<string>();
  const account = isAddress(address.trim(), { strict: false }) ? getAddress(address.trim()) : undefined;

  const make = async (of: Address): Promise<void> => {
    setProblem(undefined);
    try {
      const state = await readAccount(ledger, of);
      if (state === undefined) return setProblem(text.lost.notAccount);
      const passkey = await createPasskey(of, `Chongwen · ${state.organisation}`);
      return onMade({ account: of, ...passkey });
    } catch (error) {
      return setProblem(wordsOf(error, text));
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (account !== undefined) void make(account);
      }}
    >
      <div className="field-row">
        <label htmlFor="lost-account">{text.lost.address}</label>
        <input id="lost-account" value={address} onChange={(event) => setAddress(event.target.value)} aria-describedby="lost-account-help" autoComplete="off" spellCheck={false} />
        <p id="lost-account-help" className="quiet">
          {text.lost.addressHelp}
        </p>
      </div>
      <button type="submit" className="primary" disabled={account === undefined || !passkeysAvailable()}>
        {text.lost.make}
      </button>
      {problem !== undefined && (
        <p className="unverified" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

type Stage = keyof Omit<ReturnType<typeof useJoinText>["lost"]["states"], "left"> | "waiting";

export function stageOf(kept: KeptPasskey, state: AccountState, now: number): Stage {
  if (state.qx === kept.point.qx && state.qy === kept.point.qy) return "done";
  const { recovery } = state;
  if (recovery === undefined) return "none";
  if (recovery.qx !== kept.point.qx || recovery.qy !== kept.point.qy) return "other";
  if (recovery.confirmedBy === undefined) return "proposed";
  return recovery.effectiveAt <= now ? "ready" : "waiting";
}

function Progress({ kept, onForget }: { readonly kept: KeptPasskey; readonly onForget: () => void }) {
  const text = useJoinText();
  const ledger = useLedger();
  const actWith = useActWith();
  const now = useNow();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const account = useAtBlock(["passkey-account", kept.account], (block) => readAccount(ledger, kept.account, block));
  const request = { account: kept.account, point: kept.point, rpIdHash: rpIdHash(rpId()) };
  const stage = account.data === undefined ? undefined : stageOf(kept, account.data, now);

  const complete = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { hash } = await sendToRelay(ledger.deployment.services?.relay, { kind: "complete", account: kept.account });
      await waitForTransactionReceipt(ledger.client, { hash });
    } catch (error) {
      setProblem(wordsOf(error, text));
    } finally {
      setBusy(false);
    }
  };
  const enter = (): void => {
    actWith(kept);
    onForget();
    navigate("/");
  };

  return (
    <>
      {stage !== "done" && (
        <div className="join-link">
          <p>{text.lost.made}</p>
          <p>
            {text.lost.link}: <Copyable value={requestLink(location.href, request)} what={text.lost.link} edge={14} />
          </p>
          <p>
            {text.lost.number}: <strong className="check-number">{checkNumber(request)}</strong>
          </p>
        </div>
      )}
      {stage === undefined && <Waiting>{text.home.waiting}</Waiting>}
      {stage !== undefined && (
        <Notice tone={stage === "done" ? "good" : stage === "other" ? "warning" : "note"}>
          <p>
            {stage === "waiting" ? (
              <Countdown until={account.data?.recovery?.effectiveAt ?? 0} over={text.lost.states.ready} left={text.lost.states.left} />
            ) : (
              text.lost.states[stage]
            )}
          </p>
        </Notice>
      )}
      <p className="actions">
        {stage === "ready" && (
          <button type="button" className="primary" disabled={busy} onClick={() => void complete()}>
            {text.lost.complete}
          </button>
        )}
        {stage === "done" && (
          <button type="button" className="primary" onClick={enter}>
            {text.lost.enter}
          </button>
        )}
        {stage !== "done" && (
          <button type="button" className="plain" onClick={onForget}>
            {text.lost.forget}
          </button>
        )}
      </p>
      {problem !== undefined && (
        <p className="unverified" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
