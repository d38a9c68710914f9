import { useId } from "react";
import { Link } from "wouter";
import { useConnect, useConnectors } from "wagmi";
import type { Connector } from "wagmi";
import { explainProblem } from "../tx/problem.ts";
import { useText } from "../i18n/text.tsx";
import { useTransactionText } from "../tx/text.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/waiting.tsx";

/** Wallets that announced themselves (EIP-6963); the nameless old kind only when there is no other. */
export function offeredWallets(connectors: readonly Connector[], hasLegacy: boolean): readonly Connector[] {
  const announced = connectors.filter((connector) => connector.id !== "injected");
  if (announced.length > 0) return announced;
  return hasLegacy ? connectors : [];
}

/** Wallets to choose from. */
export function ConnectDialog({ onClose }: { readonly onClose: () => void }) {
  const { wallet } = useText();
  const text = useTransactionText();
  const heading = useId();
  const connectors = useConnectors();
  const connect = useConnect();
  const offered = offeredWallets(connectors, "ethereum" in window);
  const waitingFor = connect.isPending ? connect.variables.connector : undefined;
  return (
    <Dialog labelledBy={heading} onClose={onClose}>
      <h2 id={heading}>{wallet.dialog}</h2>
      <p className="quiet">{offered.length === 0 ? wallet.none : wallet.dialogHelp}</p>
      <ul className="wallets">
        {offered.map((connector) => (
          <li key={connector.uid}>
            <button type="button" disabled={connect.isPending} onClick={() => connect.mutate({ connector }, { onSuccess: onClose })}>
              {connector.icon?.startsWith("data:") && <img src={connector.icon} alt="" width="24" height="24" />}
              {connector.id === "injected" ? wallet.browserWallet : connector.name}
            </button>
          </li>
        ))}
      </ul>
      {waitingFor !== undefined && <Waiting>{wallet.connecting("name" in waitingFor ? waitingFor.name : wallet.browserWallet)}</Waiting>}
      {connect.error !== null && (
        <Notice tone="warning">
          <p>{text.problems[explainProblem(connect.error).kind]}</p>
        </Notice>
      )}
      <p>
        <Link href="~/join" onClick={onClose}>
          {wallet.usePasskey}
        </Link>
      </p>
      <button type="button" className="plain" onClick={onClose}>
        {wallet.close}
      </button>
    </Dialog>
  );
}
