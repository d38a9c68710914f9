// One whole round bundle, file by file, with every hash on the way to its report: for implementations in other languages.
import { toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import {
  aggregate, buildGenesisBundle, buildRoundBundle, commitUpdate, configHash, contributionOf, createDomain, genesisReport, parameterCount, reportHash,
  toCompactSignature, typedDataOf,
} from "../../protocol/index.ts";
import type { Entry } from "../../protocol/index.ts";
import { evaluateModel } from "../../protocol/evaluation/evaluate.ts";
import { evaluationHash } from "../../protocol/evaluation/evaluation.ts";
import { int16s, int32s } from "./random.ts";
import { CONFIG, DEV_KEYS, LEDGER, SPEC, word } from "./signing.ts";

const SEATS = [0, 2, 5];
/** Six records for the model of `SPEC`: 5 features, 4 classes, nothing else. */
const EVALUATED = { headLane: 0, features: 5, classes: 4, featureBits: 12, holdout: int16s(30, 80), labels: Uint8Array.of(3, 1, 3, 2, 0, 2) };

export async function roundVectors() {
  const parameters = parameterCount(SPEC);
  const base = int32s(parameters, 60).map((lane) => lane >> 10);
  const genesis = buildGenesisBundle(CONFIG, SPEC, base);
  const genesisHash = reportHash(genesisReport(1, genesis.modelRoot, word("a0")));
  const context = { federation: 1, round: 1, parentReportHash: genesisHash, configHash: configHash(CONFIG) };
  const updates = new Map(SEATS.map((seat) => [seat, int16s(parameters, 70 + seat)]));
  const entries = await Promise.all(
    [...updates].map(async ([seat, update], i): Promise<Entry & { weight: number }> => {
      const account = privateKeyToAccount(DEV_KEYS[i] ?? "0x");
      const unsigned = { seat, ...commitUpdate(update), rho: CONFIG.rhoPerRound };
      const signature = await account.signTypedData(typedDataOf(createDomain(31_337, LEDGER), "Contribution", contributionOf(unsigned, context)));
      return { ...unsigned, signer: account.address, signature: toCompactSignature(signature), weight: 10 + seat };
    }),
  );
  // The payload of the second entry never came.
  const excluded = 2n;
  const model = aggregate(1, 0n, base, [...updates.values()], entries.map(({ weight }, i) => (i === 1 ? 0 : weight)));
  const { evaluation } = evaluateModel(model, EVALUATED);
  const bundle = buildRoundBundle({
    chainId: 31_337, ledger: LEDGER, federation: 1, round: 1, sealAttempt: 0, attempt: 0, parent: { round: 0, reportHash: genesisHash, artefact: word("a0") },
    config: CONFIG, modelSpec: SPEC, entries, excluded, updates, model, evaluation: EVALUATED,
    metrics: { accuracyPpm: Math.round((1_000_000 * evaluation.correct) / evaluation.records), holdout: "committee", records: evaluation.records },
  });
  const hex = (files: ReadonlyMap<string, Uint8Array>) => Object.fromEntries([...files].map(([path, bytes]) => [path, toHex(bytes)]));
  return {
    genesis: { files: hex(genesis.files), modelRoot: genesis.modelRoot, artefact: word("a0"), reportHash: genesisHash },
    round: {
      configHash: configHash(CONFIG), seats: entries.map(({ seat, signer }) => ({ seat, key: signer, exempt: false })), files: hex(bundle.files), artefact: word("a1"),
      weightsHash: bundle.weightsHash, sealHash: bundle.sealHash, modelRoot: bundle.report.modelRoot, evaluationHash: evaluationHash(evaluation),
      metricsHash: bundle.report.metricsHash,
      reportHash: reportHash({ ...bundle.report, artefact: word("a1") }),
    },
  };
}
