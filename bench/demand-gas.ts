/** What demands and their answers cost at 25M parameters and 16 entries, as whole transactions. */
import type { ContractTransactionReceipt } from "ethers";
import { tasks } from "hardhat";

import { toHex, type Hex } from "../protocol/bytes.ts";
import { DEMAND_KINDS, demandedDepth, encodeAnswer, encodeDemand, MAX_DEMANDED_CHUNKS, type ReportedRound } from "../protocol/faults/demand.ts";
import { digestOf, hashTreeRoot, packSealColumns, packUints, vectorShape } from "../protocol/index.ts";
import { createRandom } from "../test/protocol/support/random.ts";
import { Driver } from "../test/contracts/rounds/driver.ts";
import { ARTEFACT, closeWorlds, CONFIG, DAY, type Kernel, loadTen, mined, MODEL_ROOT, must, RHO, walletOf } from "../test/contracts/rounds/world.ts";
import type { Metric } from "./metric.ts";

const SEATS = 16;
const SHAPE = vectorShape(25_000_000);
const CHUNK = 300_000;
/** Chunks of data around it. */
const AROUND = MAX_DEMANDED_CHUNKS + 16;
const FEDERATION_CONFIG = { ...CONFIG, depth: SHAPE.depth, normSqBound: 0n };

/** A federation of that size whose contributors have seats with budget. */
async function createFederation({ rounds, contributors, datasets, seats, officers, domain, helpers }: Kernel): Promise<number> {
  await rounds.createFederation(FEDERATION_CONFIG, MODEL_ROOT, ARTEFACT);
  const federation = Number(await rounds.federationCount());
  const officer = must(officers[0]);
  const registry = { ...domain, verifyingContract: (await contributors.getAddress()) as Hex };
  await datasets.connect(officer).propose(1, {
    card: ARTEFACT,
    ethicsExpiry: BigInt((await helpers.time.latest()) + 365 * DAY),
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
  for (let i = 0; i < SEATS; ++i) {
    const { address, signingKey } = walletOf(`demand ${i}`);
    const proof = signingKey.sign(digestOf(registry, "KeyProof", { organisation: 1, payee: address as Hex, key: address as Hex })).serialized;
    await contributors.connect(officer).registerContributor(1, address, address, proof);
    await seats.grant(federation, await contributors.contributorCount(), dataset, 1_000_000);
  }
  return federation;
}

/** Only what stands around the demanded chunks is there; the rest of the vector is zero, which costs the chain the same. */
function vector(seed: number): Uint8Array {
  const random = createRandom(seed);
  const bytes = new Uint8Array(32 * (CHUNK + AROUND));
  for (let i = 32 * (CHUNK - AROUND); i < bytes.length; ++i) bytes[i] = 1 + Math.floor(random() * 255);
  return bytes;
}

async function reportRound(d: Driver, federation: number, update: Uint8Array, model: Uint8Array): Promise<{ round: number; opened: ReportedRound }> {
  const open = await d.openRound(federation);
  const key = must(d.kernel.contributorKeys[0]);
  const root = toHex(hashTreeRoot(update, SHAPE.updateDepth));
  const entries = Array.from({ length: SEATS }, (_, seat) => {
    const contribution = d.contribution(seat, open, { rho: RHO, ...(seat === 9 ? { updateRoot: root } : {}) });
    return { ...contribution, signer: key.address as Hex, signature: d.sign(contribution, key) };
  });
  const { seal, round, weights } = await d.sealEntries(entries, federation);
  const { report } = await d.report(federation, { modelRoot: toHex(hashTreeRoot(model, SHAPE.modelDepth)) });
  const { updateRoots, normTraces } = packSealColumns(entries);
  const roots = { parentReportHash: seal.parentReportHash, modelRoot: report.modelRoot, updateRoots, normTraces };
  return { round, opened: { config: FEDERATION_CONFIG, seal, report, ...roots, weights: packUints(weights, 2) } };
}

export async function run(): Promise<Metric[]> {
  await tasks.getTask("build").run({ quiet: true });
  const driver = new Driver(await loadTen());
  const { ethers, rounds, outsider, council } = driver.kernel;
  const demands = await ethers.deployContract("Demands", [rounds, 100, 100, 1_000n, 10n]);
  await rounds.changeJudge(demands, true);
  const federation = await createFederation(driver.kernel);
  const [update, model] = [vector(1), vector(2)];
  // The second round's parent is no genesis: every hash of it is there.
  await reportRound(driver, federation, vector(3), vector(4));
  const { round, opened } = await reportRound(driver, federation, update, model);

  const metrics: Metric[] = [];
  const add = (name: string, { gasUsed }: ContractTransactionReceipt, target: number, reference: string): void => {
    metrics.push({ name, value: Number(gasUsed), unit: "gas", better: "lower", target, reference });
  };
  const { attempt } = opened.report;
  for (const [kind, name, entry, bytes, count, target] of [
    ["model", "the model", 0, model, 1, 60_000],
    ["update", "an update of 16", 9, update, 1, 60_000],
    ["update", "an update of 16", 9, update, MAX_DEMANDED_CHUNKS, 2_750_000],
  ] as const) {
    const [run, chunks, depth] = [{ first: CHUNK, count }, count === 1 ? "a chunk" : `${count} chunks`, demandedDepth(kind, SHAPE.depth)];
    const value = await demands.bondOf(count);
    const input = { kind: DEMAND_KINDS.indexOf(kind), entry, ...run };
    const demand = await mined(demands.connect(outsider).demand(federation, round, input, toHex(encodeDemand(opened, kind)), { value }));
    if (count === 1) add(`demand ${chunks} of ${name}`, demand, 80_000, "prototype 74k");
    const data = toHex(encodeAnswer(bytes, depth, run));
    const answer = await mined(demands.connect(council).answer(federation, round, attempt, depth, run.first, run.count, data));
    add(`answer with ${chunks} of ${name}`, answer, target, count === 1 ? "prototype 53k" : "40 gas a byte of calldata");
  }
  await closeWorlds();
  return metrics;
}
