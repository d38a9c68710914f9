import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { hexToBytes, keccak256, toHex, type Address, type Hex } from "viem";
import { firstFailure, mapReader, modelRoot, verifyGenesisBundle, verifyRoundBundle } from "../../protocol/index.ts";
import { int32Of } from "../../protocol/bytes.ts";
import { columnHash } from "../../protocol/columns.ts";
import { createDomain } from "../../protocol/eip712/hash.ts";
import { decodeReputation, encodeReputation } from "../../protocol/reputation/table.ts";
import { packScores } from "../../protocol/rewards/scores.ts";
import type { ScoredRound } from "../../protocol/rewards/scoring.ts";
import { decodeEvidence } from "../../protocol/scoring/evidence.ts";
import { settleQuality, type DataOutcome } from "../../protocol/scoring/settle.ts";
import { tierPointsProblem } from "../../protocol/scoring/tier-points.ts";
import { decodeWorking, encodeWorking, WHOLE } from "../../protocol/scoring/working.ts";
import { decodeTerms, termsHash } from "../../protocol/terms/terms.ts";
import { buildVectors } from "../../tools/vectors.ts";

const FOLDER = new URL("../../protocol/vectors/", import.meta.url);

test("regenerating the vectors gives the committed files, byte for byte", async () => {
  const vectors = await buildVectors();
  assert.deepEqual(readdirSync(FOLDER).sort(), [...vectors.keys()].sort());
  for (const [name, text] of vectors) {
    assert(readFileSync(new URL(name, FOLDER), "utf8") === text, `${name} differs: a format changed. If it is meant, run \`node tools/run.mjs tools/vectors.ts\` and say so in the changelog.`);
  }
});

interface Bundle {
  readonly files: Record<string, Hex>;
  readonly artefact: Hex;
  readonly reportHash: Hex;
  readonly modelRoot: Hex;
}
interface RoundVector {
  readonly genesis: Bundle;
  readonly round: Bundle & { readonly configHash: Hex; readonly seats: readonly { seat: number; key: Hex; exempt: boolean }[] };
}

test("the round of the vectors verifies from its files, back to genesis", async () => {
  const { genesis, round } = JSON.parse(readFileSync(new URL("round.json", FOLDER), "utf8")) as RoundVector;
  const reader = ({ files }: Bundle) => mapReader(new Map(Object.entries(files).map(([path, hex]) => [path, hexToBytes(hex)])));
  const { artefact, reportHash, configHash } = { ...genesis, configHash: round.configHash };
  const first = await verifyGenesisBundle(reader(genesis), { federation: 1, configHash, modelRoot: genesis.modelRoot, artefact, reportHash });
  assert.equal(firstFailure(first.checks), null);
  const result = await verifyRoundBundle(reader(round), {
    chainId: 31_337, ledger: "0x5FbDB2315678afecb367f032d93F642f64180aa3", federation: 1, round: 1, configHash, reportHash: round.reportHash, artefact: round.artefact,
    parent: { round: 0, reportHash, artefact, modelRoot: genesis.modelRoot, model: first.model },
    seats: new Map(round.seats.map(({ seat, key, exempt }) => [seat, { key, exempt }])),
  });
  assert.equal(firstFailure(result.checks), null);
  assert.equal(modelRoot(int32Of(hexToBytes(round.files["model.bin"]!))), round.modelRoot);
});

interface Text {
  readonly text: string;
  readonly hash: Hex;
}
interface QualityVector {
  readonly domain: { readonly chainId: number; readonly settlement: Address };
  readonly federation: number;
  readonly settlement: number;
  readonly terms: Text;
  readonly evidence: Text;
  readonly rounds: readonly ScoredRound[];
  readonly data: Omit<DataOutcome, "clusters" | "sharesPpb"> & { readonly clusters: readonly Record<string, unknown>[]; readonly sharesPpb: readonly (readonly [number, string])[] };
  readonly previousReputation: { readonly bytes: Hex };
  readonly working: Text;
  readonly scores: { readonly seats: readonly string[]; readonly nobody: string; readonly column: Hex; readonly hash: Hex };
  readonly reputation: { readonly bytes: Hex; readonly hash: Hex };
}

test("the quality settlement of the vectors follows from its files", async () => {
  const vector = JSON.parse(readFileSync(new URL("quality.json", FOLDER), "utf8")) as QualityVector;
  const bytes = ({ text, hash }: Text): Uint8Array => {
    const encoded = new TextEncoder().encode(text);
    assert.equal(keccak256(encoded), hash);
    return encoded;
  };
  const [terms, evidence, stated] = [decodeTerms(bytes(vector.terms)), decodeEvidence(bytes(vector.evidence)), decodeWorking(bytes(vector.working))];
  assert.equal(termsHash(terms), vector.terms.hash);
  const { domain, federation, settlement } = vector;
  const context = { domain: createDomain(domain.chainId, domain.settlement), federation, settlement, seatCount: evidence.seats.length, issuers: terms.issuers };
  for (const points of evidence.points) assert.equal(await tierPointsProblem(points, context), null);

  const clusters = vector.data.clusters.map((cluster) => ({ ...cluster, ...Object.fromEntries(["marginalPpb", "meritPpb", "sharePpb"].map((name) => [name, BigInt(String(cluster[name]))])) }));
  const data = { ...vector.data, clusters, sharesPpb: new Map(vector.data.sharesPpb.map(([seat, share]) => [seat, BigInt(share)])) } as unknown as DataOutcome;
  const settled = settleQuality({ terms, evidence, rounds: vector.rounds, data, reputation: decodeReputation(hexToBytes(vector.previousReputation.bytes)) });
  assert.equal(new TextDecoder().decode(encodeWorking(settled.working)), vector.working.text);
  assert.deepEqual(settled.scores.seats.map(String), vector.scores.seats);
  assert.equal(toHex(packScores(settled.scores)), vector.scores.column);
  assert.equal(columnHash(hexToBytes(vector.scores.column)), vector.scores.hash);
  assert.equal(vector.scores.seats.reduce((sum, score) => sum + BigInt(score), BigInt(vector.scores.nobody)), WHOLE);
  assert.equal(toHex(encodeReputation(settled.reputation)), vector.reputation.bytes);
  assert.equal(keccak256(vector.reputation.bytes), vector.reputation.hash);
  assert.deepEqual([...new Set(stated.tiers.flatMap(({ gated }) => gated))], [3], "the vector holds a seat that reputation keeps from being paid");
});
