// Vectors of what is signed and of the columns that a seal commits to.
import type { Address, Hex } from "viem";
import { keccak256, stringToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import {
  columnHash, COLUMN_WIDTHS, configHash, createDomain, createModelSpec, digestOf, domainSeparator, encodeType, hashOf, packHex, packUints, rootOrder, sealHash,
  specRoot, toCompactSignature, TYPES, typedDataOf,
} from "../../protocol/index.ts";
import type { FederationConfig, StructName, Structs } from "../../protocol/index.ts";

/** The well-known accounts of every Ethereum development chain. They guard nothing. */
export const DEV_KEYS: readonly Hex[] = [
  "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
];

export const LEDGER: Address = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const SPEC = createModelSpec([{ name: "weight", shape: [5, 4], fracBits: 14 }, { name: "bias", shape: [4], fracBits: 12 }]);

export const CONFIG: FederationConfig = {
  ruleId: 1, ruleParam: 0n, scoringId: 1, privacyMode: 0, elementWidth: 2, hasBase: true, depth: 0, modelSpecRoot: specRoot(SPEC), termsHash: word("00"),
  recordsPerWeight: 10, maxSeats: 64, minContributors: 3, maxExcludedBps: 3_400, rhoPerRound: 5_000_000, normSqBound: 2n ** 60n, forceWindow: 3_600,
  reportWindow: 7_200, challengeWindow: 86_400, maxAttempts: 3, settleEvery: 2, poolPerRound: 1_000n * 10n ** 18n,
  finality: 1, approvalWindow: 172_800,
};

export function word(byte: string): Hex {
  return `0x${byte.repeat(32)}`;
}

const VALUES: Structs = {
  FederationConfig: CONFIG,
  Contribution: {
    federation: 1, round: 2, parentReportHash: word("13"), seat: 4, updateRoot: word("15"), rho: 2 ** 48 - 1, normSq: 2n ** 64n - 1n, normTraceRoot: word("18"),
    configHash: configHash(CONFIG),
  },
  Seal: {
    federation: 1, round: 2, attempt: 255, parentReportHash: word("24"), configHash: configHash(CONFIG), seatsHash: word("26"), updateRootsHash: word("27"),
    normsHash: word("28"), normTracesHash: word("29"), signaturesHash: word("2a"),
  },
  Report: {
    federation: 2 ** 32 - 1, round: 2, attempt: 3, sealHash: word("34"), modelRoot: word("35"), metricsHash: word("36"), excluded: 2n ** 256n - 2n,
    artefact: word("38"),
  },
  SettlementStatement: {
    federation: 1, index: 2, attempt: 3, firstRound: 4, lastRound: 5, lastReportHash: word("46"), scoresHash: word("47"), entitlementsHash: word("48"),
    rewardsRoot: word("49"), distributed: 2n ** 128n - 2n, total: 2n ** 128n - 1n, artefact: word("4c"),
  },
  KeyProof: { organisation: 7, payee: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", key: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" },
  KeySuccession: { contributor: 9, key: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" },
  Claim: { federation: 1, index: 2, recipient: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", cumulative: 2n ** 256n - 1n, deadline: 1_900_000_000n },
};

export async function eip712Vectors() {
  const domain = createDomain(31_337, LEDGER);
  const structs = await Promise.all(
    (Object.keys(TYPES) as StructName[]).map(async (name, i) => {
      const account = privateKeyToAccount(DEV_KEYS[i % DEV_KEYS.length] ?? "0x");
      const signature = await account.signTypedData(typedDataOf(domain, name, VALUES[name]));
      return {
        name, type: encodeType(name), typeHash: keccak256(stringToHex(encodeType(name))), value: VALUES[name], structHash: hashOf(name, VALUES[name]),
        digest: digestOf(domain, name, VALUES[name]), signer: account.address, signature, compact: toCompactSignature(signature),
      };
    }),
  );
  const weightsHash = word("77");
  return {
    domain, domainSeparator: domainSeparator(domain), structs,
    sealHash: { structHash: hashOf("Seal", VALUES.Seal), weightsHash, hash: sealHash(VALUES.Seal, weightsHash) },
  };
}

export function columnVectors() {
  const uints = (name: keyof typeof COLUMN_WIDTHS, values: readonly bigint[]) => {
    const packed = packUints(values, COLUMN_WIDTHS[name]);
    return { name, width: COLUMN_WIDTHS[name], values, packed: `0x${Buffer.from(packed).toString("hex")}`, hash: columnHash(packed) };
  };
  const words = (name: keyof typeof COLUMN_WIDTHS, values: readonly Hex[]) => {
    const packed = packHex(values, COLUMN_WIDTHS[name]);
    return { name, width: COLUMN_WIDTHS[name], values, packed: `0x${Buffer.from(packed).toString("hex")}`, hash: columnHash(packed) };
  };
  const roots = ["05", "03", "05", "ff", "03", "00", "05"].map(word);
  return {
    columns: [
      uints("seats", [0n, 1n, 258n, 2n ** 32n - 1n]), words("updateRoots", roots), uints("weights", [0n, 1n, 1_023n, 65_535n]), uints("norms", [0n, 1n, 2n ** 64n - 1n]),
      words("normTraces", [word("0a"), word("0b")]), words("signatures", [`0x${"1c".repeat(64)}`]), uints("scores", [0n, 2n ** 64n - 1n]),
      uints("entitlements", [0n, 10n ** 18n, 2n ** 96n - 1n]),
    ],
    rootOrder: { roots, order: [...rootOrder(roots)], equalBitmap: 0b1010111 },
  };
}
