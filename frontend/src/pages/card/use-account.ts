import type { Address } from "viem";
import { getAddress, isAddress } from "viem/utils";
import { useSigner } from "../../account/use-signer.tsx";
import { useUrlState } from "../../state/use-url-state.ts";

interface CardAccount {
  /** Whose card is shown: the one looked up, else the one connected. */
  readonly account: Address | undefined;
  readonly lookedUp: Address | undefined;
  readonly connected: Address | undefined;
  readonly lookUp: (account: string | null) => void;
}

export function useCardAccount(): CardAccount {
  const connected = useSigner()?.address;
  const [chosen, lookUp] = useUrlState("account");
  const lookedUp = chosen !== null && isAddress(chosen, { strict: false }) ? getAddress(chosen) : undefined;
  return { account: lookedUp ?? connected, lookedUp, connected, lookUp };
}
