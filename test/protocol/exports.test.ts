import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as faults from "../../protocol/faults/index.ts";
import * as protocol from "../../protocol/index.ts";

/** The public list. A name that disappears breaks those who build on it; a new one is a decision: change this list with it. */
const NAMES = [
  "COLUMN_WIDTHS", "ChongwenError", "EVALUATION_FIELDS", "EVALUATION_FILES", "EVALUATION_LIMITS", "GENESIS_FORMAT", "MANIFEST", "MAX_ENTRIES",
  "MAX_PARAMETERS", "MAX_TOTAL_WEIGHT", "MEMBER_BYTES", "MODEL_LANES", "PROTOCOL_ERROR_CODES", "QUALITY_V1", "ROUND_FILES", "ROUND_FORMAT", "RULES", "SCORING_RULES",
  "SETTLEMENT_FILES", "SETTLEMENT_FORMAT", "TRACE_LANES", "TYPES", "UPDATE_LANES", "WHOLE_POINT", "ZERO_ADDRESS", "accumulate", "aggregate", "buildGenesisBundle",
  "buildRewardsTree", "buildRoundBundle", "buildSettlementBundle", "bytesOf", "canonicalJson", "clamp32", "columnHash", "commitUpdate",
  "computeEntitlements", "computeSettlement", "configHash", "contributionHash", "contributionOf", "countEqual", "createAggregator", "createDomain",
  "createModelSpec", "createSeal", "decodeJson", "dequantise", "digestOf", "domainSeparator", "effectiveWeights", "encodeJson", "encodeType",
  "evaluateModel", "evaluationHash", "evaluationProblem", "excludedBitmap", "firstFailure", "fromCompactSignature", "generalisedIndex", "genesisReport",
  "hashOf", "hashTreeRoot", "holdoutRoot", "holdoutShape", "int16Of", "int32Of", "integerSquareRoot", "isExcluded", "mapReader", "memberAt", "memberCount",
  "memberTotal", "metricsHash", "modelRoot", "modelSpecJson", "modelSpecSchema", "normSqOf", "normTrace", "openChunk", "openRange", "openRecord",
  "openingBytes", "packEvaluation", "packHex", "packMembers", "packScores", "packSealColumns", "packUints", "paddedCount", "parameterCount", "parseModelSpec", "pointsDue", "pointsWorth",
  "predictAll", "protocolError", "quantiseModel", "quantiseUpdate", "readRoundManifest", "readSettlementManifest", "recoverSigner", "reportHash",
  "rewardsLeaf", "rootOfOpening", "rootOfRange", "rootOrder", "roundHalfUp", "scoreSum", "scoringRule", "sealHash", "sizeV1", "specRoot", "statementHash", "tensorSize",
  "toCompactSignature", "typedDataOf", "unpackHex", "unpackNumbers", "unpackScores", "unpackUints", "updatePath", "updateRoot", "vectorShape", "verifyClaim",
  "verifyGenesisBundle", "verifyOpening", "verifyRoundBundle", "verifySettlementBundle", "wasmHashPairs", "zeroHash",
];

/** The same of what challengers need. */
const FAULTS = [
  "ATTESTATION_TYPES", "COLUMN", "CONFIG_BYTES", "DEMAND_KINDS", "HEADER_BYTES", "MAX_DEMANDED_CHUNKS", "NO_FILES", "PART_HEIGHT", "attestationDigest",
  "attestationHash", "attestationTypedData", "chunksOf", "columnChunks", "decodeAnswer", "demandDeposit", "demandId", "demandedDepth",
  "encodeAggregateProof", "encodeAnswer", "encodeConfig", "encodeDemand", "encodeLastTensor", "encodeNormBoundProof", "encodeNormStepProof",
  "encodeNormTotalProof", "encodePredictionProof", "encodeReportProof", "encodeRewardsProof", "encodeRoundHeader", "encodeSignatureProof",
  "faultCommitment", "findNormStep", "findPredictionFault", "findRewardsFault", "findRoundFault", "findSettlementFault", "packUint", "placeAnswer",
  "preparePosting", "rankHints", "requireEntry", "requireModelRoot", "traceAt", "trimOf",
];

test("the public list is what it was", () => {
  assert.deepEqual(Object.keys(protocol).sort(), NAMES);
  assert.deepEqual(Object.keys(faults).sort(), FAULTS);
});

test("the library does no I/O: no Node built-in, no native module, no timer, no network, and files below 200 lines", () => {
  const root = new URL("../../protocol/", import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts") && !name.startsWith("abi"));
  assert(files.length > 30);
  for (const file of files) {
    const source = readFileSync(new URL(file, root), "utf8");
    assert.doesNotMatch(source, /from "node:|@chainsafe\/hashtree"|\bBuffer\b|\bprocess\.|\bfetch\(|setTimeout|Date\.now|Math\.random/, file);
    assert(source.split("\n").length <= 200, `${file} has more than 200 lines`);
  }
});
