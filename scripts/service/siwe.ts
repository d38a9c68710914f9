import { createSiweMessage, parseSiweMessage, type SiweMessage } from "viem/siwe";

/** The fields that every login states. */
export type SignInMessage = Omit<SiweMessage, "issuedAt" | "expirationTime"> & { readonly issuedAt: Date; readonly expirationTime: Date };

const LONGEST = 4_096;

/**
 * The fields of a message to sign in with; null when it is not written exactly as EIP-4361 says, or lacks one. Source: https://eips.ethereum.org/EIPS/eip-4361
 * @returns Nothing of it is compared with anything yet.
 */
export function readSignIn(message: string): SignInMessage | null {
  if (message.length > LONGEST) return null;
  try {
    const fields = parseSiweMessage(message);
    const { address, domain, uri, chainId, nonce, version, issuedAt, expirationTime } = fields;
    if (address === undefined || domain === undefined || uri === undefined || chainId === undefined || nonce === undefined || version !== "1" || issuedAt === undefined || expirationTime === undefined) return null;
    const whole = { ...fields, address, domain, uri, chainId, nonce, version, issuedAt, expirationTime };
    // Whatever else could be read into the text would change it when it is written again. Only times may be written in more than one way.
    const same = message.replaceAll(/^(Issued At|Expiration Time|Not Before): (.+)$/gm, (_, name: string, time: string) => `${name}: ${new Date(time).toISOString()}`);
    return createSiweMessage(whole) === same ? whole : null;
  } catch {
    return null;
  }
}
