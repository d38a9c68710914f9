import type { Ledger } from "../../chain/ledger.ts";
import { shelf } from "../../state/remember.ts";
import { createPasskeySigner } from "../passkey-signer.ts";
import type { Signer } from "../signer.ts";
import { signWithPasskey } from "./device.ts";
import { loadPasskey } from "./store.ts";
import type { Place } from "./store.ts";

export const placeOf = ({ deployment }: Pick<Ledger, "deployment">): Place => ({ chainId: deployment.chainId, factory: deployment.contracts.passkeyAccounts });

/** Who joined in this browser acts here again after a reload. */
export function restorePasskey(ledger: Ledger): Signer | undefined {
  const kept = loadPasskey(shelf, "active", placeOf(ledger));
  return kept === undefined ? undefined : createPasskeySigner({ ...ledger, ...kept, sign: signWithPasskey });
}
