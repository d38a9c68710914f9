/** Votes by signature: whoever holds the signed ballot can hand it in, but change nothing of it. */
import type { Address, Hex } from "viem";
import { z } from "zod";
import { isAddress, getAddress } from "viem/utils";
import { createDomain } from "../eip712/hash.ts";
import { bigUint } from "../schema.ts";

/** As the governor hashes it when it comes with a reason. */
const EXTENDED_BALLOT = [
  { name: "proposalId", type: "uint256" },
  { name: "support", type: "uint8" },
  { name: "voter", type: "address" },
  { name: "nonce", type: "uint256" },
  { name: "reason", type: "string" },
  { name: "params", type: "bytes" },
] as const;

export interface Ballot {
  readonly proposalId: bigint;
  readonly support: number;
  readonly voter: Address;
  /** `governor.nonces(voter)`: any other ballot of this voter that is handed in first makes this one worthless. */
  readonly nonce: bigint;
  readonly reason: string;
}

export interface SignedBallot extends Ballot {
  readonly chainId: number;
  readonly governor: Address;
  readonly signature: Hex;
}

export interface BallotPlace {
  readonly chainId: number;
  readonly governor: Address;
}

export function ballotTypedData({ chainId, governor }: BallotPlace, ballot: Ballot) {
  return {
    domain: createDomain(chainId, governor),
    types: { ExtendedBallot: EXTENDED_BALLOT },
    primaryType: "ExtendedBallot" as const,
    message: { ...ballot, params: "0x" as const },
  };
}

/** Arguments of `castVoteWithReasonAndParamsBySig`. */
export function ballotArguments({ proposalId, support, voter, reason, signature }: SignedBallot) {
  return [proposalId, support, voter, reason, "0x", signature] as const;
}

const account = z.string().refine((text) => isAddress(text), "expected an address").transform((text) => getAddress(text));

/** The form in which a ballot travels: small enough for a letter. */
const schema = z.strictObject({
  format: z.literal("chongwen-ballot"),
  version: z.literal(1),
  chainId: z.int().positive(),
  governor: account,
  proposalId: bigUint(256),
  support: z.int().min(0).max(2),
  voter: account,
  nonce: bigUint(256),
  reason: z.string().max(20_000),
  signature: z.custom<Hex>((value) => typeof value === "string" && /^0x([0-9a-fA-F]{2}){1,4096}$/.test(value), "expected a signature"),
});

export function writeBallot({ chainId, governor, proposalId, support, voter, nonce, reason, signature }: SignedBallot): string {
  const content = { format: "chongwen-ballot", version: 1, chainId, governor, proposalId: proposalId.toString(), support, voter, nonce: nonce.toString(), reason, signature };
  return JSON.stringify(content, null, 2);
}

/** @returns undefined when the text is no ballot. That its signature is right, only the governor says. */
export function readBallot(text: string): SignedBallot | undefined {
  try {
    const { chainId, governor, proposalId, support, voter, nonce, reason, signature } = schema.parse(JSON.parse(text));
    return { chainId, governor, proposalId, support, voter, nonce, reason, signature };
  } catch {
    return undefined;
  }
}
