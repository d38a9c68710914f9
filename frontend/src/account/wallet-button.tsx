import { useConnection, useDisconnect } from "wagmi";
import { Link } from "wouter";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { ConnectButton } from "./connect-button.tsx";
import { useSigner } from "./use-signer.tsx";

export function WalletButton() {
  const { wallet } = useText();
  const connection = useConnection();
  const disconnect = useDisconnect();
  const signer = useSigner();
  if (signer?.kind === "passkey") {
    return (
      <div className="wallet">
        <Link href="~/join">{wallet.passkey}</Link> <Copyable value={signer.address} what={wallet.passkey} edge={4} />
      </div>
    );
  }
  if (connection.address !== undefined) {
    return (
      <div className="wallet">
        <span className="visually-hidden">{wallet.connected}: </span>
        <Copyable value={connection.address} what={wallet.connected} edge={4} />
        <button type="button" onClick={() => disconnect.mutate({})}>
          {wallet.disconnect}
        </button>
      </div>
    );
  }
  return <ConnectButton>{wallet.connect}</ConnectButton>;
}
