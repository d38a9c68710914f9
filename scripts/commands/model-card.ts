import { writeFile } from "node:fs/promises";
import { isVerified, isWholeLineage } from "../../protocol/cards/model-facts.ts";
import { modelCard } from "../../protocol/cards/model-card.ts";
import { modelLicence } from "../../protocol/cards/model-front.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { envelope, type Streams } from "../output/command.ts";
import { readModel } from "../cards/read-model.ts";
import { exitOf, recompute, type AuditOptions } from "./audit.ts";
import { openLedger, usage } from "./context.ts";

export interface ModelCardOptions extends Omit<AuditOptions, "offline" | "settlement"> {
  readonly out?: string | undefined;
  readonly delta: string;
  /** Where the dapp is served. */
  readonly page?: string | undefined;
}

/**
 * Writes the model card of a recorded model, after its round was recomputed. Where something differs there is no card (exit code 3); where something could
 * not be looked at the card says so at its top (exit code 5).
 */
export async function exportModelCard(options: ModelCardOptions, { out, err }: Streams): Promise<number> {
  const delta = Number(options.delta);
  if (!(delta > 0 && delta < 1)) throw usage(`--delta ${options.delta} is no chance.`, "Write a number between 0 and 1, such as 1e-5.");
  const page = pageOf(options.page);
  const { kernel } = await openLedger(options);
  const round = options.round ?? (await newestFinal(options, kernel));
  const { facts, store, report } = await recompute({ ...options, round, offline: false }, err);
  if (report.findings.some(({ kind }) => kind === "mismatch")) {
    if (options.json) out.write(envelope(false, { round, verified: false, findings: report.findings }));
    else err.write(`✗ The recomputation of round ${round} gives something else than the ledger holds: a model that does not follow from its updates is not described.\n`);
    return exitOf(report);
  }
  const model = await readModel({ kernel, store, facts, round, audit: report, delta, page });
  const card = modelCard(model);
  if (options.out !== undefined) await writeFile(options.out, card);
  const verified = isVerified(model);
  if (options.json) {
    const { hub, texts } = modelLicence(model);
    out.write(envelope(true, { round, verified, wholeLineage: isWholeLineage(model), licence: hub, licences: texts, datasets: model.datasets.map(({ dataset }) => dataset), withdrawn: model.datasets.flatMap(({ dataset, withdrawnAt }) => (withdrawnAt === null ? [] : [dataset])), findings: report.findings, out: options.out ?? null, card }));
  } else if (options.out === undefined) out.write(card);
  else out.write(`${verified ? "✓" : "!"} ${options.out}: model after round ${round}, ${verified ? "recomputed" : "NOT VERIFIED"}, ${report.checked} comparisons\n`);
  return exitOf(report);
}

async function newestFinal({ federation }: ModelCardOptions, kernel: Parameters<typeof readFacts>[0]): Promise<number> {
  // A scope that holds no round: only the states are wanted here.
  const { rounds } = await readFacts(kernel, federation, { round: 0 });
  const found = rounds.findLast(({ state, report }) => state === "Final" && report !== null);
  if (found === undefined) throw usage(`Federation ${federation} has no final model yet.`, "Name a reported round with --round, or wait: `chongwen round show`.");
  return found.round;
}

function pageOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!/^https?:\/\/[^\s<>@"'`?#]+$/.test(text)) throw usage("--page is no address on the web.", "Write https://…/, where the dapp is served.");
  return text.endsWith("/") ? text : `${text}/`;
}
