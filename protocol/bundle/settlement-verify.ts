/** Recomputes a settlement from the rounds it covers and compares it with its bundle and with what the ledger says. */
import type { Address, Hex } from "viem";
import { toHex } from "../bytes.ts";
import { ChongwenError } from "../errors.ts";
import { statementHash } from "../eip712/hash.ts";
import { MEMBER_BYTES } from "../rewards/members.ts";
import type { ScoredRound } from "../rewards/scoring.ts";
import { COLUMN_WIDTHS } from "../columns.ts";
import { type Check, type CheckList, createCheckList } from "./checks.ts";
import { checkFileSet, checkHashedFile, MANIFEST } from "./files.ts";
import { readFile, type BundleReader } from "./reader.ts";
import { type ComputedSettlement, computeSettlement, type SettlementInput } from "./settlement-compute.ts";
import { checkQuality, checkWorking, qualityPaths, type QualityExpectations } from "./settlement-quality.ts";
import { readSettlementManifest, SETTLEMENT_FILES, type SettledRound, type SettlementManifest } from "./settlement-manifest.ts";

/**
 * What a verifier takes from the chain.
 * @param rounds Every round since the settlement before, with its state.
 * @param payees One a seat granted up to the last report that the settlement pins: its payee at that round's deadline.
 * @param quality What only settlements by `quality-v1` need.
 * @param pool `SettlementProposed.pool`. @param statementHash,artefact Of the statement proposed.
 */
export interface SettlementExpectations {
  readonly chainId: number;
  readonly settlement: Address;
  readonly vault: Address;
  readonly federation: number;
  readonly scoringId: number;
  readonly index: number;
  readonly pool: bigint;
  readonly previous: { readonly index: number; readonly artefact: Hex } | null;
  readonly rounds: readonly SettledRound[];
  readonly payees: readonly Address[];
  readonly statementHash: Hex;
  readonly artefact: Hex;
  readonly quality?: QualityExpectations;
}

/** @param members The member table as recomputed: what the next settlement builds on. Null when it could not be. */
export interface SettlementVerification {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly manifest: SettlementManifest;
  readonly members: Uint8Array | null;
}

function checkIdentity(list: CheckList, manifest: SettlementManifest, expected: SettlementExpectations): void {
  const { statement } = manifest;
  const same = (name: string, want: string | number | bigint, got: string | number | bigint) => list.same(name, MANIFEST, want, got);
  same("chain", expected.chainId, manifest.chainId);
  same("settlement contract", expected.settlement, manifest.settlement);
  same("vault", expected.vault, manifest.vault);
  same("federation", expected.federation, manifest.federation);
  same("scoring rule", expected.scoringId, manifest.scoringId);
  same("seats", expected.payees.length, manifest.seatCount);
  same("pool", expected.pool, manifest.pool);
  same("settlement before", describe(expected.previous), describe(manifest.previous));
  same("statement's federation", expected.federation, statement.federation);
  same("statement's index", expected.index, statement.index);
  same("statement hash", expected.statementHash, statementHash({ ...statement, artefact: expected.artefact }));
}

function describe(previous: SettlementExpectations["previous"]): string {
  return previous === null ? "none" : `${previous.index}: ${previous.artefact}`;
}

/** @returns The effective weights to score, or null when a final round's are missing. */
function checkRounds(list: CheckList, manifest: SettlementManifest, expected: SettlementExpectations, scored: readonly ScoredRound[]): ScoredRound[] | null {
  const { statement, rounds } = manifest;
  const text = ({ round, state, reportHash, artefact }: SettledRound) => `${round} ${state} ${reportHash} ${artefact}`;
  const count = Math.max(rounds.length, expected.rounds.length);
  for (let i = 0; i < count; i++) {
    const [want, got] = [expected.rounds[i], rounds[i]];
    list.same("round covered", `${MANIFEST}: round ${(want ?? got)!.round}`, want === undefined ? "not covered" : text(want), got === undefined ? "not covered" : text(got));
  }
  list.same("first round", MANIFEST, expected.rounds[0]?.round ?? 0, statement.firstRound);
  list.same("last round", MANIFEST, expected.rounds.at(-1)?.round ?? 0, statement.lastRound);
  const final = expected.rounds.filter(({ state }) => state === "Final");
  list.same("last report hash", MANIFEST, final.at(-1)?.reportHash ?? "none", statement.lastReportHash);
  const found = final.map(({ round }) => scored.find((entry) => entry.round === round) ?? null);
  found.forEach((entry, i) => {
    list.same("effective weights", `round ${final[i]!.round}`, "from its verified bundle", entry === null ? "not given" : "from its verified bundle");
  });
  return found.every((entry) => entry !== null) ? found : null;
}

/** @param seats Items that belong to a seat; one after them is nobody's. */
function sameItems(list: CheckList, path: string, expected: Uint8Array, actual: Uint8Array, width: number, seats: number): void {
  if (!list.same("length", path, expected.length, actual.length)) return;
  const at = expected.findIndex((byte, i) => byte !== actual[i]);
  const seat = Math.floor(at / width);
  const whose = seat < seats ? `seat ${seat}` : "nobody's";
  const show = (column: Uint8Array) => (at < 0 ? "every seat" : `${whose}: ${toHex(column.subarray(seat * width, (seat + 1) * width))}`);
  list.same("recomputed", path, show(expected), show(actual));
}

async function recompute(
  list: CheckList,
  expected: SettlementExpectations,
  inputs: Pick<SettlementInput, "scored" | "previousMembers"> & Partial<Pick<SettlementInput, "quality">>,
): Promise<ComputedSettlement | null> {
  const { chainId, vault, federation, scoringId, pool, payees } = expected;
  try {
    return await computeSettlement({ domain: { chainId, vault, federation }, scoringId, pool, payees, ...inputs });
  } catch (error) {
    if (!(error instanceof ChongwenError) || error.code === "rule-unknown") throw error;
    list.same("settlement", MANIFEST, "possible", error.message);
    return null;
  }
}

const WIDTHS = { scores: COLUMN_WIDTHS.scores, entitlements: COLUMN_WIDTHS.entitlements, payees: 20, members: MEMBER_BYTES } as const;

/**
 * Verifies one settlement.
 * @param scored Seats and effective weights from `verifyRoundBundle` of every final round covered.
 * @param previousMembers Member table that `verifySettlementBundle` gave for the settlement before; empty for the first.
 * @throws bundle-unreadable, json-invalid, manifest-invalid, version-unknown, bundle-path, rule-unknown
 */
export async function verifySettlementBundle(
  reader: BundleReader,
  expected: SettlementExpectations,
  scored: readonly ScoredRound[],
  previousMembers: Uint8Array,
): Promise<SettlementVerification> {
  const manifest = await readSettlementManifest(reader);
  const list = createCheckList();
  checkIdentity(list, manifest, expected);
  const weights = checkRounds(list, manifest, expected, scored);
  const { quality } = expected;
  const files = await checkFileSet(list, reader, manifest.files, new Set([...Object.values(SETTLEMENT_FILES), ...(quality === undefined ? [] : qualityPaths(manifest))]));
  const context = quality === undefined ? null : { list, reader, files, manifest, expected: quality };
  const due = weights === null || context === null ? null : await checkQuality(context);
  const inputs = weights === null || (context !== null && due === null) ? null : { scored: weights, previousMembers, ...(due === null ? {} : { quality: due }) };
  const computed = inputs === null ? null : await recompute(list, expected, inputs);
  if (context !== null && computed !== null && computed.quality !== null) await checkWorking(context, computed.quality);
  for (const name of Object.keys(SETTLEMENT_FILES) as (keyof typeof SETTLEMENT_FILES)[]) {
    const path = SETTLEMENT_FILES[name];
    const file = files.get(path);
    if (file === undefined) continue;
    // One item more than seats, where nobody has one.
    const bytes = await readFile(reader, path, (expected.payees.length + 1) * WIDTHS[name] + 1);
    checkHashedFile(list, file, bytes);
    list.same("listed length", path, bytes.length, file.bytes);
    if (computed !== null) sameItems(list, path, computed.columns[name], bytes, WIDTHS[name], expected.payees.length);
  }
  if (computed !== null) {
    const { statement } = manifest;
    list.same("scores hash", SETTLEMENT_FILES.scores, computed.scoresHash, statement.scoresHash);
    list.same("entitlements hash", SETTLEMENT_FILES.entitlements, computed.entitlementsHash, statement.entitlementsHash);
    list.same("rewards root", SETTLEMENT_FILES.members, computed.tree.root, statement.rewardsRoot);
    list.same("distributed", MANIFEST, computed.distributed, statement.distributed);
    list.same("carry", MANIFEST, computed.carry, manifest.carry);
    list.same("total", MANIFEST, computed.total, statement.total);
  }
  return { ok: list.checks.every(({ ok }) => ok), checks: list.checks, manifest, members: computed?.columns.members ?? null };
}
