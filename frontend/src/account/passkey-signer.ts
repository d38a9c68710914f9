import type { Address, Hex } from "viem";
import { getBlock, readContract } from "viem/actions";
import { passkeyAccountAbi } from "../../../protocol/abi/passkey-account.ts";
import { encodeAssertion } from "../../../protocol/accounts/assertion.ts";
import { nestedDigest, nestedMessageDigest, wrapNested } from "../../../protocol/accounts/nested.ts";
import { batchDigest } from "../../../protocol/accounts/statements.ts";
import { createDomain } from "../../../protocol/eip712/hash.ts";
import type { Ledger } from "../chain/ledger.ts";
import type { Signed } from "./passkey/passkey.ts";
import { readBudget, RelayRefused, sendToRelay } from "./passkey/relay-client.ts";
import type { Signer } from "./signer.ts";

/** How long a signed action can be sent. */
const MINUTES = 15n;

export interface PasskeySignerParameters extends Ledger {
  readonly account: Address;
  readonly credential: Hex;
  /** Asks the device. */
  readonly sign: (challenge: Hex, credential: Hex) => Promise<Signed>;
}

/** Signs with a passkey; a relay pays and sends. What is signed can be sent by anybody else as well. */
export function createPasskeySigner({ client, deployment, account, credential, sign }: PasskeySignerParameters): Signer {
  const domain = createDomain(deployment.chainId, account);
  const relay = deployment.services?.relay;
  const signDigest = async (digest: Hex): Promise<Hex> => encodeAssertion(await sign(digest, credential));

  /** Nobody should lift a finger for what will not be paid. */
  async function requireBudget(): Promise<void> {
    if (relay === undefined) throw new RelayRefused("no-relay", "This ledger names no relay.");
    const { day, organisation, account: own, balance } = await readBudget(relay, account);
    const empty = [day, organisation, own].some((purse) => purse !== null && purse.left === 0n);
    if (empty || balance === 0n) throw new RelayRefused("relay-exhausted", "The relay has used what it pays for in a day.");
  }

  return {
    kind: "passkey",
    address: account,
    chainReady: true,
    async sendCalls(calls) {
      await requireBudget();
      const [nonce, { timestamp }] = await Promise.all([readContract(client, { address: account, abi: passkeyAccountAbi, functionName: "nonce" }), getBlock(client)]);
      const batch = { calls: calls.map(({ to, data, value = 0n }) => ({ to, data, value })), nonce, deadline: timestamp + MINUTES * 60n };
      const signature = await signDigest(batchDigest(domain, batch));
      const { hash } = await sendToRelay(relay, { kind: "execute", account, ...batch, signature });
      return hash;
    },
    signTypedData: async (typed) => wrapNested(typed, await signDigest(nestedDigest(domain, typed))),
    signMessage: async (message) => signDigest(nestedMessageDigest(domain, message)),
  };
}
