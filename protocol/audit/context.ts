import { int32Of } from "../bytes.ts";
import type { BundleReader } from "../bundle/reader.ts";
import { ROUND_FILES } from "../bundle/round-manifest.ts";
import { ChongwenError } from "../errors.ts";
import type { FederationConfig } from "../eip712/structs.ts";
import type { LedgerFacts } from "../ledger/facts.ts";
import type { Scope, ScopeTest } from "../ledger/scope.ts";
import type { VerifiedRound } from "../scoring/score-window.ts";
import type { EscrowReader } from "../privacy/escrow-reader.ts";
import type { HashPairs } from "../ssz/hash-pairs.ts";
import { modelRoot } from "../ssz/vector.ts";
import { ERASED, WITHHELD, type Ledgerbook } from "./findings.ts";
import type { AuditStore } from "./store.ts";

/**
 * @param escrow Opens envelopes of rounds in privacy mode B; null or left out: the auditor holds no key.
 * @param scope What of the ledger; everything when it names nothing.
 * @param despiteDamage Goes on with what a damaged bundle still holds, to show where it differs.
 */
export interface AuditParameters {
  readonly facts: LedgerFacts;
  readonly store: AuditStore;
  readonly hashPairs?: HashPairs;
  readonly escrow?: EscrowReader | null;
  readonly scope?: Scope;
  readonly despiteDamage?: boolean;
}

export interface Audit extends Required<Omit<AuditParameters, "scope">> {
  readonly book: Ledgerbook;
  readonly within: ScopeTest;
  /** Models that the ledger names, by round: each is the base of the next. */
  readonly models: Map<number, Int32Array>;
  readonly scored: Map<number, VerifiedRound>;
  readonly configs: Map<string, FederationConfig>;
}

/** Reads everything of an artefact. Null when that showed it damaged or absent, which is recorded. */
export async function readWhole({ store, book, despiteDamage }: Audit, entry: string, digest: `0x${string}`): Promise<BundleReader | null> {
  try {
    const { findings, blocks } = await store.verifyAll(digest, { label: entry });
    for (const finding of findings) book.fault(entry, finding);
    book.reread(blocks);
    // What was erased of it, or left out, does not keep the rest from being looked at.
    return findings.every(({ code }) => code === ERASED || code === WITHHELD) || despiteDamage ? await store.open(digest, { label: entry }) : null;
  } catch (error) {
    book.fault(entry, error);
    return null;
  }
}

const MODEL_LIMIT = 2 ** 33;

/** A model that the ledger names. */
export interface NamedModel {
  readonly artefact: `0x${string}`;
  readonly modelRoot: string;
}

/** What a model is read with. */
export interface ReadsModels {
  readonly store: Pick<AuditStore, "open">;
  readonly hashPairs: HashPairs;
}

/** The model of a bundle, when it is the one whose root is on chain; the rest of the bundle may be damaged. */
export async function readModel({ store, hashPairs }: ReadsModels, report: NamedModel): Promise<Int32Array | null> {
  try {
    const model = int32Of(await (await store.open(report.artefact)).read(ROUND_FILES.model, MODEL_LIMIT));
    return modelRoot(model, hashPairs) === report.modelRoot ? model : null;
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    return null;
  }
}

/** Unreadable content is a finding about an entry, not the end of the audit. */
export async function guarded(book: Ledgerbook, entry: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    book.fault(entry, error);
  }
}
