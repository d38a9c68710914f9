/**
 * EIP-712 types of everything that is signed or pinned. Order and Solidity types are part of the format; the vectors check them against
 * `contracts/libraries/KernelHash.sol`. Source: EIP-712, https://eips.ethereum.org/EIPS/eip-712.
 */
import type { StructName, Structs } from "./structs.ts";

interface Field<Name extends string> {
  readonly name: Name;
  readonly type: string;
}

/** Reads "uint32 federation" as an EIP-712 field. */
function field<Name extends string>(type: string, name: Name): Field<Name> {
  return { name, type };
}

/** One list of fields for every structure; a name that is not in the structure does not compile. */
export const TYPES: { readonly [S in StructName]: readonly Field<keyof Structs[S] & string>[] } = {
  FederationConfig: [
    field("uint16", "ruleId"),
    field("uint64", "ruleParam"),
    field("uint16", "scoringId"),
    field("uint8", "privacyMode"),
    field("uint8", "elementWidth"),
    field("bool", "hasBase"),
    field("uint8", "depth"),
    field("bytes32", "modelSpecRoot"),
    field("bytes32", "termsHash"),
    field("uint32", "recordsPerWeight"),
    field("uint16", "maxSeats"),
    field("uint16", "minContributors"),
    field("uint16", "maxExcludedBps"),
    field("uint48", "rhoPerRound"),
    field("uint64", "normSqBound"),
    field("uint32", "forceWindow"),
    field("uint32", "reportWindow"),
    field("uint32", "challengeWindow"),
    field("uint8", "maxAttempts"),
    field("uint16", "settleEvery"),
    field("uint96", "poolPerRound"),
    field("uint8", "finality"),
    field("uint32", "approvalWindow"),
  ],
  Contribution: [
    field("uint32", "federation"),
    field("uint32", "round"),
    field("bytes32", "parentReportHash"),
    field("uint32", "seat"),
    field("bytes32", "updateRoot"),
    field("uint48", "rho"),
    field("uint64", "normSq"),
    field("bytes32", "normTraceRoot"),
    field("bytes32", "configHash"),
  ],
  Seal: [
    field("uint32", "federation"),
    field("uint32", "round"),
    field("uint8", "attempt"),
    field("bytes32", "parentReportHash"),
    field("bytes32", "configHash"),
    field("bytes32", "seatsHash"),
    field("bytes32", "updateRootsHash"),
    field("bytes32", "normsHash"),
    field("bytes32", "normTracesHash"),
    field("bytes32", "signaturesHash"),
  ],
  Report: [
    field("uint32", "federation"),
    field("uint32", "round"),
    field("uint8", "attempt"),
    field("bytes32", "sealHash"),
    field("bytes32", "modelRoot"),
    field("bytes32", "metricsHash"),
    field("uint256", "excluded"),
    field("bytes32", "artefact"),
  ],
  SettlementStatement: [
    field("uint32", "federation"),
    field("uint32", "index"),
    field("uint8", "attempt"),
    field("uint32", "firstRound"),
    field("uint32", "lastRound"),
    field("bytes32", "lastReportHash"),
    field("bytes32", "scoresHash"),
    field("bytes32", "entitlementsHash"),
    field("bytes32", "rewardsRoot"),
    field("uint128", "distributed"),
    field("uint128", "total"),
    field("bytes32", "artefact"),
  ],
  KeyProof: [field("uint32", "organisation"), field("address", "payee"), field("address", "key")],
  KeySuccession: [field("uint32", "contributor"), field("address", "key")],
  Claim: [
    field("uint32", "federation"),
    field("uint32", "index"),
    field("address", "recipient"),
    field("uint256", "cumulative"),
    field("uint256", "deadline"),
  ],
};

/** `encodeType` of EIP-712: "Report(uint32 federation,…)". */
export function encodeType(name: StructName): string {
  return `${name}(${TYPES[name].map(({ type, name: field }) => `${type} ${field}`).join(",")})`;
}
