/**
 * What it costs to prove a wrong aggregate: one transaction to the real `Disputes`, with 7 of 10 operators slashed in it.
 * Proofs have chunks and siblings of nothing, and the roots of the round are what they hash to: as long and as dear as those of real vectors.
 */
import type { ContractTransactionReceipt } from "ethers";
import { tasks } from "hardhat";

import { toHex, type Hex } from "../protocol/bytes.ts";
import { encodeAggregateProof } from "../protocol/faults/aggregate-proof.ts";
import { digestOf, genesisReport, rootOfOpening, type FederationConfig, type Opening } from "../protocol/index.ts";
import { Driver } from "../test/contracts/rounds/driver.ts";
import { ARTEFACT, closeWorlds, CONFIG, DAY, loadTen, mined, must, RHO, State, walletOf } from "../test/contracts/rounds/world.ts";
import { createRandom } from "../test/protocol/support/random.ts";
import type { Metric } from "./metric.ts";

const REFERENCE = "a bisection game: 30 to 40 transactions, 7 days";
/** A transaction of 128 KiB is the largest that common mempools take; some of it is not the proof. */
const MAX_PROOF_BYTES = 128_000;
/** log2(P / 64) of models with 1 and 25 million parameters. */
const DEPTHS = { "1M": 14, "25M": 19 } as const;
const CASES = [
  { entries: 16, size: "1M", target: 450_000 },
  { entries: 16, size: "25M", target: 550_000 },
  { entries: 64, size: "25M", target: 1_950_000 },
] as const;

type Random = () => number;

const randomBytes = (random: Random, length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));
const openingOf = (random: Random, depth: number): Opening => ({ chunk: randomBytes(random, 32), siblings: randomBytes(random, 32 * depth) });
const rootOf = (opening: Opening, depth: number, index: number): Hex => toHex(must(rootOfOpening(opening, index, depth)));

/** A federation with this many seats, each of a contributor of its own on a dataset with budget. */
async function createFederation(driver: Driver, seats: number, config: FederationConfig, modelRoot: Hex): Promise<number> {
  const { rounds, contributors, datasets, seats: registry, officers, domain } = driver.kernel;
  await rounds.createFederation(config, modelRoot, ARTEFACT);
  const federation = Number(await rounds.federationCount());
  const officer = must(officers[0]);
  await datasets.connect(officer).propose(1, {
    card: ARTEFACT,
    ethicsExpiry: BigInt((await driver.now()) + 365 * DAY),
    consentVersion: 1,
    records: 1_000,
    privacyCap: 1_000_000_000n,
    exempt: false,
    licence: "CC-BY-4.0",
    legalBasis: "GDPR 9(2)(j)",
    ethicsApproval: "IRB 2026-17",
  });
  const dataset = await datasets.datasetCount();
  await datasets.approve(dataset);
  const registry712 = { ...domain, verifyingContract: (await contributors.getAddress()) as Hex };
  for (let i = 0; i < seats; ++i) {
    const key = walletOf(`fault bench ${federation} ${i}`);
    const proof = key.signingKey.sign(digestOf(registry712, "KeyProof", { organisation: 1, payee: key.address as Hex, key: key.address as Hex })).serialized;
    await contributors.connect(officer).registerContributor(1, key.address, key.address, proof);
    await registry.grant(federation, await contributors.contributorCount(), dataset, 1_000_000);
  }
  return federation;
}

export interface Measured {
  readonly receipt: ContractTransactionReceipt;
  readonly proof: Uint8Array;
}

/** Seals and reports a round whose model is wrong, and proves it. @param verifier A trusted `AggregateVerifier`. */
export async function measureWrongAggregate(driver: Driver, verifier: { getAddress(): Promise<string> }, entries: number, depth: number): Promise<Measured> {
  const random = createRandom(entries * 64 + depth);
  const lane = Math.floor(random() * 64 * 2 ** depth);
  const config: FederationConfig = { ...CONFIG, depth };
  const [base, model] = [openingOf(random, depth + 3), openingOf(random, depth + 3)];
  const [baseRoot, modelRoot] = [base, model].map((opening) => rootOf(opening, depth + 3, Math.floor(lane / 8))) as [Hex, Hex];
  const updates = Array.from({ length: entries }, () => openingOf(random, depth + 2));

  const federation = await createFederation(driver, entries, config, baseRoot);
  const open = await driver.openRound(federation);
  const key = must(driver.kernel.contributorKeys[0]);
  const signed = updates.map((update, seat) => {
    const contribution = driver.contribution(seat, open, { rho: RHO, updateRoot: rootOf(update, depth + 2, Math.floor(lane / 16)) });
    return { ...contribution, signer: key.address as Hex, signature: driver.sign(contribution, key) };
  });
  const { seal, weights, round } = await driver.sealEntries(signed, federation);
  const { report } = await driver.report(federation, { modelRoot });
  const parent = genesisReport(federation, baseRoot, ARTEFACT);
  const proof = encodeAggregateProof({ config, seal, report, parent, lane, weights, updates, base, model });
  const receipt = await mined(driver.commitAndProve(round, toHex(proof), { federation, verifier }));
  if ((await driver.state(round, federation)) !== State.Sealed) throw new Error(`Round ${round} was not overturned.`);
  return { receipt, proof };
}

/** Entries of the largest round that can be disproven in one transaction. */
export function mostEntries(depth: number): number {
  const config: FederationConfig = { ...CONFIG, depth };
  const zeros = (length: number): Opening => ({ chunk: new Uint8Array(32), siblings: new Uint8Array(32 * length) });
  const statements = { config, seal: { attempt: 0, seatsHash: ARTEFACT, normsHash: ARTEFACT, normTracesHash: ARTEFACT, signaturesHash: ARTEFACT } };
  const report = { metricsHash: ARTEFACT, excluded: 0n, artefact: ARTEFACT };
  const lengthFor = (entries: number): number =>
    encodeAggregateProof({
      ...statements, report, parent: { ...report, sealHash: ARTEFACT }, lane: 0, weights: new Array<number>(entries).fill(1),
      updates: new Array<Opening>(entries).fill(zeros(depth + 2)), base: zeros(depth + 3), model: zeros(depth + 3),
    }).length;
  const [fixed, step] = [lengthFor(0), lengthFor(1) - lengthFor(0)];
  return Math.min(256, Math.floor((MAX_PROOF_BYTES - fixed) / step));
}

export async function run(): Promise<Metric[]> {
  await tasks.getTask("build").run({ quiet: true });
  const driver = new Driver(await loadTen());
  const { ethers, disputes } = driver.kernel;
  const verifier = await ethers.deployContract("AggregateVerifier");
  await disputes.changeVerifier(verifier, true);
  const metrics: Metric[] = [];
  for (const { entries, size, target } of CASES) {
    const { receipt, proof } = await measureWrongAggregate(driver, verifier, entries, DEPTHS[size]);
    const name = `wrong aggregate, ${entries} entries, ${size} parameters`;
    metrics.push(
      { name, value: Number(receipt.gasUsed), unit: "gas", better: "lower", target, reference: REFERENCE },
      { name: "  its proof", value: proof.length, unit: "bytes", better: "lower", target: MAX_PROOF_BYTES, reference: "a transaction of common mempools has 128 KiB" },
    );
  }
  for (const [size, target] of [["1M", 220], ["25M", 170]] as const) {
    const name = `entries that one proof can open, ${size} parameters`;
    metrics.push({ name, value: mostEntries(DEPTHS[size]), unit: "entries", better: "higher", target, reference: "256 is the most that a round has" });
  }
  await closeWorlds();
  return metrics;
}
