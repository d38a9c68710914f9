/** What it costs to prove a wrong reward: one transaction to the real `Disputes`, 16 seats, 7 of 10 operators slashed in it. */
import { ethers as E } from "ethers";
import { tasks } from "hardhat";

import { toHex, type Hex } from "../protocol/bytes.ts";
import { encodeRewardsProof } from "../protocol/faults/rewards-proof.ts";
import { buildSettlementBundle, columnHash, createDomain, digestOf, packUints } from "../protocol/index.ts";
import { Driver } from "../test/contracts/rounds/driver.ts";
import { closeWorlds, DATASETS, loadTen, mined, must, SHU } from "../test/contracts/rounds/world.ts";
import type { Metric } from "./metric.ts";

const SEATS = 16;
const WRONG = 5;
const REFERENCE = "prototype: the contract splits, nothing to prove";

/** Two rounds of sixteen seats, final, and an honest settlement of them. */
async function settle(driver: Driver) {
  const { kernel } = driver;
  await kernel.treasury.reserve(1, 5_000n * SHU);
  for (const contributor of [3, 4, 5, 6, 7, 8]) await kernel.seats.grant(1, contributor, DATASETS.exempt, 0);
  for (const contributor of [1, 2]) await kernel.seats.grant(1, contributor, DATASETS.budgeted, 0);
  for (const round of [await driver.runRound(), await driver.runRound()]) await driver.finalise(round);
  const [{ deadline }, [pool]] = await Promise.all([driver.round(2), kernel.settlement.poolThrough(1, 2)]);
  const rounds = await Promise.all(
    [1, 2].map(async (round) => ({ round, state: "Final" as const, reportHash: (await driver.round(round)).hash, artefact: E.ZeroHash as Hex })),
  );
  const seats = Array.from({ length: SEATS }, (_, seat) => seat);
  const payees = await Promise.all(seats.map(async (seat) => (await kernel.contributors.payeeAt((await kernel.seats.seatOf(1, seat)).contributor, deadline)) as Hex));
  return await buildSettlementBundle({
    domain: { chainId: kernel.chainId, vault: (await kernel.treasury.vaultOf(1)) as Hex, federation: 1 },
    settlement: (await kernel.settlement.getAddress()) as Hex,
    index: 1,
    attempt: 0,
    rounds,
    previous: null,
    scoringId: 1,
    pool,
    scored: [1, 2].map((round) => ({ round, seats, weights: seats.map(() => 25) })),
    payees,
    previousMembers: new Uint8Array(),
  });
}

/** Proposes it with another amount for one seat, signed as if that were right, and proves it. @returns Gas of the proof. */
async function measure(driver: Driver, bundle: Awaited<ReturnType<typeof settle>>, attempt: number, wrong: bigint): Promise<number> {
  const { settlement, disputes, outsider, rewardsVerifier, chainId } = driver.kernel;
  const { columns, amounts } = bundle.computed;
  const proposed = amounts.with(WRONG, wrong);
  const entitlements = packUints(proposed, 12);
  const distributed = proposed.reduce((a, b) => a + b, 0n);
  const statement = { ...bundle.statement, attempt, artefact: E.id("settlement") as Hex, entitlementsHash: columnHash(entitlements), distributed, total: distributed };
  const domain = createDomain(chainId, (await settlement.getAddress()) as Hex);
  await mined(settlement.propose(statement, toHex(columns.scores), toHex(entitlements), driver.quorum(digestOf(domain, "SettlementStatement", statement))));
  const proof = toHex(encodeRewardsProof({ statement, finalRound: 2, scores: columns.scores, entitlements }, { kind: "entitlement", seat: WRONG }));
  const by = disputes.connect(outsider);
  await mined(by.commit(await disputes.commitmentOf(outsider, 1, 1, rewardsVerifier, E.keccak256(proof))));
  return Number((await mined(by.proveSettlement(1, rewardsVerifier, proof))).gasUsed);
}

export async function run(): Promise<Metric[]> {
  await tasks.getTask("build").run({ quiet: true });
  const driver = new Driver(await loadTen());
  const bundle = await settle(driver);
  const share = must(bundle.computed.amounts[WRONG]);
  const metric = (name: string, value: number): Metric => ({ name, value, unit: "gas", better: "lower", target: 150_000, reference: REFERENCE });
  const metrics = [
    metric("wrong reward, 16 seats: not the share", await measure(driver, bundle, 0, share - 1n)),
    metric("wrong reward, 16 seats: nothing in place of it", await measure(driver, bundle, 1, 0n)),
  ];
  await closeWorlds();
  return metrics;
}
