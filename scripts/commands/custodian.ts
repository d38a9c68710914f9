import path from "node:path";
import type { Hex } from "viem";
import { annotationClosing, goldShareFits, krippendorffAlpha, ppm, SPECIAL } from "../../protocol/annotation/index.ts";
import { readAdmissionList } from "../custodian/admission.ts";
import { importSet, readDraft } from "../custodian/import.ts";
import { closingOf, reusedGold } from "../custodian/points.ts";
import { openCustody, startCustodian } from "../custodian/start.ts";
import { outcomeOfTask, standingReadings } from "../custodian/work.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { loopbackHost } from "../service/app.ts";
import { openServiceKey } from "../service/key.ts";
import { createServiceLedger } from "../service/ledger.ts";
import { openLedger, usage, type LedgerOptions } from "./context.ts";

export interface CustodyOptions extends LedgerOptions {
  /** The custodian's own folder. */
  readonly custody: string;
}

export interface ServeOptions extends CustodyOptions {
  readonly port: number;
  readonly origin: readonly string[];
  readonly url?: string | undefined;
  readonly list?: string | undefined;
  readonly nameEn: string;
  readonly nameZh: string;
}

/** Serves until it is told to stop. */
export async function serveCustodian(options: ServeOptions, { err }: Streams, stop: AbortSignal): Promise<number> {
  const origins = new Set(options.origin.map((text) => originOf(text)));
  const hosts = options.url === undefined ? null : new URL(originOf(options.url)).host;
  const { kernel } = await openLedger(options);
  const service = await startCustodian({
    dir: options.custody,
    name: { en: options.nameEn, zh: options.nameZh },
    ledger: createServiceLedger(kernel),
    list: options.list === undefined ? undefined : await readAdmissionList(options.list),
    rules: {
      allowsOrigin: (origin) => origins.has(origin),
      allowsHost: (host) => loopbackHost(host) || host === hosts,
      now: () => Date.now() / 1000,
      warn: (message) => void err.write(`! ${message}\n`),
    },
    port: options.port,
    publicUrl: options.url,
  });
  err.write(`Pictures are shown to readers at ${service.url}, to pages of ${[...origins].join(", ")}. Ctrl-C stops; answers are kept in ${options.custody}.\n`);
  await new Promise<void>((resolve) => (stop.aborted ? resolve() : stop.addEventListener("abort", () => resolve(), { once: true })));
  await service.close();
  return EXIT.ok;
}

function originOf(text: string): string {
  if (!URL.canParse(text) || new URL(text).origin === "null") throw usage(`${text} is no address of a page.`, "Write it as https://host.");
  return new URL(text).origin;
}

/** Cleans the pictures of a folder and opens a task set over them. File names are not kept. */
export async function importPictures(options: CustodyOptions & { readonly images: string; readonly set: string }, { out, err }: Streams): Promise<number> {
  const { kernel } = await openLedger(options);
  const { draft, images } = await readDraft(options.set, options.images, { chainId: kernel.deployment.chainId, ledger: kernel.rounds.address });
  const custody = openCustody(options.custody);
  try {
    const imported = await importSet(draft, images, custody);
    for (const { name, why } of imported.refused) err.write(`! ${name}: ${why}\n`);
    const { root, tasks, gold, refused } = imported;
    if (!draft.practice && !goldShareFits(gold, tasks)) err.write(`! ${gold} of ${tasks} pictures are gold. Work on this set is never paid: that takes 10 to 15 %.\n`);
    const reused = draft.practice ? 0 : reusedGold(custody.journal, root);
    if (reused > 0) err.write(`! ${reused} gold pictures were gold of a closed set: who has seen its opening knows their answers.\n`);
    if (options.json) out.write(envelope(true, { root, tasks, gold, refused: refused.length }));
    else out.write(`${tasks} pictures, ${gold} of them gold; ${refused.length} not taken.\nTask set ${root}\n`);
    return refused.length === 0 ? EXIT.ok : EXIT.unverified;
  } finally {
    custody.journal.close();
  }
}

/** What the custodian alone may see: outcomes, reports of recognised people, notes. */
export async function showCustody(options: Pick<CustodyOptions, "custody" | "json">, { out }: Streams): Promise<number> {
  const { journal } = openCustody(options.custody);
  try {
    const sets = journal.sets().map((stored) => {
      const readings = standingReadings(journal.rows(stored.root));
      const outcomes = stored.set.tasks.map((_, task) => outcomeOfTask(readings, stored, task).state);
      const { alpha, units } = krippendorffAlpha(stored.set.tasks.map((_, task) => readings.to(task).map(({ answer }) => answer)));
      const count = (state: string): number => outcomes.filter((outcome) => outcome === state).length;
      return {
        root: stored.root, id: stored.set.id, closedAt: stored.closedAt, tasks: stored.set.tasks.length, readings: readings.all().length,
        agreed: count("agreed"), open: count("open"), disputed: count("disputed"), alphaPpm: alpha === null ? null : ppm(alpha), comparedPictures: units,
        withheld: [...journal.withheld(stored.root)], notes: journal.notes(stored.root),
        ungradable: readings.all().filter(({ answer }) => answer === SPECIAL.ungradable).length,
      };
    });
    if (options.json) out.write(envelope(true, { sets }));
    for (const set of options.json ? [] : sets) {
      const alpha = set.alphaPpm === null ? "not yet" : (set.alphaPpm / 1e6).toFixed(3);
      out.write(`${set.id} ${set.root}\n  ${set.tasks} pictures, ${set.readings} readings: ${set.agreed} agreed, ${set.open} open, ${set.disputed} disputed; agreement (alpha) ${alpha}\n`);
      for (const task of set.withheld) out.write(`  picture ${task}: a person was recognised; it is shown to nobody\n`);
      for (const { task, text } of set.notes) out.write(`  picture ${task}, note: ${JSON.stringify(text)}\n`);
    }
    return EXIT.ok;
  } finally {
    journal.close();
  }
}

/** Shows a picture again that was withheld by mistake. */
export async function releasePicture(options: Pick<CustodyOptions, "custody"> & { readonly set: string; readonly task: number }, { out }: Streams): Promise<number> {
  const { journal } = openCustody(options.custody);
  try {
    if (!journal.release(options.set as Hex, options.task)) throw usage(`Picture ${options.task} of ${options.set} is not withheld.`, "`npx chongwen custodian status` lists those that are.");
    out.write(`Picture ${options.task} is shown again.\n`);
    return EXIT.ok;
  } finally {
    journal.close();
  }
}

/** Ends a task set: no answer is added any more, gold may be told, and what there is gets one signed root that a settlement can commit to. */
export async function closeSet(options: CustodyOptions & { readonly set: string }, { out }: Streams): Promise<number> {
  const { kernel } = await openLedger(options);
  const { domain } = createServiceLedger(kernel);
  const key = await openServiceKey(path.join(options.custody, "key"));
  const { journal } = openCustody(options.custody);
  try {
    const root = options.set as Hex;
    journal.closeSet(root, Math.floor(Date.now() / 1000));
    const stored = journal.sets().find((candidate) => candidate.root === root);
    if (stored === undefined) throw usage(`There is no task set ${options.set} here.`, "`npx chongwen custodian status` lists them.");
    const closing = closingOf(stored, journal, domain);
    const signature = await key.sign({ hash: annotationClosing.digest(domain, closing) });
    if (options.json) out.write(envelope(true, { closing, signature, custodian: key.address }));
    else out.write(`Closed: ${closing.answers} answers of ${closing.annotators} readers.\nRoot ${closing.root}\nSigned by ${key.address}: ${signature}\n`);
    return EXIT.ok;
  } finally {
    journal.close();
  }
}
