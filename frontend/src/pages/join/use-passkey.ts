import { useCallback } from "react";
import { createPasskeySigner } from "../../account/passkey-signer.ts";
import { signWithPasskey } from "../../account/passkey/device.ts";
import { placeOf } from "../../account/passkey/restore.ts";
import { dropPasskey, keepPasskey } from "../../account/passkey/store.ts";
import type { KeptPasskey } from "../../account/passkey/store.ts";
import { useSetPasskey } from "../../account/use-signer.tsx";
import { useLedger } from "../../chain/use-ledger.tsx";
import { shelf } from "../../state/remember.ts";

/** Acts with this passkey from now on, here and after a reload. */
export function useActWith(): (passkey: KeptPasskey) => void {
  const ledger = useLedger();
  const setPasskey = useSetPasskey();
  return useCallback(
    (passkey) => {
      keepPasskey(shelf, "active", placeOf(ledger), passkey);
      setPasskey(createPasskeySigner({ ...ledger, ...passkey, sign: signWithPasskey }));
    },
    [ledger, setPasskey],
  );
}

export function usePutDown(): () => void {
  const setPasskey = useSetPasskey();
  return useCallback(() => {
    dropPasskey(shelf, "active");
    setPasskey(undefined);
  }, [setPasskey]);
}
