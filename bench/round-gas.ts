/** What a round costs on chain: seal + report + finalise with 7 of 10 signatures, every seat checked, weighed and charged. */
import type { ContractTransactionReceipt } from "ethers";
import { tasks } from "hardhat";

import type { Hex } from "../protocol/bytes.ts";
import { digestOf } from "../protocol/index.ts";
import { Driver } from "../test/contracts/rounds/driver.ts";
import { ARTEFACT, closeWorlds, CONFIG, DAY, type Kernel, loadTen, mined, MODEL_ROOT, must, RHO, State, walletOf } from "../test/contracts/rounds/world.ts";
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

/** @param finalise Null when the next seal made the parent final on its way. */
interface Measured {
  readonly seal: ContractTransactionReceipt;
  readonly report: ContractTransactionReceipt;
  readonly finalise: ContractTransactionReceipt | null;
}

const totalOf = ({ seal, report, finalise }: Measured): number => gasOf(seal) + gasOf(report) + (finalise === null ? 0 : gasOf(finalise));

/**
 * Seals and reports the next round, and makes the round before final: each round of a steady federation pays for one of each.
 * @param ownTransaction Finality by a transaction of its own, as when windows are longer than rounds; else by the seal, when the window has passed by then.
 */
async function runRound(driver: Driver, federation: number, seats: number, ownTransaction: boolean): Promise<Measured> {
  const { kernel } = driver;
  const open = await driver.openRound(federation);
  await driver.untilDeadline(open.parentRound, federation);
  const finalise = ownTransaction && open.parentRound > 0 ? await mined(kernel.rounds.finalise(federation, open.parentRound)) : null;
  const key = must(kernel.contributorKeys[0]);
  const entries = Array.from({ length: seats }, (_, seat) => {
    const contribution = driver.contribution(seat, open, { rho: RHO });
    return { ...contribution, signer: key.address as Hex, signature: driver.sign(contribution, key) };
  });
  const { receipt: seal } = await driver.sealEntries(entries, federation);
  const { receipt: report } = await driver.report(federation);
  if ((await driver.state(open.parentRound, federation)) !== State.Final) throw new Error(`Round ${open.parentRound} is not final.`);
  return { seal, report, finalise };
}

/** What the parts of a round cost, from the prices of its opcodes; what is left is the rest. */
async function breakdown(measured: Measured, seats: number): Promise<Record<string, number>> {
  const { seal, report, finalise } = measured;
  const receipts = [seal, report, ...(finalise === null ? [] : [finalise])];
  const data = await Promise.all(receipts.map(async (receipt) => must(await receipt.getTransaction()).data));
  const parts = {
    transactions: receipts.length * 21_000,
    calldata: data.reduce((sum, each) => sum + calldataGas(each), 0),
    lanes: (seats / 2) * 5_000, // cold read and a write, two lanes a slot
    "fresh round slots": 2 * 22_100,
    signatures: 2 * 7 * 3_000, // the precompile
  };
  return { ...parts, "calls, other storage, events": totalOf(measured) - Object.values(parts).reduce((sum, part) => sum + part, 0) };
}

export async function run(): Promise<Metric[]> {
  await tasks.getTask("build").run({ quiet: true });
  const driver = new Driver(await loadTen());
  const metrics: Metric[] = [];
  const add = (name: string, value: number, target: number, reference: string): void => {
    metrics.push({ name, value: Math.round(value), unit: "gas", better: "lower", target, reference });
  };
  for (const { seats, target } of SIZES) {
    for (const ownTransaction of [false, true]) {
      const federation = await federationOf(driver.kernel, seats);
      for (let i = 0; i < WARM_UP; ++i) await runRound(driver, federation, seats, ownTransaction);
      const measured = await runRound(driver, federation, seats, ownTransaction);
      const how = ownTransaction ? "final by a transaction" : "final by the next seal";
      add(`contributor of ${seats}, ${how}`, totalOf(measured) / seats, target, REFERENCE);
      if (totalOf(measured) / seats > target) {
        for (const [part, gas] of Object.entries(await breakdown(measured, seats))) {
          add(`  of it: ${part}`, gas / seats, Math.ceil(gas / seats), "a part of the line above, no target of its own");
        }
      }
      if (seats === SIZES[0].seats && !ownTransaction) add("report, 7 signatures", gasOf(measured.report), 90_000, "OCR3 100.7k");
      if (seats === SIZES[0].seats && measured.finalise !== null) add("finalise, a transaction", gasOf(measured.finalise), 40_000, "21,000 of it for the transaction");
    }
  }
  await closeWorlds();
  return metrics;
}
