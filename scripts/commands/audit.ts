import { auditLedger, type AuditReport } from "../../protocol/audit/audit.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { openWorkspace } from "../federation/workspace.ts";
import type { LedgerFacts } from "../../protocol/ledger/facts.ts";
import { isLift } from "../../protocol/ledger/freezes.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { iso } from "../output/time.ts";
import type { ArtefactStore } from "../store/index.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { openEscrow, openLedger, openStore, usage, type EscrowOptions, type LedgerOptions, type StoreOptions } from "./context.ts";

export interface AuditOptions extends LedgerOptions, StoreOptions, EscrowOptions {
  /** Use the recorded ledger and ask no chain. */
  readonly offline: boolean;
  /** Only this round. */
  readonly round?: number | undefined;
  /** Only this settlement, with the rounds that it covers. */
  readonly settlement?: number | undefined;
}

/** Where the facts come from: an audit is worth no more than them. */
interface Source {
  readonly facts: LedgerFacts;
  readonly live: boolean;
}

/** What was recomputed, from which facts and which store: what else is read there is as the audit left it. */
export interface Recomputed extends Source {
  readonly store: ArtefactStore;
  readonly report: AuditReport;
  readonly seconds: string;
}

/** Recomputes what the options name, and says on `err` what is wrong. */
export async function recompute(options: AuditOptions, err: Streams["err"]): Promise<Recomputed> {
  const { facts, live } = await findFacts(options, err);
  const { round, settlement } = options;
  requireEntries(options, facts);
  const workspace = openWorkspace(options.dir);
  const store = openStore(workspace, options);
  const escrow = await openEscrow(workspace, options);
  const started = performance.now();
  const report = await auditLedger({ facts, store, hashPairs: nativeHashPairs, escrow, scope: { round, settlement } });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  for (const { entry, subject, message } of report.findings) err.write(`✗ ${message.startsWith(entry) ? "" : `${entry}${subject === "" ? "" : `, ${subject}`}: `}${message}\n`);
  return { facts, live, store, report, seconds };
}

export const exitOf = ({ ok, findings }: AuditReport): number => (findings.some(({ kind }) => kind === "mismatch") ? EXIT.mismatch : ok ? EXIT.ok : EXIT.unverified);

/** Exit code: 0 all verified · 3 something differs · 5 nothing differs, but something could not be read. */
export async function audit(options: AuditOptions, { out, err }: Streams): Promise<number> {
  const { facts, live, report, seconds } = await recompute(options, err);
  const { ok, checked, findings } = report;
  const source = live ? `the chain at block ${facts.asOf.block}` : `the ledger recorded at block ${facts.asOf.block}`;
  const data = { ok, checked, rounds: report.rounds, settlements: report.settlements, source: live ? "chain" : "recorded", block: facts.asOf.block, freezes: freezesOf(facts), findings };
  if (options.json) out.write(envelope(ok, data));
  else out.write(`${ok ? "✓" : "✗"} ${describe(report)} against ${source}: ${checked} comparisons in ${seconds} s\n${freezeLine(facts)}`);
  return exitOf(report);
}

/** As of the facts' block. @returns Null when the record does not say. */
export const freezesOf = ({ freezes, asOf }: LedgerFacts) => freezes && { frozenUntil: asOf.timestamp < freezes.until ? freezes.until : null, changes: freezes.changes };

/** What a reader of the facts is told about freezes; that nothing moved in one is among the comparisons. */
export function freezeLine(facts: LedgerFacts): string {
  const found = freezesOf(facts);
  if (found === null) return "  Whether it was ever frozen is not in this record.\n";
  const { frozenUntil, changes } = found;
  const times = count(changes.filter((change) => !isLift(change)).length, "freeze");
  if (frozenUntil !== null) return `  FROZEN by the ethics council until ${iso(frozenUntil)} (${times} so far).\n`;
  return changes.length === 0 ? "" : `  ${times} by the ethics council, the last until ${iso(changes.at(-1)?.until ?? 0)}.\n`;
}

function describe({ ok, rounds, settlements, findings }: AuditReport): string {
  const what = `${count(rounds, "round")} and ${count(settlements, "settlement")}`;
  return ok ? `${what} recomputed, all equal,` : `${count(findings.length, "finding")} in ${what}`;
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

/** A round that was never sealed is no finding but a slip of the one who asks. */
function requireEntries({ round, settlement, federation }: AuditOptions, facts: LedgerFacts): void {
  if (round !== undefined && !facts.rounds.some((entry) => entry.round === round)) {
    throw usage(`Federation ${federation} has no round ${round}.`, `It has rounds 1 to ${facts.rounds.length}.`);
  }
  if (settlement !== undefined && !facts.settlements.some(({ index }) => index === settlement)) {
    throw usage(`Federation ${federation} has no settlement ${settlement}.`, `It has settlements 1 to ${facts.settlements.length}.`);
  }
}

/** The live chain; else, said aloud, what was recorded of it. */
async function findFacts(options: AuditOptions, err: Streams["err"]): Promise<Source> {
  const workspace = openWorkspace(options.dir);
  let why = "--offline was given";
  if (!options.offline) {
    try {
      const { kernel } = await openLedger(options);
      return { facts: await readFacts(kernel, options.federation, { round: options.round, settlement: options.settlement }), live: true };
    } catch (error) {
      const gone = error instanceof ChongwenError && (error.code === "chain-unreachable" || error.code === "ledger-missing");
      // An endpoint that was asked for by name must answer.
      if (!gone || options.rpc !== undefined) throw error;
      why = error.message;
    }
  }
  const facts = await workspace.loadFacts();
  if (facts === null) throw new ChongwenError({ code: "ledger-not-recorded", message: `${why} There is no recorded ledger in ${options.dir} either.`, fix: "Start a ledger with `npm start`." });
  err.write(`! Checked against the ledger as recorded at block ${facts.asOf.block}, not against a chain (${why.replace(/\.$/, "")}).\n  That shows whether artefacts are intact, not what the chain holds now.\n`);
  return { facts, live: false };
}
