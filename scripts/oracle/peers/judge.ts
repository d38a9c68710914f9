/** What this operator signs when another asks: only what it has recomputed itself, from its own view of the chain and its own store. The asker is believed nothing. */
import { configHash, createSeal, hashOf, packSealColumns, readRoundManifest, type Entry, type Report, type Seal, type SettlementStatement } from "../../../protocol/index.ts";
import { ROUND_FILES } from "../../../protocol/bundle/round-manifest.ts";
import { readFile } from "../../../protocol/bundle/reader.ts";
import { COLUMN_WIDTHS, unpackHex } from "../../../protocol/columns.ts";
import { readPart } from "../../../protocol/ledger/read-part.ts";
import { ROUND_STATES } from "../../../protocol/ledger/states.ts";
import { QUALITY_V1 } from "../../../protocol/rewards/scoring.ts";
import type { EscrowReader } from "../../../protocol/privacy/escrow-reader.ts";
import type { Address, Hex } from "viem";
import { requireProven } from "../../chain/proofs/believed.ts";
import type { Prover } from "../../chain/proofs/prover.ts";
import type { Kernel } from "../../chain/kernel.ts";
import { readOpenRound, type OpenRound } from "../../ledger/open-round.ts";
import { checkReport } from "../../operator/check-report.ts";
import { checkSettlement } from "../../operator/check-settlement.ts";
import type { Recomputation } from "../../operator/recomputation.ts";
import { checkEntries } from "../../operator/seal-round.ts";
import { settlementOf } from "../../operator/settle.ts";
import { expectQuality, type QualitySources } from "../../operator/settle-quality.ts";
import { Refused } from "../../service/refusal.ts";
import { readCovered } from "../covered.ts";
import { readForced } from "../entries.ts";
import { isVerdict, judge, type Handed } from "../handed.ts";
import type { Folder } from "../folder.ts";
import type { Inbox } from "../inbox.ts";
import type { Held, OracleJournal } from "../journal.ts";
import type { FederationLedger } from "../ledger.ts";
import { requireSources } from "../quality/sources.ts";
import type { Library } from "./library.ts";
import type { Asked } from "./messages.ts";

export interface JudgeParameters {
  readonly kernel: Kernel;
  readonly ledger: FederationLedger;
  readonly inbox: Inbox;
  readonly journal: OracleJournal;
  readonly library: Library;
  readonly recomputation: Recomputation;
  /** Null where quality does not score, and where this operator has none: what another proposes brings its own. */
  readonly quality: QualitySources | null;
  /** Null without a key. */
  readonly escrow: EscrowReader | null;
  readonly prover: Prover | null;
  /** Fetches the bundles that a peer has and that are not here. */
  readonly catchUp: (from: Address) => Promise<void>;
}

/** @throws statement-early (retryable), payload-missing (retryable), statement-refused, and what the checks throw */
export type PeerJudge = (from: Address, asked: Asked) => Promise<void>;

const early = (why: string): Refused => new Refused("statement-early", `${why} Seen from here, this statement cannot be made now.`);
const wrong = (why: string): Refused => new Refused("statement-refused", why);

/** Of one federation. */
export function createPeerJudge({ kernel, ledger, inbox, journal, library, recomputation, quality, escrow, prover, catchUp }: JudgeParameters): PeerJudge {
  const { federation } = ledger;
  /** Bundles that were recomputed, with what was in them. A few: those of the rounds under way. */
  const right = new Map<string, Present | null>();

  /** Null when the bundle is wrong. */
  async function judged(held: Held, config: Hex): Promise<Present | null> {
    const name = `${held.bundle} ${config}`;
    const known = right.get(name);
    if (known !== undefined) return known;
    const parent = await ledger.report(held.parentRound);
    if (parent === null || parent.reportHash !== held.parent) return null;
    const found = await judge({ kernel, ledger, escrow, recomputation }, inbox.held(held.bundle), held, parent, config).then(presentIn, (error: unknown) => {
      if (isVerdict(error)) return null;
      throw error;
    });
    right.set(name, found);
    const [oldest] = right.keys();
    if (right.size > MOST_REMEMBERED && oldest !== undefined) right.delete(oldest);
    return found;
  }

  async function heldFor(round: number, parent: Hex): Promise<Held[]> {
    const listed = journal.list(federation, ["waiting", "sealing", "sealed", "reported"]).filter((held) => held.round === round && held.parent === parent);
    const there = await Promise.all(listed.map(async (held) => inbox.holds(held.bundle)));
    return listed.filter((_, i) => there[i]);
  }

  /** A bundle here that has all these entries, and whose updates are what was signed: so the round can be reported by whoever seals it. */
  async function hasPayloads(entries: readonly Entry[], open: OpenRound): Promise<boolean> {
    const { round, parentReportHash, configHash: config } = open.context;
    for (const held of await heldFor(round, parentReportHash)) {
      if (!(await lists(inbox.held(held.bundle), entries, config))) continue;
      if ((await judged(held, config)) !== null) return true;
    }
    return false;
  }

  async function seal(from: Address, value: Seal, entries: readonly Entry[]): Promise<void> {
    const open = await readOpenRound(kernel, federation);
    if (open === null || open.context.round !== value.round || open.attempt !== value.attempt) throw early(`Round ${value.round}, attempt ${value.attempt}, is not the open one.`);
    const own = createSeal(open.context, open.attempt, packSealColumns(entries));
    if (hashOf("Seal", own) !== hashOf("Seal", value)) throw wrong("The seal is not that of the entries that came with it, on the round that is open.");
    const forced = new Map((await readForced(kernel, open)).map(({ seat, updateRoot }) => [seat, updateRoot]));
    const handedOver = entries.filter(({ seat, updateRoot }) => forced.get(seat) !== updateRoot);
    if (!(await hasPayloads(handedOver, open))) {
      await catchUp(from);
      if (!(await hasPayloads(handedOver, open))) throw new Refused("payload-missing", `No bundle of round ${value.round} is here that has these entries with their updates.`);
    }
    await checkEntries(kernel, open, entries);
    await requireProven(prover, federation, new Map([[open.parentRound, { hash: open.context.parentReportHash, states: ["Reported", "Final"] }]]));
  }

  async function report(from: Address, value: Report): Promise<void> {
    const { round, attempt, sealHash, artefact } = value;
    const [state, epoch] = await Promise.all([kernel.rounds.read.roundOf([federation, round]), kernel.seats.read.consentEpoch([federation])]);
    if (ROUND_STATES[state.state] !== "Sealed" || state.attempt !== attempt) throw early(`Round ${round} is ${ROUND_STATES[state.state] ?? "unknown"}, attempt ${state.attempt}.`);
    if (state.hash !== sealHash) throw wrong(`Round ${round} is sealed as ${state.hash}, not as ${sealHash}.`);
    if (state.consentEpoch !== epoch) throw early("Somebody has withdrawn since the seal.");
    const parent = await ledger.report(state.parentRound);
    if (parent === null) throw early(`Round ${state.parentRound} has no report.`);
    const [facts, base] = await Promise.all([readPart(kernel, federation, [round]), ledger.model(parent)]);
    // Whoever signs keeps a copy: what a quorum vouched for does not vanish with whoever asked.
    await library.bring(artefact, from, (await inbox.holds(artefact)) ? inbox.held(artefact) : null);
    await checkReport({ facts, report: value, base, store: library, recomputation, reader: escrow });
    if (value.excluded !== 0n) await requireAbsent(value, parent.reportHash);
    await requireProven(prover, federation, new Map([[round, { hash: sealHash, states: ["Sealed"], attempt }], [parent.round, { hash: parent.reportHash, states: ["Reported", "Final"] }]]));
  }

  /** What is excluded must not be here: nobody loses its pay because an asker left its update out. */
  async function requireAbsent({ round, excluded, artefact }: Report, parent: Hex): Promise<void> {
    const { entries, config } = await readRoundManifest(await library.open(artefact));
    for (const held of await heldFor(round, parent)) {
      const here = await judged(held, configHash(config));
      const present = entries.find(({ seat, updateRoot }, i) => ((excluded >> BigInt(i)) & 1n) === 1n && here?.get(seat) === updateRoot);
      if (present !== undefined) throw wrong(`Round ${round} excludes seat ${present.seat}, whose update came in ${held.bundle}.`);
    }
  }

  async function settlement(from: Address, value: SettlementStatement): Promise<void> {
    const { index, attempt, firstRound, lastRound, artefact } = value;
    const account = await kernel.settlement.read.accountOf([federation]);
    if (account.state !== 0 || account.nextIndex !== index || account.attempt !== attempt || account.settledThrough + 1 !== firstRound || lastRound < firstRound) {
      throw early(`Settlement ${account.nextIndex}, attempt ${account.attempt}, is next, from round ${account.settledThrough + 1} on.`);
    }
    const { last } = await kernel.rounds.read.headOf([federation]);
    if (lastRound > last) throw early(`Round ${lastRound} is not there.`);
    for (let round = firstRound; round <= lastRound; round++) {
      const name = ROUND_STATES[(await kernel.rounds.read.roundOf([federation, round])).state] ?? "None";
      if (name !== "Final" && name !== "Void") throw early(`Round ${round} is ${name}.`);
    }
    const at = await settlementOf(kernel, federation, lastRound);
    if (value.lastReportHash !== at.question.lastReportHash) throw wrong(`The last report that it covers is ${at.question.lastReportHash}.`);
    await requireProven(prover, federation, new Map(at.rounds.map(({ round, state, reportHash }) => [round, { hash: state === "Final" ? reportHash : null, states: [state] }])));
    const covered = await readCovered({ kernel, store: library, ledger, escrow, recomputation }, firstRound, lastRound);
    await library.bring(artefact, from);
    // Terms are in the bundle, and their hash on chain; points are signed, holdouts committed: none of it has to be here to be checked.
    if (quality !== null) requireSources(quality, covered, federation);
    const expected = covered.scoringId !== QUALITY_V1 ? null : await expectQuality(kernel, covered.termsHash, { facts: at.facts, store: library, question: at.question, previous: at.previous, scored: covered.scored });
    await checkSettlement({ ...covered, facts: at.facts, statement: value, pool: at.pool, payees: at.payees, store: library, quality: expected });
  }

  /** What an asked statement is about, as the chain has it. */
  async function standing({ value }: Asked): Promise<string> {
    if ("round" in value) {
      const { state, attempt, hash } = await kernel.rounds.read.roundOf([federation, value.round]);
      return `${state} ${attempt} ${hash}`;
    }
    const { nextIndex, attempt, state } = await kernel.settlement.read.accountOf([federation]);
    return `${nextIndex} ${attempt} ${state}`;
  }

  async function judgeNow(from: Address, asked: Asked): Promise<void> {
    if (asked.name === "Seal") return seal(from, asked.value, asked.entries);
    if (asked.name === "Report") return report(from, asked.value);
    return settlement(from, asked.value);
  }

  return async (from, asked) => {
    const before = await standing(asked);
    try {
      await judgeNow(from, asked);
    } catch (error) {
      // What was read before and after another operator's transaction does not fit together: it says nothing about who asks.
      if ((await standing(asked).catch(() => before)) !== before) throw early("Another operator was faster.");
      throw error;
    }
  };
}

/** Updates that are here, by seat. */
type Present = ReadonlyMap<number, Hex>;
const presentIn = ({ entries, updates, escrow }: Handed): Present =>
  new Map(entries.flatMap(({ seat, updateRoot }) => (updates.has(seat) || escrow?.envelopes.has(seat) === true ? [[seat, updateRoot] as const] : [])));

const MOST_REMEMBERED = 16;

/** Whether a bundle has exactly these entries among its own. */
async function lists(folder: Folder, wanted: readonly Entry[], config: Hex): Promise<boolean> {
  const manifest = await readRoundManifest(folder);
  if (configHash(manifest.config) !== config) return false;
  const signatures = unpackHex(await readFile(folder, ROUND_FILES.signatures, manifest.entries.length * COLUMN_WIDTHS.signatures), COLUMN_WIDTHS.signatures);
  const own = new Map(manifest.entries.map(({ seat, updateRoot }, i) => [seat, `${updateRoot} ${signatures[i] ?? ""}`]));
  return wanted.every(({ seat, updateRoot, signature }) => own.get(seat) === `${updateRoot} ${signature}`);
}
