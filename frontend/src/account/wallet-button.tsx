import { useConnection, useDisconnect } from "wagmi";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { ConnectButton } from "./connect-button.tsx";

export function WalletButton() {
  const { wallet } = useText();
  const connection = useConnection();
  const disconnect = useDisconnect();
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
