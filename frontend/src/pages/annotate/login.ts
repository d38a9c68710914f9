import type { Address, Hex, PrivateKeyAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createSiweMessage } from "viem/siwe";
import { annotationAnswer, annotationSession, type AnnotationAnswer, type About, type Entry } from "../../../../protocol/annotation/index.ts";
import type { Domain } from "../../../../protocol/index.ts";
import type { Signer } from "../../account/signer.ts";
import { enter, openDesk, readNonce, type Desk } from "./client.ts";

/** A reader who is logged in and whose page may sign. Lives in memory: a reload asks again. */
export interface Visit {
  readonly annotator: Address;
  readonly entry: Entry;
  readonly root: Hex;
  readonly sessionKey: Address;
  readonly desk: Desk;
  sign(answer: AnnotationAnswer): Promise<Hex>;
}

const SESSION_SECONDS = 8 * 3600;

/** Two signatures: the login (EIP-4361), and the session key's appointment (EIP-712). */
export async function visit(service: string, about: About, domain: Domain, signer: Signer, root: Hex): Promise<Visit> {
  const message = createSiweMessage({
    version: "1",
    address: signer.address,
    domain: location.host,
    uri: location.origin,
    chainId: domain.chainId,
    nonce: await readNonce(service),
    issuedAt: new Date(),
    expirationTime: new Date(Date.now() + 5 * 60_000),
    statement: "Log in to see pictures and label them. This costs nothing and moves nothing.",
    resources: [about.resource],
  });
  const entry = await enter(service, message, (await signer.signMessage(message)).toLowerCase() as Hex);
  const key: PrivateKeyAccount = privateKeyToAccount(generatePrivateKey());
  const desk = openDesk(service, entry.token, root);
  const session = { taskSet: root, annotator: signer.address, sessionKey: key.address, expiry: Math.floor(Date.now() / 1000) + SESSION_SECONDS };
  await desk.delegate({ session, signature: (await signer.signTypedData(annotationSession.typedData(domain, session))).toLowerCase() as Hex });
  return { annotator: signer.address, entry, root, sessionKey: key.address, desk, sign: (answer) => key.sign({ hash: annotationAnswer.digest(domain, answer) }) };
}
