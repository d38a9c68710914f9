// Vectors of what is signed around passkey accounts. The authenticator's answer is a recorded one: its signatures are random.
import { bytesToHex, hexToBytes, stringToBytes, type Address, type Hex, type TypedDataDefinition } from "viem";
import { hashTypedData } from "viem/utils";
import { privateKeyToAccount } from "viem/accounts";

import {
  acceptanceTypedData, batchDigest, encodeAssertion, encodeInvitation, invitationHash, invitationTypedData, nestedDigest, readPublicKey, rpIdHash, wrapNested, type Batch,
  type Invitation,
} from "../../protocol/accounts/index.ts";
import { createDomain, typedDataOf } from "../../protocol/index.ts";
import { DEV_KEYS, LEDGER } from "./signing.ts";

const ACCOUNT: Address = "0x00000000000000000000000000000000000acc01";
/** A key that was made once for this file and thrown away. */
const SPKI: Hex = "0x3059301306072a8648ce3d020106082a8648ce3d030107034200042b8b9b2e5f88c67c9abc04102027a5ab0b399b6ef59938c1e1495f10b037fa82653e2c47fcfa2769cefbcf5b917f86f1dc03e105589a4518e2063eef0d22b8ff";
const SIGNATURE: Hex = "0x3046022100df9d21caf4661941bf0f5351ff0d21cdadccc1c124eec86bc8f4187e3c779cda022100c52468a2831292264570872744bf82d8894758aa8057b72e94d27e7c9dad2f0e";

/** What the browser states when the passkey is asked to sign `challenge`. */
export const clientData = (challenge: Hex): string =>
  `{"type":"webauthn.get","challenge":"${Buffer.from(hexToBytes(challenge)).toString("base64url")}","origin":"http://localhost:8080","crossOrigin":false}`;

export const BATCH: Batch = {
  calls: [
    { to: LEDGER, value: 0n, data: "0x5c19a95c000000000000000000000000000000000000000000000000000000000000beef" },
    { to: ACCOUNT, value: 2n ** 255n, data: "0x" },
  ],
  nonce: 3n,
  deadline: 1_900_000_000n,
};
export const ACCOUNT_DOMAIN = createDomain(31_337, ACCOUNT);

export async function accountVectors() {
  const factory = createDomain(31_337, LEDGER);
  const [officerKey, linkKey] = DEV_KEYS as [Hex, Hex];
  const invitation: Invitation = { organisation: 7, role: 2, link: privateKeyToAccount(linkKey).address, rpIdHash: rpIdHash("localhost"), expiry: 1_900_000_000n };
  const officer = privateKeyToAccount(officerKey);
  const officerSignature = await officer.signTypedData(invitationTypedData(factory, invitation));
  const point = readPublicKey(hexToBytes(SPKI));
  const acceptance = acceptanceTypedData(factory, { invitation: invitationHash(invitation), ...point });

  const digest = batchDigest(ACCOUNT_DOMAIN, BATCH);
  const authenticatorData = `${rpIdHash("localhost")}0500000001` as Hex;
  const assertion = { authenticatorData: hexToBytes(authenticatorData), clientDataJSON: stringToBytes(clientData(digest)), signature: hexToBytes(SIGNATURE) };
  const encoded = encodeAssertion(assertion);

  const claim = typedDataOf(createDomain(31_337, LEDGER), "Claim", { federation: 1, index: 2, recipient: ACCOUNT, cumulative: 10n ** 18n, deadline: 1_900_000_000n }) as unknown as TypedDataDefinition;
  return {
    factory: LEDGER,
    invitation: {
      value: invitation,
      hash: invitationHash(invitation),
      digest: hashTypedData(invitationTypedData(factory, invitation)),
      officer: officer.address,
      officerSignature,
      link: encodeInvitation({ invitation, officer: officer.address, officerSignature, linkKey }),
    },
    acceptance: { ...point, digest: hashTypedData(acceptance), signature: await privateKeyToAccount(linkKey).signTypedData(acceptance) },
    batch: { account: ACCOUNT, value: BATCH, digest },
    assertion: { spki: SPKI, authenticatorData, clientDataJSON: clientData(digest), derSignature: bytesToHex(assertion.signature), encoded },
    nested: { claim: hashTypedData(claim), digest: nestedDigest(ACCOUNT_DOMAIN, claim), wrapped: wrapNested(claim, "0x1234") },
  };
}
