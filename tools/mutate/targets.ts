// What is mutated, and the tests that should notice: the closest first, because the first that fails ends a run.

export interface Target {
  readonly name: string;
  readonly file: string;
  readonly mocha: readonly string[];
  readonly solidity: readonly string[];
}

const target = (name: string, folder: string, mocha: readonly string[], solidity: readonly string[] = []): Target => ({
  name,
  file: `contracts/${folder}/${name}.sol`,
  mocha: mocha.map((file) => `test/contracts/${file}.ts`),
  solidity: solidity.map((file) => `test/solidity/${file}.t.sol`),
});

const disputes = (...names: readonly string[]): string[] => names.map((name) => `disputes/${name}.test`);

const AGGREGATE = disputes("AggregateVerifier", "AggregateRules", "WrongAggregate");

export const TARGETS: readonly Target[] = [
  target("AggregateVerifier", "disputes", AGGREGATE),
  target("NormVerifier", "disputes", disputes("NormVerifier")),
  target("SignatureVerifier", "disputes", disputes("SignatureVerifier", "SignatureKeys")),
  target("PredictionVerifier", "disputes", disputes("PredictionVerifier")),
  target("RewardsVerifier", "disputes", disputes("RewardsVerifier")),
  target("Demands", "disputes", disputes("Demands", "DemandBonds")),
  target("Attestations", "disputes", disputes("Attestations")),
  target("Arbitration", "disputes", disputes("Arbitration", "ArbitrationWalk")),
  target("Postings", "disputes", disputes("Postings", "PostingsLedger")),
  target("Disputes", "disputes", ["rounds/Overturn.test", "rounds/Judges.test", "rounds/Replay.test", "value/SettlementJudges"]),
  target("PasskeyAccount", "accounts", ["accounts/PasskeyAccount.test", "accounts/PasskeyAccounts.test"], ["accounts/PasskeyAccount"]),
  target("PasskeyAccounts", "accounts", ["accounts/PasskeyAccounts.test", "accounts/Recovery.test"]),
  target("Freezes", "governance", ["governance/Freezes.test"], ["governance/Freezes", "governance/FreezesInvariant"]),
  target("LoneReports", "operators", disputes("LoneReports")),
  target("RoundHeader", "libraries", disputes("RoundHeader", "AggregateVerifier", "NormVerifier")),
  target("Aggregation", "libraries", AGGREGATE, ["disputes/Aggregation"]),
  target("UpdateColumn", "libraries", AGGREGATE),
  target("NormTrace", "libraries", disputes("NormVerifier", "Postings"), ["disputes/NormTrace"]),
  target("PackedBytes", "libraries", disputes("AggregateVerifier", "NormVerifier")),
  target("SszRange", "libraries", ["protocol/SszRange.test"], ["disputes/SszRange"]),
  target("SszOpening", "libraries", ["protocol/vectors.test", ...disputes("NormVerifier")]),
  target("SszSubtree", "libraries", disputes("Postings", "NormVerifier")),
  target("ModelLanes", "libraries", disputes("Postings", "PostingsLedger")),
  target("Predictions", "libraries", disputes("PredictionVerifier")),
];
