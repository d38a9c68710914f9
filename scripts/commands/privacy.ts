import { epsilonOf, SEAT_EXEMPT, splitBudget } from "../../protocol/privacy/zcdp.ts";
import type { Kernel } from "../chain/kernel.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { openLedger, usage, type LedgerOptions } from "./context.ts";

export interface PrivacyOptions extends LedgerOptions {
  /** Left out: every dataset of the ledger. */
  readonly dataset?: number | undefined;
  readonly delta: string;
}

/** What a dataset has spent, over all federations that use it. Nano-ρ. @param seats Where: federation and seat, with what is left there. */
export interface DatasetSpending {
  readonly dataset: number;
  readonly exempt: boolean;
  readonly cap: bigint;
  readonly spent: bigint;
  readonly left: bigint;
  readonly epsilon: number;
  readonly epsilonAtCap: number;
  readonly seats: readonly { readonly federation: number; readonly seat: number; readonly remaining: bigint }[];
}

/** Spent budget per dataset, composed over all federations, with its ε at a δ. */
export async function showPrivacy(options: PrivacyOptions, { out }: Streams): Promise<number> {
  const delta = Number(options.delta);
  if (!(delta > 0 && delta < 1)) throw usage(`--delta ${options.delta} is no chance.`, "Write a number between 0 and 1, such as 1e-5: below one in the number of records.");
  const { kernel } = await openLedger(options);
  const used = await seatsOf(kernel);
  const inFederation = new Set(used.filter(({ federation }) => federation === options.federation).map(({ dataset }) => dataset));
  const wanted = options.dataset === undefined ? [...inFederation].sort((a, b) => a - b) : [options.dataset];
  const spending: DatasetSpending[] = [];
  for (const dataset of wanted) spending.push(await spendingOf(kernel, dataset, used, delta));
  if (options.json) out.write(envelope(true, { delta, attested: "that the noise was added: the ledger counts budget, not noise", datasets: spending }));
  else {
    for (const one of spending) out.write(`${describe(one, delta)}\n`);
    out.write("Charged budget is enforced by the ledger. That the noise behind it was added is attested by the contributors.\n");
  }
  return EXIT.ok;
}

export interface UsedSeat {
  readonly federation: number;
  readonly seat: number;
  readonly dataset: number;
}

/** Every seat of every federation: a dataset's loss adds up over all of them. */
export async function seatsOf({ seats, client, deployment }: Kernel): Promise<UsedSeat[]> {
  const logs = await client.getContractEvents({ ...seats, eventName: "SeatGranted", fromBlock: deployment.fromBlock, toBlock: "latest", strict: true });
  return logs.map(({ args: { federation, seat, dataset } }) => ({ federation, seat, dataset })).filter(({ dataset }) => dataset > 0);
}

export async function spendingOf({ datasets, seats }: Kernel, dataset: number, used: readonly UsedSeat[], delta: number): Promise<DatasetSpending> {
  const { exempt, privacyCap } = await datasets.read.termsOf([dataset]);
  const held = await Promise.all(
    used.filter((one) => one.dataset === dataset).map(async ({ federation, seat }) => ({ federation, seat, remaining: BigInt((await seats.read.laneOf([federation, seat])).remaining) })),
  );
  if (exempt) return { dataset, exempt, cap: 0n, spent: 0n, left: 0n, epsilon: 0, epsilonAtCap: 0, seats: held.map((one) => ({ ...one, remaining: 0n })) };
  const cap = BigInt(privacyCap);
  const granted = await seats.read.grantedOf([dataset]);
  const unspent = held.reduce((sum, { remaining }) => sum + (remaining === SEAT_EXEMPT ? 0n : remaining), 0n);
  const { spent, left } = splitBudget({ cap: cap < granted ? granted : cap, granted, unspent });
  return { dataset, exempt, cap, spent, left, epsilon: epsilonOf(spent, delta), epsilonAtCap: epsilonOf(cap, delta), seats: held };
}

const rho = (nano: bigint): string => (Number(nano) / 1e9).toFixed(6);

function describe({ dataset, exempt, cap, spent, left, epsilon, epsilonAtCap, seats }: DatasetSpending, delta: number): string {
  if (exempt) return `dataset ${dataset}: exempt (public data), no budget`;
  const where = seats.map(({ federation, seat, remaining }) => `federation ${federation} seat ${seat}, ${rho(remaining)} left`).join("; ");
  return `dataset ${dataset}: ρ ${rho(spent)} of ${rho(cap)} spent, ${rho(left)} left; ε at most ${epsilon.toFixed(2)} so far and ${epsilonAtCap.toFixed(2)} at the cap, at δ = ${delta} (${where})`;
}
