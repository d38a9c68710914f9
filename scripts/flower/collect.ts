// Reads back what became of each round: from the chain, from the artefacts, from the oracle, from the aggregator's spool and from the hospitals' journals.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { ROUND_FILES } from "../../protocol/bundle/round-manifest.ts";
import { effectiveWeights, readRoundManifest } from "../../protocol/index.ts";
import { readModel } from "../../protocol/audit/context.ts";
import type { LedgerFacts, RoundFacts } from "../../protocol/ledger/facts.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { evaluate } from "../trainer/evaluate.ts";
import type { Ledger } from "./ledger.ts";
import type { Excluded, RoundReport } from "./report.ts";
import type { JournalEntry, Site } from "./site.ts";

const exclusion = z.object({ round: z.int(), seat: z.int(), code: z.string(), message: z.string(), fix: z.string() });
type Exclusion = z.infer<typeof exclusion>;
const summary = z.object({ rounds: z.array(z.object({ round: z.int(), artefact: z.string().nullable() })) });
const times = z.object({ train: z.number(), commit: z.number(), sign: z.number(), verify: z.number() });
const metrics = z.object({ timesMs: times });

export interface CollectParameters {
  readonly ledger: Ledger;
  readonly facts: LedgerFacts;
  readonly sites: readonly Site[];
  readonly spool: string;
}

/** One entry a round of the ledger, in their order. */
export async function collectRounds({ ledger, facts, sites, spool }: CollectParameters): Promise<RoundReport[]> {
  const exclusions = (await readFile(path.join(spool, "exclusions.jsonl"), "utf8").catch(() => "")).split("\n").filter((line) => line !== "").map((line) => exclusion.parse(JSON.parse(line)));
  const { rounds: rows } = summary.parse(JSON.parse(await readFile(path.join(spool, "ledger-summary.json"), "utf8")));
  const journals = new Map(await Promise.all(sites.map(async (site) => [site.seat, await site.readJournal()] as const)));
  const reports: RoundReport[] = [];
  for (const round of facts.rounds) {
    const handed = rows.findLast((row) => row.round === round.round)?.artefact ?? null;
    const excluded = exclusions.filter((one) => one.round === round.round).map((one) => describe(one, sites, journals));
    reports.push({ round: round.round, state: round.state, excluded, asHanded: handed === null ? null : await ledger.asHanded(handed), ...(await readRound(ledger, round)) });
  }
  return reports;
}

function describe({ round, seat, code, message, fix }: Exclusion, sites: readonly Site[], journals: ReadonlyMap<number, readonly JournalEntry[]>): Excluded {
  const told = journals.get(seat)?.some((entry) => entry.kind !== "signed" && entry.round === round && entry.code === code) ?? false;
  return { hospital: sites.find((site) => site.seat === seat)?.name ?? null, seat, code, message, fix, toldToOperator: told };
}

type Read = Pick<RoundReport, "contributors" | "reportHash" | "artefact" | "accuracy" | "timesMs" | "overhead">;

async function readRound({ setting: { store, split } }: Ledger, { round, report }: RoundFacts): Promise<Read> {
  if (report === null) return { contributors: [], reportHash: null, artefact: null, accuracy: null, timesMs: null, overhead: null };
  const { artefact, reportHash, excluded } = report;
  const reader = await store.open(artefact, { label: `round ${round}` });
  const { entries } = await readRoundManifest(reader);
  const sealed = await reader.read(ROUND_FILES.weights);
  const weights = effectiveWeights(entries.map((_, i) => ((sealed[2 * i] ?? 0) << 8) | (sealed[2 * i + 1] ?? 0)), excluded);
  const model = await readModel({ store, hashPairs: nativeHashPairs }, { artefact, modelRoot: report.modelRoot });
  const { data } = metrics.safeParse(JSON.parse(new TextDecoder().decode(await reader.read(ROUND_FILES.metrics))));
  const timesMs = data?.timesMs ?? null;
  return {
    contributors: entries.flatMap(({ seat }, i) => ((weights[i] ?? 0) > 0 ? [seat] : [])),
    reportHash, artefact, timesMs,
    accuracy: model === null ? null : evaluate(model, split.holdout.records).accuracy,
    overhead: timesMs === null || timesMs.train === 0 ? null : (timesMs.commit + timesMs.sign + timesMs.verify) / timesMs.train,
  };
}
