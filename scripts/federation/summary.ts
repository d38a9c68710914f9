import { memberAt } from "../../protocol/index.ts";
import { auditLedger, type AuditReport } from "../../protocol/audit/audit.ts";
import type { LedgerFacts } from "../../protocol/ledger/facts.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { measureBaselines } from "../trainer/baselines.ts";
import { TRAINING_DEFAULTS } from "../trainer/simulate.ts";
import type { FederationRun } from "./run-federation.ts";
import type { Setting } from "./setting.ts";

/** What `npm start -- --once --json` prints. Amounts are decimal strings of 10^−18 SHU; accuracies are shares of the holdout. */
export interface Summary {
  readonly rounds: readonly { round: number; status: string; contributors: number; modelRoot: string; accuracy: number }[];
  /** Records that the hospitals trained on. */
  readonly records: number;
  readonly accuracy: { readonly global: number; readonly bestSite: number; readonly majority: number };
  readonly gas: Readonly<Record<string, number>>;
  /** @param expected What the seat earned, recomputed from the artefacts. */
  readonly claims: readonly { account: string; amount: string; expected: string }[];
  readonly governance: { readonly proposalId: string; readonly state: string };
  readonly audit: { readonly ok: boolean; readonly checked: number };
}

export interface SummedUp {
  readonly summary: Summary;
  readonly facts: LedgerFacts;
  readonly audit: AuditReport;
}

/** Reads everything back from the chain and the store, audits it, and sums it up. */
export async function sumUp(setting: Setting, run: FederationRun): Promise<SummedUp> {
  const { kernel, federation, split, modelSpec, store, transactor } = setting;
  const facts = await readFacts(kernel, federation);
  const audit = await auditLedger({ facts, store, hashPairs: nativeHashPairs });
  const { epochs, learningRate } = TRAINING_DEFAULTS;
  const baselines = measureBaselines({ spec: modelSpec, split, epochs: epochs * run.rounds.length, learningRate });
  const accuracyOf = new Map(run.rounds.map(({ round, evaluation }) => [round, evaluation.accuracy]));
  const summary: Summary = {
    rounds: facts.rounds.map(({ round, state, accepted, report }) => ({
      round,
      status: state,
      contributors: accepted,
      modelRoot: report?.modelRoot ?? "",
      accuracy: accuracyOf.get(round) ?? 0,
    })),
    records: split.sites.reduce((sum, { records }) => sum + records.count, 0),
    accuracy: {
      global: run.rounds.at(-1)?.evaluation.accuracy ?? 0,
      bestSite: baselines.bestSite.alone.accuracy,
      majority: baselines.majority.accuracy,
    },
    gas: transactor.gas(),
    claims: run.claims.map(({ seat, account, amount }) => ({
      account,
      amount: amount.toString(),
      expected: (memberAt(audit.members, seat)?.cumulative ?? 0n).toString(),
    })),
    governance: { proposalId: run.vote.proposalId.toString(), state: run.vote.state },
    audit: { ok: audit.ok, checked: audit.checked },
  };
  return { summary, facts, audit };
}
