/** How one operator's service asks another: every request is signed, for one operator, once, now. docs/protocol.md, “Peer request”. */
import type { Address, Hex, TypedDataDefinition } from "viem";
import { getAddress, keccak256 } from "viem/utils";
import type { Domain } from "../eip712/hash.ts";
import { recoverSigner } from "../eip712/signature.ts";
import { defineStatement } from "../eip712/statement.ts";
import { protocolError } from "../errors.ts";

/** Name of the scheme in the `Authorization` header. */
export const PEER_SCHEME = "Chongwen-Peer";
/** Seconds that the clocks of two services may be apart. */
export const PEER_WINDOW = 60;

/**
 * The domain is that of `Rounds`: it names chain and ledger.
 * @param method,path As in the first line of the request; the path without host. @param bodyHash Keccak-256 of the body, also of an empty one. @param time Seconds since 1970. @param nonce Never used before.
 */
export interface PeerRequest {
  readonly from: Address;
  readonly to: Address;
  readonly method: string;
  readonly path: string;
  readonly bodyHash: Hex;
  readonly time: number;
  readonly nonce: Hex;
}

const statement = defineStatement<PeerRequest>("PeerRequest", ["address from", "address to", "string method", "string path", "bytes32 bodyHash", "uint48 time", "bytes32 nonce"]);

export const bodyHashOf = (body: Uint8Array): Hex => keccak256(body);

/** @throws statement-invalid */
export const peerRequestDigest = (domain: Domain, request: PeerRequest): Hex => statement.digest(domain, request);

export const peerRequestData = (domain: Domain, request: PeerRequest): TypedDataDefinition => statement.typedData(domain, request);

/** @param signature 64 bytes, EIP-2098. */
export function peerHeader({ from, to, time, nonce, bodyHash }: PeerRequest, signature: Hex): string {
  return [PEER_SCHEME, from.toLowerCase(), to.toLowerCase(), String(time), nonce, bodyHash, signature].join(" ");
}

const HEADER = new RegExp(`^${PEER_SCHEME} (0x[0-9a-f]{40}) (0x[0-9a-f]{40}) ([1-9][0-9]{0,13}) (0x[0-9a-f]{64}) (0x[0-9a-f]{64}) (0x[0-9a-f]{128})$`);

/** What a header says, before anything of it is believed. @param line Method and path of the request that it came with. @throws peer-header-invalid */
export function readPeerHeader(header: string | undefined, line: Pick<PeerRequest, "method" | "path">): { readonly request: PeerRequest; readonly signature: Hex } {
  const [, from, to, time, nonce, bodyHash, signature] = HEADER.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || signature === undefined) throw protocolError("peer-header-invalid", `The request does not carry an Authorization header of the scheme ${PEER_SCHEME}.`);
  return { request: { ...line, from: getAddress(from), to: getAddress(to), time: Number(time), nonce: nonce as Hex, bodyHash: bodyHash as Hex }, signature: signature as Hex };
}

/** Whether the sender that it names signed it. @throws signature-invalid */
export async function isSignedBySender(domain: Domain, request: PeerRequest, signature: Hex): Promise<boolean> {
  return (await recoverSigner(peerRequestDigest(domain, request), signature)) === request.from;
}
