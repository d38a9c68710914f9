import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { createDomain } from "../../../../protocol/index.ts";
import { ConnectButton } from "../../account/connect-button.tsx";
import { SwitchChain } from "../../account/switch-chain.tsx";
import { useSigner } from "../../account/use-signer.tsx";
import { useLedger } from "../../chain/use-ledger.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { readAbout } from "./client.ts";
import { Counter } from "./counter.tsx";
import type { Visit } from "./login.ts";
import { LoginForm } from "./login-form.tsx";
import { Problem } from "./problem.tsx";
import { useAnnotateText } from "./text.ts";
import "./annotate.css";

export function Page() {
  const text = useAnnotateText();
  const { custodian } = useLedger().deployment.services ?? {};
  return (
    <Frame title={text.title} lead={text.lead}>
      {custodian === undefined ? <p className="empty">{text.none}</p> : <Custodian service={custodian} />}
    </Frame>
  );
}

/** What the server says of itself, before anybody logs in. */
function Custodian({ service }: { readonly service: string }) {
  const text = useAnnotateText();
  const { deployment } = useLedger();
  const signer = useSigner();
  const [visit, setVisit] = useState<Visit>();
  const about = useQuery({ queryKey: ["custodian", service], queryFn: () => readAbout(service), retry: 1, staleTime: Number.POSITIVE_INFINITY });
  if (about.data === undefined) {
    if (about.error === null) return <Waiting>{text.loading}</Waiting>;
    return (
      <Notice tone="warning">
        <Problem error={about.error} />
        <button type="button" onClick={() => void about.refetch()}>
          {text.retry}
        </button>
      </Notice>
    );
  }
  const { chainId, ledger } = about.data;
  if (chainId !== deployment.chainId || ledger.toLowerCase() !== deployment.contracts.rounds.toLowerCase()) return <Notice tone="warning">{text.otherLedger}</Notice>;
  const domain = createDomain(deployment.chainId, deployment.contracts.rounds);
  if (visit !== undefined && visit.annotator === signer?.address) {
    return <Counter key={visit.sessionKey} visit={visit} about={about.data} domain={domain} onLeave={() => setVisit(undefined)} />;
  }
  if (signer === undefined) {
    return (
      <>
        <p>{text.connectFirst}</p>
        <ConnectButton>{text.connect}</ConnectButton>
      </>
    );
  }
  if (!signer.chainReady) return <SwitchChain />;
  return <LoginForm service={service} about={about.data} domain={domain} signer={signer} onEnter={setVisit} />;
}
