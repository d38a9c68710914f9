import path from "node:path";
import type { Hex, LocalAccount } from "viem";
import { annotationClosing, batchRoot } from "../../protocol/annotation/index.ts";
import { toJson } from "../../protocol/bundle/struct-json.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { scoreFeedback } from "../../protocol/feedback/points.ts";
import { createDomain } from "../../protocol/index.ts";
import type { TierPoints } from "../../protocol/scoring/tier-points.ts";
import type { Kernel } from "../chain/kernel.ts";
import { closingOf, scoresOf } from "../custodian/points.ts";
import { openCustody } from "../custodian/start.ts";
import { openFeedbackJournal } from "../feedback/journal.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { issuePoints, issuerProblem, readTermsFile, unnamedTiers, writePoints } from "../service/issue-points.ts";
import { openServiceKey } from "../service/key.ts";
import { createServiceLedger } from "../service/ledger.ts";
import { createPaySeats, readSeatList, readSeats, type PaySeats } from "../service/pay-seats.ts";
import { openLedger, openSigner, usage, type LedgerOptions, type SignerOptions } from "./context.ts";

export interface PointsOptions extends LedgerOptions, SignerOptions {
  readonly settlement: number;
  /** A settlement that was proposed without the points signed for it. */
  readonly missed?: number | undefined;
  /** Where the files go. */
  readonly out: string;
  readonly seats?: string | undefined;
  readonly terms?: string | undefined;
}

/** Scores the readers of a closed set, and signs their points by seat. */
export async function custodianPoints(options: PointsOptions & { readonly custody: string; readonly set: string }, { out, err }: Streams): Promise<number> {
  const { kernel } = await openLedger(options);
  const ledger = createServiceLedger(kernel);
  const { journal } = openCustody(options.custody);
  try {
    const root = options.set as Hex;
    const stored = journal.sets().find((candidate) => candidate.root === root);
    if (stored === undefined) throw usage(`There is no task set ${options.set} here.`, "`npx chongwen custodian status` lists them.");
    if (stored.closedAt === null) throw new ChongwenError({ code: "set-open", message: "The task set is open: answers may still come.", fix: "Close it with `npx chongwen custodian close --set <root>`." });
    await requireOpenSettlement(kernel, options);
    const seats = await openSeats(kernel, options);
    const scores = scoresOf(stored, journal, seats.seatOf);
    const isPaid = [...scores.points.annotation, ...scores.points.verification].length > 0;
    if (isPaid) requireSame(journal.pointFor(root, options.federation, options.settlement, options.missed), options);

    const key = await openServiceKey(path.join(options.custody, "key"));
    const signer = await signerOf(options, kernel, key);
    const closing = closingOf(stored, journal, ledger.domain);
    const files = await issue(kernel, options, annotationClosing.digest(ledger.domain, closing), scores.points, signer);
    const opening = { closing, signature: await key.sign({ hash: annotationClosing.digest(ledger.domain, closing) }), gold: stored.gold };
    const written = await writePoints(options.out, files, { "opening.json": toJson(opening) });

    const problem = await issuerProblem({
      custodianOf: async (dataset) => (await kernel.datasets.read.datasetOf([dataset])).custodian,
      memberOf: ledger.memberOf,
      isOfficer: (organisation, account) => kernel.contributors.read.isOfficer([organisation, account]),
    }, signer.address, stored.set.dataset);
    const problems = [...(problem === null ? [] : [problem]), ...(await issuersProblems(options, files, signer))];
    const unseated = scores.readers.filter(({ seat, annotation, verification }) => seat === null && annotation.points + verification.points > 0n);
    for (const { annotator, organisation } of unseated) problems.push(`${annotator} of organisation ${organisation} has no seat in federation ${options.federation}: its points go to nobody.`);
    for (const line of problems) err.write(`! ${line}\n`);
    if (options.json) out.write(envelope(true, { files: written, statements: files, readers: scores.readers, signer: signer.address, problems }));
    else {
      for (const { annotator, seat, annotation, verification } of scores.readers) {
        out.write(`${annotator} seat ${seat ?? "none"}: ${annotation.tasks} readings, gain ${annotation.gainPpm} ppm; ${verification.tasks} verifications, gain ${verification.gainPpm} ppm\n`);
      }
      out.write(`Signed by ${signer.address}: ${written.join(", ")}\n`);
    }
    return problems.length === 0 ? EXIT.ok : EXIT.unverified;
  } finally {
    journal.close();
  }
}

/** Counts what users said of a federation's models since the last time, and signs points by seat. */
export async function feedbackPoints(options: PointsOptions & { readonly journal?: string | undefined; readonly key?: string | undefined; readonly terms: string }, { out, err }: Streams): Promise<number> {
  const { kernel, workspace } = await openLedger(options);
  const ledger = createServiceLedger(kernel);
  const terms = await readTermsFile(options.terms);
  const seats = await openSeats(kernel, options);
  await requireOpenSettlement(kernel, options);
  const journal = openFeedbackJournal(options.journal ?? path.join(workspace.dir, "services", "feedback.sqlite"));
  try {
    journal.assign(options.federation, options.settlement, options.missed);
    const statements = journal.statements(options.federation);
    const payees = new Map<string, { organisation: number; seat: number } | null>();
    for (const user of new Set(statements.map((statement) => statement.user))) {
      const member = await ledger.memberOf(user);
      const seat = member === null ? null : seats.seatOf(user, member.organisation);
      payees.set(user, member === null || seat === null ? null : { organisation: member.organisation, seat });
    }
    const authors = new Set(terms.model.authors.flatMap(({ seat }) => seats.organisationOf(seat) ?? []));
    const isOurs = (statement: (typeof statements)[number]): boolean => statement.settlement === options.settlement;
    const feedback = scoreFeedback({ statements, payeeOf: (user) => payees.get(user) ?? null, authors }, isOurs);
    const signer = await signerOf(options, kernel, await openServiceKey(options.key ?? path.join(workspace.dir, "services", "feedback.key")));
    const counted = statements.filter((statement) => isOurs(statement));
    const files = await issue(kernel, options, batchRoot(counted.map(({ digest }) => digest)), { feedback }, signer);
    const written = await writePoints(options.out, files);
    const problems = await issuersProblems(options, files, signer);
    for (const line of problems) err.write(`! ${line}\n`);
    if (options.json) out.write(envelope(true, { files: written, statements: files, received: counted.length, signer: signer.address, problems }));
    else out.write(files.length === 0 ? `${counted.length} statements, none of which counts: nothing to sign.\n` : `${counted.length} statements. Signed by ${signer.address}: ${written.join(", ")}\n`);
    return problems.length === 0 ? EXIT.ok : EXIT.unverified;
  } finally {
    journal.close();
  }
}

const openSeats = async (kernel: Kernel, { federation, seats }: PointsOptions): Promise<PaySeats> =>
  createPaySeats(await readSeats(kernel, federation), seats === undefined ? undefined : await readSeatList(seats));

/** The service's own key, unless another one was named. */
const signerOf = async (options: SignerOptions, kernel: Kernel, own: LocalAccount): Promise<LocalAccount> =>
  options.keystore === undefined && options.account === undefined ? own : openSigner(options, kernel);

const issue = ({ deployment, settlement }: Kernel, options: PointsOptions, subject: Hex, points: Parameters<typeof issuePoints>[0]["points"], signer: LocalAccount): Promise<TierPoints[]> =>
  issuePoints({ domain: createDomain(deployment.chainId, settlement.address), federation: options.federation, settlement: options.settlement, subject, points, signer });

async function issuersProblems({ terms }: PointsOptions, files: readonly TierPoints[], { address }: LocalAccount): Promise<string[]> {
  if (terms === undefined) return [];
  return unnamedTiers(await readTermsFile(terms), address, files.map(({ statement }) => statement.tier)).map((tier) => `The terms do not name ${address} for ${tier}: no settlement takes these points.`);
}

async function requireOpenSettlement(kernel: Kernel, { federation, settlement }: PointsOptions): Promise<void> {
  const { nextIndex } = await kernel.settlement.read.accountOf([federation]);
  if (settlement < nextIndex) throw usage(`Settlement ${settlement} of federation ${federation} is proposed already.`, `The next one is ${nextIndex}.`);
}

function requireSame(before: { federation: number; settlement: number }, { federation, settlement }: PointsOptions): void {
  if (before.federation === federation && before.settlement === settlement) return;
  throw new ChongwenError({
    code: "points-signed",
    message: `Points of this set are signed for settlement ${before.settlement} of federation ${before.federation}: work is paid once.`,
    fix: `Ask for that settlement's points. If it was proposed without them, add --missed ${before.settlement}.`,
  });
}
