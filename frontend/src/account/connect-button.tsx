import { useState } from "react";
import { ConnectDialog } from "./connect-dialog.tsx";

/** Asks for a wallet where one is needed. */
export function ConnectButton({ children }: { readonly children: string }) {
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <button type="button" className="connect" aria-haspopup="dialog" onClick={() => setChoosing(true)}>
        {children}
      </button>
      {choosing && <ConnectDialog onClose={() => setChoosing(false)} />}
    </>
  );
}
