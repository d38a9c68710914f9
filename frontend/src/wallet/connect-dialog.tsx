import { useEffect, useId, useRef } from "react";
import { useConnect, useConnectors } from "wagmi";
import type { Connector } from "wagmi";
import { explainProblem } from "../claims/problem.ts";
import { useText } from "../i18n/text.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/waiting.tsx";

/** Wallets that announced themselves (EIP-6963); the nameless old kind only when there is no other. */
export function offeredWallets(connectors: readonly Connector[], hasLegacy: boolean): readonly Connector[] {
  const announced = connectors.filter((connector) => connector.id !== "injected");
  if (announced.length > 0) return announced;
  return hasLegacy ? connectors : [];
}

/** A native dialog: the browser traps the focus, closes on Escape and gives the focus back. */
export function ConnectDialog({ onClose }: { readonly onClose: () => void }) {
  const { wallet, claim } = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const connectors = useConnectors();
  const connect = useConnect();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const offered = offeredWallets(connectors, "ethereum" in window);
  const waitingFor = connect.isPending ? connect.variables.connector : undefined;
  return (
    <dialog ref={dialog} className="connect-dialog" aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{wallet.dialog}</h2>
      <p className="quiet">{offered.length === 0 ? wallet.none : wallet.dialogHelp}</p>
      <ul>
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
          <p>{claim.problems[explainProblem(connect.error).kind]}</p>
        </Notice>
      )}
      <button type="button" className="plain" onClick={onClose}>
        {wallet.close}
      </button>
    </dialog>
  );
}
