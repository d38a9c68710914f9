/** One value of every structure, each field different, so that swapping two is seen. */
import type { Hex } from "viem";
import type { Structs } from "../../../protocol/index.ts";
import { CONFIG } from "./round.ts";

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;

export const SAMPLES: Structs = {
  FederationConfig: CONFIG,
  Contribution: {
    federation: 1, round: 2, parentReportHash: word("03"), seat: 4, updateRoot: word("05"), rho: 2 ** 48 - 6, normSq: 2n ** 61n - 7n,
    normTraceRoot: word("08"), configHash: word("09"),
  },
  Seal: {
    federation: 1, round: 2, attempt: 3, parentReportHash: word("04"), configHash: word("05"), seatsHash: word("06"), updateRootsHash: word("07"),
    normsHash: word("08"), normTracesHash: word("09"), signaturesHash: word("0a"),
  },
  Report: {
    federation: 1, round: 2, attempt: 3, sealHash: word("04"), modelRoot: word("05"), metricsHash: word("06"), excluded: 2n ** 255n + 7n, artefact: word("08"),
  },
  SettlementStatement: {
    federation: 1, index: 2, attempt: 3, firstRound: 4, lastRound: 5, lastReportHash: word("06"), scoresHash: word("07"), entitlementsHash: word("08"),
    rewardsRoot: word("09"), distributed: 2n ** 127n + 10n, total: 2n ** 128n - 11n, artefact: word("0c"),
  },
  KeyProof: { organisation: 1, payee: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", key: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" },
  KeySuccession: { contributor: 1, key: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266" },
  Claim: {
    federation: 1, index: 2, recipient: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", cumulative: 4n * 10n ** 18n, deadline: 1_900_000_000n,
  },
};
