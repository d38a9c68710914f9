/** What a round costs on chain: seal + report + finalise with 7 of 10 signatures, every seat checked, weighed and charged. */
import type { ContractTransactionReceipt } from "ethers";
import { tasks } from "hardhat";

import type { Hex } from "../protocol/bytes.ts";
import { digestOf } from "../protocol/index.ts";
import { Driver } from "../test/contracts/rounds/driver.ts";
import { ARTEFACT, CONFIG, DAY, loadTen, mined, MODEL_ROOT, must, RHO, State, walletOf, type Kernel } from "../test/contracts/rounds/world.ts";
import type { Metric } from "./metric.ts";

const REFERENCE = "CryptoFL 97,665 a submission, nothing checked";
const SIZES = [
  { seats: 16, target: 20_000 },
  { seats: 64, target: 8_000 },
] as const;
/** Rounds before the one that is measured: the first round writes lanes and heads that were zero. */
const WARM_UP = 2;

const gasOf = (receipt: ContractTransactionReceipt): number => Number(receipt.gasUsed);
const calldataGas = (data: string): number => (data.slice(2).match(/../g) ?? []).reduce((sum, byte) => sum + (byte === "00" ? 4 : 16), 0);

/** Contributors with keys of their own, each with a seat that has budget, in a new federation. */
async function federationOf(kernel: Kernel, seats: number): Promise<number> {
  const { rounds, contributors, datasets, seats: registry, officers } = kernel;
  await rounds.createFederation(CONFIG, MODEL_ROOT, ARTEFACT);
  const federation = Number(await rounds.federationCount());
  const officer = must(officers[0]);
  const domain = { ...kernel.domain, verifyingContract: (await contributors.getAddress()) as Hex };
  await datasets.connect(officer).propose(1, {
    card: ARTEFACT,
    ethicsExpiry: BigInt((await kernel.helpers.time.latest()) + 365 * DAY),
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
  for (let i = 0; i < seats; ++i) {
    const key = walletOf(`bench ${federation} ${i}`);
    const proof = key.signingKey.sign(digestOf(domain, "KeyProof", { organisation: 1, payee: key.address as Hex, key: key.address as Hex })).serialized;
    await contributors.connect(officer).registerContributor(1, key.address, key.address, proof);
    await registry.grant(federation, await contributors.contributorCount(), dataset, 1_000_000);
  }
  return federation;
}

interface Measured {
  readonly seal: ContractTransactionReceipt;
  readonly report: ContractTransactionReceipt;
}

/** Seals and reports the next round; the seal makes the round before final, as its window has passed by then. */
async function runRound(driver: Driver, federation: number, seats: number): Promise<Measured> {
  const { kernel } = driver;
  const open = await driver.openRound(federation);
  await driver.untilDeadline(open.parentRound, federation);
  const key = must(kernel.contributorKeys[0]);
  const entries = Array.from({ length: seats }, (_, seat) => {
    const contribution = driver.contribution(seat, open, { rho: RHO });
    return { ...contribution, signer: key.address as Hex, signature: driver.sign(contribution, key) };
  });
  const { receipt: seal } = await driver.sealEntries(entries, federation);
  const { receipt: report } = await driver.report(federation);
  if ((await driver.state(open.parentRound, federation)) !== State.Final) throw new Error(`Round ${open.parentRound} is not final.`);
  return { seal, report };
}

/** What the parts of a round cost, from the prices of its opcodes; what is left is the rest. */
async function breakdown({ seal, report }: Measured, seats: number): Promise<Record<string, number>> {
  const data = await Promise.all([seal, report].map(async (receipt) => must(await receipt.getTransaction()).data));
  const parts = {
    "two transactions": 2 * 21_000,
    calldata: data.reduce((sum, each) => sum + calldataGas(each), 0),
    "storage of lanes": (seats / 2) * 5_000, // cold read and a write, two lanes a slot
    "fresh round slots": 2 * 22_100,
    signatures: 2 * 7 * 3_000, // the precompile
    "calls, other storage and events": 0,
  };
  return { ...parts, "calls, other storage and events": gasOf(seal) + gasOf(report) - Object.values(parts).reduce((sum, part) => sum + part, 0) };
}

export async function run(): Promise<Metric[]> {
  await tasks.getTask("build").run({ quiet: true });
  const driver = new Driver(await loadTen());
  const metrics: Metric[] = [];
  const add = (name: string, value: number, target: number, reference: string): void => {
    metrics.push({ name, value: Math.round(value), unit: "gas", better: "lower", target, reference });
  };
  for (const { seats, target } of SIZES) {
    const federation = await federationOf(driver.kernel, seats);
    for (let i = 0; i < WARM_UP; ++i) await runRound(driver, federation, seats);
    const measured = await runRound(driver, federation, seats);
    const total = gasOf(measured.seal) + gasOf(measured.report);
    add(`round, a contributor of ${seats}`, total / seats, target, REFERENCE);
    if (total / seats > target) {
      for (const [part, gas] of Object.entries(await breakdown(measured, seats))) add(`round of ${seats}: ${part}`, gas, 0, "part of the round");
    }
    if (seats !== SIZES[0].seats) continue;
    add("report, 7 signatures", gasOf(measured.report), 90_000, "OCR3 100.7k");
    const last = Number((await driver.head(federation)).tip);
    await driver.untilDeadline(last, federation);
    const alone = gasOf(await mined(driver.kernel.rounds.finalise(federation, last)));
    add("finalise, of a round that no seal follows", alone, 40_000, "an own transaction");
  }
  await driver.kernel.connection.close();
  return metrics;
}
