/**
 * Searches a round for everything that the ledger's verifiers judge: the seal first, then norms, the aggregate, the evaluation. The first fault found is
 * returned with its proof; what could not be judged, because a file is not at hand, only when there is none.
 */
import { bytesOf, type Hex } from "../bytes.ts";
import { columnHash, COLUMN_WIDTHS, isExcluded, unpackHex } from "../columns.ts";
import { ROUND_FILES, updatePath } from "../bundle/round-manifest.ts";
import { RULES } from "../aggregate/aggregate.ts";
import { type HashPairs } from "../ssz/hash-pairs.ts";
import { encodeAggregateProof } from "./aggregate-proof.ts";
import type { DemandKind } from "./demand.ts";
import { countedEntries, firstDifference, int32Lanes, recomputeModel } from "./find-aggregate-fault.ts";
import {
  ifHashed, ifRooted, lanes16, ledgerColumns, normsOf, runsOf,
  type Fault, type FaultSearch, type KeyBook, type LedgerRound, type MissingFile, type RoundFiles,
} from "./find-evidence.ts";
import { checkNorm } from "./find-norm-fault.ts";
import { searchEvaluation } from "./find-prediction-fault.ts";
import { findNormAboveBound, findUnsignedEntry } from "./find-seal-fault.ts";
import { encodeNormBoundProof, encodeNormStepProof, encodeNormTotalProof } from "./norm-proof.ts";
import { encodeSignatureProof } from "./signature-proof.ts";

/** @param model The reported model, when it is at hand or was recomputed: the base of the next round. */
export interface RoundSearch {
  readonly search: FaultSearch;
  readonly model: Uint8Array | null;
}

/** `privacyMode` A: updates are published once the round is sealed. */
const PUBLIC = 0;

interface Hunt {
  readonly round: LedgerRound;
  readonly files: RoundFiles;
  readonly hashPairs: HashPairs | undefined;
  readonly columns: ReturnType<typeof ledgerColumns>;
  readonly norms: Uint8Array | null;
  readonly normTraces: Uint8Array | null;
  readonly signatures: Uint8Array | null;
  readonly missing: MissingFile[];
}

/** @throws rule-unknown, unsupported: rules of newer software */
export async function findRoundFault(round: LedgerRound, files: RoundFiles, keys: KeyBook, hashPairs?: HashPairs): Promise<RoundSearch> {
  const { seal, report } = round;
  const hunt: Hunt = {
    round, files, hashPairs,
    columns: ledgerColumns(round),
    norms: ifHashed(files.norms, seal.normsHash),
    normTraces: ifHashed(files.normTraces, seal.normTracesHash),
    signatures: ifHashed(files.signatures, seal.signaturesHash),
    missing: [],
  };
  for (const name of ["norms", "normTraces", "signatures"] as const) {
    if (hunt[name] === null) hunt.missing.push({ file: ROUND_FILES[name], demand: { kind: name, entry: 0 }, commitment: seal[`${name}Hash`], depth: 0, ranges: [] });
  }
  const sealFault = await findSealFault(hunt, keys);
  if (sealFault !== null || report === null) return ended(hunt, sealFault, null);
  // Whoever holds a key searches on: what is opened comes in `files` like what is published.
  if (round.config.privacyMode !== PUBLIC && files.updates.size === 0) return { search: { kind: "escrowed" }, model: null };

  const updates = believedUpdates(hunt);
  const normFault = findNormFault(hunt, updates);
  if (normFault !== null) return ended(hunt, normFault, null);
  const { fault, model } = findAggregateFault(hunt, updates);
  if (fault !== null) return ended(hunt, fault, null);

  const { updateRootsHash } = seal;
  const evaluated = searchEvaluation({ round, updateRootsHash, weightsHash: columnHash(hunt.columns.weights), model }, files, hashPairs);
  if (evaluated.kind === "fault" || evaluated.kind === "unprovable") return { search: evaluated, model };
  if (evaluated.kind === "missing") hunt.missing.push(...evaluated.items);
  return ended(hunt, null, model);
}

function ended({ missing, round }: Hunt, fault: Fault | null, model: Uint8Array | null): RoundSearch {
  if (fault !== null) return { search: { kind: "fault", fault }, model };
  // The contract takes no demand for what is not public.
  const items = round.config.privacyMode === PUBLIC ? missing : missing.map((item) => ({ ...item, demand: null }));
  return { search: items.length === 0 ? { kind: "none" } : { kind: "missing", items }, model };
}

// ---------------------------------------------------------------------------------------------------- the seal

async function findSealFault({ round, columns, norms, normTraces, signatures }: Hunt, keys: KeyBook): Promise<Fault | null> {
  const { report, seal } = round;
  const opened = { ...round, weightsHash: columnHash(columns.weights), modelRoot: report?.modelRoot ?? null };
  if (norms !== null && normTraces !== null && signatures !== null) {
    const sealed = { norms, normTraces, signatures };
    const found = await findUnsignedEntry(round, sealed, keys);
    if (found !== null) {
      const proof = encodeSignatureProof({ ...opened, columns: { seats: columns.seats, updateRoots: columns.updateRoots, ...sealed }, entry: found.entry });
      return { name: "signature", verifier: "signatureVerifier", liable: "sealers", reason: found.reason, where: `entry ${found.entry}`, proof };
    }
  }
  const values = normsOf({ round, norms });
  if (values === null) return null;
  const above = findNormAboveBound(round, values);
  if (above === null) return null;
  const proof = encodeNormBoundProof({ ...opened, updateRootsHash: seal.updateRootsHash, norms: values, entry: above.entry });
  return { name: "norm-bound", verifier: "normVerifier", liable: "sealers", reason: above.reason, where: `entry ${above.entry}`, proof };
}

// ---------------------------------------------------------------------------------------------------- payloads

/** Updates of the entries that count, as far as they are what was committed to. */
function believedUpdates({ round, files, hashPairs, missing }: Hunt): Map<number, Uint8Array> {
  const depth = round.config.depth + 2;
  const updates = new Map<number, Uint8Array>();
  for (const i of countedEntries(round)) {
    const root = round.updateRoots[i]!;
    const update = ifRooted(files.updates.get(i), depth, root, hashPairs);
    if (update === null) missing.push(demanded("update", i, updatePath(round.seats[i]!), root, depth));
    else updates.set(i, update);
  }
  return updates;
}

function demanded(kind: DemandKind, entry: number, file: string, commitment: Hex, depth: number): MissingFile {
  return { file, demand: { kind, entry }, commitment, depth, ranges: runsOf(2 ** depth) };
}

function findNormFault(hunt: Hunt, updates: ReadonlyMap<number, Uint8Array>): Fault | null {
  const { round, files, columns, normTraces, hashPairs, missing } = hunt;
  const { depth } = round.config;
  const values = normsOf(hunt);
  if (values === null || normTraces === null || normTraces.length !== COLUMN_WIDTHS.normTraces * round.seats.length) return null;
  const traceRoots = unpackHex(normTraces, COLUMN_WIDTHS.normTraces);
  const report = round.report!;
  const opened = { ...round, report, modelRoot: report.modelRoot, traceRoots };
  for (const [entry, update] of updates) {
    // Checked on chain when it was posted, and could not be left out.
    if (isExcluded(round.posted, entry)) continue;
    const traceRoot = traceRoots[entry]!;
    const finding = checkNorm({ depth, update, normSq: values[entry]!, traceRoot, trace: ifRooted(files.traces.get(entry), depth, traceRoot, hashPairs) }, hashPairs);
    if (finding.kind === "total") {
      const proof = encodeNormTotalProof({ ...opened, updateRootsHash: columnHash(columns.updateRoots), norms: values, entry, trace: finding.trace }, hashPairs);
      return normFault("norm-total", entry, `the norm of entry ${entry} is ${finding.actual}; ${values[entry]} was sealed`, proof);
    }
    if (finding.kind === "step") {
      const { trace, chunk } = finding;
      const proof = encodeNormStepProof({ ...opened, entry, update: lanes16(update), trace, chunk }, hashPairs);
      return normFault("norm-step", entry, `the norm trace of entry ${entry} does not follow from its update at chunk ${chunk}`, proof);
    }
    if (finding.kind === "unknown") missing.push(demanded("trace", entry, `norm trace of entry ${entry}`, traceRoot, depth));
  }
  return null;
}

function normFault(name: "norm-step" | "norm-total", entry: number, reason: string, proof: Uint8Array): Fault {
  return { name, verifier: "normVerifier", liable: "reporters", reason, where: `entry ${entry}`, proof };
}

// ---------------------------------------------------------------------------------------------------- the aggregate

function findAggregateFault(hunt: Hunt, updates: ReadonlyMap<number, Uint8Array>): { readonly fault: Fault | null; readonly model: Uint8Array | null } {
  const { round, files, hashPairs, missing } = hunt;
  const { config, parent } = round;
  const report = round.report!;
  const depth = config.depth + 3;
  const reported = ifRooted(files.model, depth, report.modelRoot, hashPairs);
  const base = config.hasBase ? ifRooted(files.parentModel, depth, parent.modelRoot, hashPairs) : null;
  const values = normsOf(hunt);
  if (config.hasBase && base === null) missing.push({ file: "model.bin of the parent round", demand: null, commitment: parent.modelRoot, depth, ranges: [] });
  const complete = updates.size === countedEntries(round).length && (!config.hasBase || base !== null) && (config.ruleId !== RULES.normClip || values !== null);
  if (!complete) {
    if (reported === null) missing.push(demanded("model", 0, ROUND_FILES.model, report.modelRoot, depth));
    return { fault: null, model: reported };
  }
  const expected = recomputeModel(round, { base, updates, norms: values });
  const bytes = bytesOf(expected);
  // The same root says that the model is right, whether its file is at hand or not: it was just made.
  if (ifRooted(bytes, depth, report.modelRoot, hashPairs) !== null) return { fault: null, model: bytes };
  if (reported === null) {
    missing.push(demanded("model", 0, ROUND_FILES.model, report.modelRoot, depth));
    return { fault: null, model: null };
  }
  const lane = firstDifference(expected, reported);
  const lanes = 64 * 2 ** config.depth;
  const proof = encodeAggregateProof(
    {
      ...round, report, lane,
      parent: config.hasBase ? parent : null,
      norms: values ?? [],
      updates: round.updateRoots.map((root, i) => (updates.has(i) ? lanes16(updates.get(i)!) : root)),
      base: base === null ? null : int32Lanes(base, lanes),
      model: int32Lanes(reported, lanes),
    },
    hashPairs,
  );
  const actual = int32Lanes(reported, lanes)[lane];
  const reason = `lane ${lane} of the model is ${actual}; the ${updates.size} updates give ${expected[lane] ?? 0}`;
  return { fault: { name: "aggregate", verifier: "aggregateVerifier", liable: "reporters", reason, where: `lane ${lane}`, proof }, model: null };
}
