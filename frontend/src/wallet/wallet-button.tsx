import { useState } from "react";
import { useConnection, useDisconnect } from "wagmi";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { ConnectDialog } from "./connect-dialog.tsx";

export function WalletButton() {
  const { wallet } = useText();
  const connection = useConnection();
  const disconnect = useDisconnect();
  const [choosing, setChoosing] = useState(false);
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
  return (
    <>
      <button type="button" className="connect" aria-haspopup="dialog" onClick={() => setChoosing(true)}>
        {wallet.connect}
      </button>
      {choosing && <ConnectDialog onClose={() => setChoosing(false)} />}
    </>
  );
}
