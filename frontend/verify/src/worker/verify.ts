/** One verification from beginning to end: what is asked about, from whom, and what every rung of the ladder comes to. */
import type { Hex } from "viem";
import { auditLedger } from "../../../../protocol/audit/audit.ts";
import type { Finding } from "../../../../protocol/audit/findings.ts";
import type { Rung } from "../../../../protocol/audit/report.ts";
import { ChongwenError } from "../../../../protocol/errors.ts";
import type { LedgerFacts } from "../../../../protocol/ledger/facts.ts";
import { readFacts } from "../../../../protocol/ledger/read-facts.ts";
import type { Scope } from "../../../../protocol/ledger/scope.ts";
import { createLedgerClient } from "../chain/client.ts";
import type { CodeCheck } from "../chain/code.ts";
import { createEndpoint } from "../chain/endpoint.ts";
import { createQuorum, type Quorum } from "../chain/quorum.ts";
import type { ArtefactCache } from "../store/artefacts.ts";
import type { Subject } from "../subject.ts";
import { chainProblem, chainRung, codeRung, readCode, rung } from "./chain-rungs.ts";
import { artefactRung, meaningRung, modeOf, recordRung, verifyLoose } from "./entry-rungs.ts";
import type { Outcome, Question, Setting } from "./question.ts";
import { bundleSubject, findHashes, resolveTransaction, targetOf, type Target } from "./resolve.ts";
import { openReward } from "./reward.ts";

/** What the chain, or a record of it, gave. */
export interface Ledger {
  readonly facts: LedgerFacts;
  readonly recorded: boolean;
}

/** Reads facts once more for another scope. */
type ReadLedger = (federation: number, scope: Scope) => Promise<Ledger>;

/** Kept between verifications, so that a flipped byte is judged without asking anybody again. */
export interface Kept {
  readonly ledger: Ledger | null;
  readonly target: Target;
  readonly scope: Scope;
  readonly chain: Rung;
  readonly code: readonly CodeCheck[];
  readonly codeRung: Rung;
  readonly witnesses: Outcome["chain"];
  readonly problem: Rung | null;
}

/** Nothing of it in full: only what has no scope. */
const NOTHING: Scope = { round: -1 };

export async function ask(question: Question, setting: Setting, cache: ArtefactCache): Promise<Kept> {
  const { address, deployment, given } = question;
  const urls = address.endpoints.length > 0 || setting.home === null || deployment === null || given.facts !== null ? address.endpoints : [deployment.rpcUrl];
  let quorum: Quorum | null = null;
  let chain = rung("chain", "unchecked", given.facts === null ? "no-chain" : "recorded", { block: String(given.facts?.asOf.block ?? "") });
  if (deployment !== null && urls.length > 0) {
    try {
      quorum = await createQuorum(urls.map((url) => createEndpoint(url, setting.network)), deployment.chainId, address.needed);
    } catch (error) {
      chain = chainProblem(error);
    }
  }

  const read: ReadLedger = async (federation, scope) => {
    if (quorum !== null && deployment !== null) return { facts: await readFacts({ client: createLedgerClient(quorum), deployment }, federation, scope), recorded: false };
    if (given.facts !== null && given.facts.federation === federation) return { facts: given.facts, recorded: true };
    throw new ChongwenError({ code: "ledger-not-recorded", message: "There is no chain to ask, and no record of one.", fix: "Name an endpoint, or drop the recorded ledger (ledger.json) on the page." });
  };

  let [target, ledger, problem]: [Target, Ledger | null, Rung | null] = [{ subject: address.subject, federation: address.federation, found: [] }, null, null];
  let scope: Scope = NOTHING;
  try {
    target = await resolve(question, quorum, cache, read);
    scope = await scopeOf(target, read);
    ledger = await read(target.federation, scope);
  } catch (error) {
    if (error instanceof ChongwenError && (error.code === "ledger-not-recorded" || error.code === "federation-unknown" || error.code === "chain-incomplete")) {
      // That a chain was asked in vain is said where the chain is.
      if (error.code !== "ledger-not-recorded" || chain.reason === "no-chain") problem = rung("record", error.code === "federation-unknown" ? "failed" : "unchecked", error.code, { message: error.message });
    } else {
      chain = chainProblem(error);
    }
  }
  if (quorum !== null && (chain.reason === "no-chain" || chain.reason === "recorded")) chain = chainRung(quorum, address.own);

  let code: CodeCheck[] = [];
  let codes = rung("code", "unchecked", "no-chain");
  if (quorum !== null && deployment !== null && chain.state !== "failed") {
    try {
      code = await readCode(quorum, deployment, ledger === null ? null : ledger.facts.vault, setting.codeTable);
      codes = codeRung(code);
    } catch (error) {
      codes = rung("code", "unchecked", "unreadable", { message: error instanceof Error ? error.message : String(error) });
    }
  }
  const witnesses =
    quorum === null || deployment === null
      ? null
      : {
          chainId: deployment.chainId,
          block: String(quorum.block),
          needed: quorum.needed,
          endpoints: quorum.witnesses().map(({ url, said, note }) => ({ url, said: note === "" ? said : `${said}: ${note}` })),
        };
  return { ledger, target, scope, chain, code, codeRung: codes, witnesses, problem };
}

/** What the reader has in hand, as an entry of the ledger. */
async function resolve({ address, deployment, given }: Question, quorum: Quorum | null, cache: ArtefactCache, read: ReadLedger): Promise<Target> {
  const { subject, federation } = address;
  const asked: Target = { subject, federation, found: [] };
  if (subject.kind === "tx" && quorum !== null && deployment !== null) return (await resolveTransaction(quorum, deployment, subject.hash)) ?? asked;
  if (subject.kind === "hash" || subject.kind === "artefact") {
    const { facts } = await read(federation, NOTHING);
    return targetOf(await findHashes(facts, cache, [subject.hash]), federation, subject);
  }
  if (subject.kind !== "none") return asked;
  for (const [, files] of given.artefacts) {
    const said = bundleSubject(files.get("manifest.json"));
    if (said !== null) return { ...said, found: [] };
  }
  return asked;
}

async function scopeOf({ subject, federation }: Target, read: ReadLedger): Promise<Scope> {
  if (subject.kind === "round") return { round: subject.number };
  if (subject.kind === "settlement") return { settlement: subject.number };
  if (subject.kind !== "seat") return NOTHING;
  const { facts } = await read(federation, NOTHING);
  const last = facts.settlements.findLast(({ state }) => state === "Final");
  return last === undefined ? NOTHING : { settlement: last.index };
}

/** The rungs that depend on artefacts: computed again after a byte was flipped. */
export async function judge(question: Question, setting: Setting, cache: ArtefactCache, kept: Kept, tampered: string | null): Promise<Outcome> {
  const started = performance.now();
  const { ledger, target, scope, chain, code, codeRung: codes, witnesses, problem } = kept;
  const page = rung("page", "unchecked", setting.home === null ? "page-file" : "page-served", { host: setting.home === null ? "" : new URL(setting.home).host });
  const found = { ...target, chain: witnesses, code };
  const finish = (rest: readonly Rung[], more: Partial<Outcome> = {}, asked: readonly Hex[] | null = null): Outcome => ({
    ...found,
    findings: [],
    comparisons: [],
    reward: null,
    privacyMode: null,
    tampered,
    loaded: [...cache.loaded].filter(([artefact]) => asked === null || asked.includes(artefact)).flatMap(([artefact, files]) => [...files].map(([path, bytes]) => ({ artefact, path, bytes: bytes.length }))),
    ...more,
    rungs: [page, chain, codes, ...rest],
    milliseconds: Math.round(performance.now() - started),
  });

  if (ledger === null || scope === NOTHING) return finish(...(await verifyLoose({ question, cache, ledger, target, problem, chain })));
  const { facts } = ledger;
  const record = recordRung(ledger, target.subject, scope);
  if (record.state === "failed") return finish([record, rung("artefact", "unchecked", "no-record"), rung("meaning", "unchecked", "no-record")], { findings: [notFound(target.subject)] });

  const report = await auditLedger({ facts, store: cache, scope, despiteDamage: true });
  const artefact = await artefactRung(facts, scope, cache);
  const strays = strayArtefacts(question, facts, target.subject);
  const findings = [...report.findings, ...strays, ...chainFindings(chain)];
  const meaning = meaningRung(report, artefact);
  const more = { findings, comparisons: report.comparisons, privacyMode: await modeOf(facts, scope, cache) };
  if (target.subject.kind !== "seat") return finish([record, artefact.rung, meaning], more, artefact.digests);
  const reward = await openReward(facts, report.members, target.subject.number);
  return finish([record, artefact.rung, meaning.state === "computed" && reward !== null ? { ...meaning, state: "proven", reason: "reward-proven" } : meaning], { ...more, reward }, artefact.digests);
}

function notFound(subject: Subject): Finding {
  return { kind: "mismatch", entry: "number" in subject ? `${subject.kind} ${subject.number}` : subject.kind, subject: "", message: "the ledger has no such entry" };
}

/** A chain that could not be relied on leaves everything unverified, whatever the artefacts say. */
function chainFindings({ state, values, reason }: Rung): Finding[] {
  return state === "failed" ? [{ kind: "unverified", entry: "chain", subject: "", message: values["message"] ?? reason }] : [];
}

/** A dropped bundle that says it is this round, and is not the one that the ledger names. */
function strayArtefacts({ given }: Question, facts: LedgerFacts, subject: Subject): Finding[] {
  if (subject.kind !== "round") return [];
  const named = facts.rounds.find(({ round }) => round === subject.number)?.report?.artefact;
  return [...given.artefacts].flatMap(([digest, files]) => {
    const said = bundleSubject(files.get("manifest.json"));
    const same = said?.subject.kind === "round" && said.subject.number === subject.number && said.federation === facts.federation;
    return same && digest !== named ? [{ kind: "mismatch" as const, entry: `round ${subject.number}`, subject: "manifest.json", message: `the given bundle is artefact ${digest}; the ledger names ${named ?? "none"}` }] : [];
  });
}

