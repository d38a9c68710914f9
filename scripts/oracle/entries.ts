/** Which entries of a bundle are sealed: asked of the ledger before anybody signs, so that one that cannot take part costs the round nothing but itself. */
import { contractsOf } from "../../protocol/ledger/chain.ts";
import { createDomain, digestOf, recoverSigner, toCompactSignature, type Entry, type FederationConfig } from "../../protocol/index.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { OpenRound } from "../ledger/open-round.ts";
import { checkEntries } from "../operator/seal-round.ts";
import { Refused } from "../service/refusal.ts";
import type { Handed } from "./handed.ts";

/** @param why For the site that it belongs to. */
export interface Dropped {
  readonly seat: number;
  readonly why: string;
}

export interface Chosen {
  /** Seats ascending. */
  readonly entries: readonly Entry[];
  readonly dropped: readonly Dropped[];
  /** Put in because they stand on chain. */
  readonly forced: readonly number[];
}

/** `ISeats.DropReason`, for people. */
const REASONS = [
  "", "there is no such seat", "the seat is revoked", "its dataset is stopped", "its contributor is suspended", "its ethics approval has expired", "its privacy budget is spent",
  "another entry has the same update", "it is a support seat, which trains nothing",
] as const;

/** @throws too-few-contributors, too-many-missing: the ledger would refuse the round, so nothing is signed */
export async function chooseEntries(kernel: Kernel, open: OpenRound, config: FederationConfig, { entries: handed, updates, escrow }: Handed): Promise<Chosen> {
  const forced = await readForced(kernel, open);
  const bySeat = new Map<number, Entry & { readonly weight?: number }>(handed.map((entry) => [entry.seat, entry]));
  for (const entry of forced) if (bySeat.get(entry.seat)?.updateRoot !== entry.updateRoot) bySeat.set(entry.seat, entry);
  const isForced = new Set(forced.map(({ seat }) => seat));

  const dropped: Dropped[] = [];
  const kept: Entry[] = [];
  let eligible = 0;
  let missing = 0;
  const { federation, round } = open.context;
  const looked = await Promise.all(
    [...bySeat.values()].map(async ({ weight = 1, ...entry }) => {
      const [reason, problem] = await Promise.all([kernel.seats.read.eligibility([federation, round, entry.seat, config.rhoPerRound]), problemOf(kernel, open, entry)]);
      return { entry, weight, reason, problem };
    }),
  );
  for (const { entry, weight, reason, problem } of looked.sort((a, b) => a.entry.seat - b.entry.seat)) {
    // What was forced in is sealed whatever became of it; what its aggregator expects to be dropped, the ledger drops.
    if (!isForced.has(entry.seat) && (problem !== null || (reason !== 0 && weight > 0))) {
      dropped.push({ seat: entry.seat, why: problem ?? REASONS[reason] ?? `reason ${reason}` });
      continue;
    }
    kept.push(entry);
    if (reason !== 0) continue;
    eligible++;
    const sent = handed.some(({ seat, updateRoot }) => seat === entry.seat && updateRoot === entry.updateRoot) && (updates.has(entry.seat) || escrow?.envelopes.has(entry.seat) === true);
    if (!sent) missing++;
  }
  const left = dropped.map(({ seat, why }) => ` Seat ${seat}: ${why}.`).join("");
  if (eligible - missing < config.minContributors) {
    throw new Refused("too-few-contributors", `${eligible - missing} of the ${config.minContributors} contributors needed can take part with an update.${left}`);
  }
  const most = Math.floor((eligible * config.maxExcludedBps) / 10_000);
  if (missing > most) throw new Refused("too-many-missing", `The updates of ${missing} entries never came; the federation allows ${most}.${left}`);
  return { entries: kept, dropped, forced: [...isForced] };
}

/** Why no operator can sign for an entry; null when all can. Failures of the endpoint are thrown. */
async function problemOf(kernel: Kernel, open: OpenRound, entry: Entry): Promise<string | null> {
  try {
    await checkEntries(kernel, open, [entry]);
    return null;
  } catch (error) {
    if (error instanceof ChongwenError && (error.code === "signature-invalid" || error.code === "out-of-range")) return error.message.replace(/\.$/, "");
    throw error;
  }
}

/** Entries that stand on chain for the open round. */
export async function readForced(kernel: Kernel, { context: { federation, round, parentReportHash, configHash } }: Pick<OpenRound, "context">): Promise<Entry[]> {
  const { client, deployment } = kernel;
  const { rounds } = contractsOf(deployment);
  const logs = await client.getContractEvents({ ...rounds, eventName: "ContributionForced", args: { federation, round }, fromBlock: deployment.fromBlock, strict: true });
  const domain = createDomain(deployment.chainId, rounds.address);
  // A new configuration, or another parent, forgets what was forced in before.
  const own = logs.filter(({ args: { contribution } }) => contribution.parentReportHash === parentReportHash && contribution.configHash === configHash);
  return Promise.all(
    own.map(async ({ args: { seat, contribution, signature } }) => {
      const compact = signature.length === 2 + 2 * 64 ? signature : toCompactSignature(signature);
      const { updateRoot, normSq, normTraceRoot, rho } = contribution;
      return { seat, updateRoot, normSq, normTraceRoot, rho, signer: await recoverSigner(digestOf(domain, "Contribution", contribution), compact), signature: compact };
    }),
  );
}
