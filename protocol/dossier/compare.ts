/** What is proven of a ledger, against what a dossier's facts say of it. What is not compared here stays the word of whoever exported them. */
import type { Ledgerbook } from "../audit/findings.ts";
import type { ContractName } from "../deployment.ts";
import type { LedgerFacts } from "../ledger/facts.ts";
import type { Header } from "../proofs/header.ts";
import type { ProvenLedger } from "../proofs/ledger.ts";
import { DOSSIER_FILES } from "./manifest.ts";

const WORDLESS = /^0x0{64}$/;

/** Every difference is a finding about the entry that the ledger holds otherwise. */
export function compareProven(book: Pick<Ledgerbook, "same">, facts: LedgerFacts, { number, timestamp }: Pick<Header, "number" | "timestamp">, proven: ProvenLedger): void {
  const same = (entry: string, name: string, expected: string | number | bigint, actual: string | number | bigint) => book.same(entry, DOSSIER_FILES.facts, `proven ${name}`, expected, actual);
  same("ledger", "block", number, facts.asOf.block);
  same("ledger", "time", timestamp, facts.asOf.timestamp);
  same("ledger", "number of rounds", proven.head.last, facts.rounds.length);
  same("genesis", "hash", proven.rounds.get(0)?.hash ?? "none", facts.genesis.reportHash);
  for (const { round, state, attempt, parentRound, entries, accepted, report } of facts.rounds) {
    const entry = `round ${round}`;
    const found = proven.rounds.get(round);
    if (found === undefined) {
      same(entry, "state", "none", state);
      continue;
    }
    same(entry, "state", found.state, state);
    same(entry, "attempt", found.attempt, attempt);
    same(entry, "parent round", found.parentRound, parentRound);
    same(entry, "entries", found.entries, entries);
    same(entry, "accepted entries", found.accepted, accepted);
    const isReported = found.state === "Reported" || found.state === "Final";
    if (isReported || report !== null) same(entry, "report hash", isReported ? found.hash : "none", report?.reportHash ?? "none");
  }
  if (facts.freezes !== null) same("freezes", "end of the last freeze", proven.frozenUntil ?? "unknown", facts.freezes.until);
  compareSettlements(same, facts, proven);
  compareClaims(same, facts, proven);
  compareDatasets(same, facts, proven);
  for (const [name, hash] of Object.entries(facts.deployment.codeHashes ?? {})) same("ledger", `code of ${name}`, proven.codeHashes.get(name as ContractName) ?? "none", hash);
}

type Same = (entry: string, name: string, expected: string | number | bigint, actual: string | number | bigint) => void;

/** The slots hold the last settlement; those before it follow from its bundle, which names the one before, and so on. */
function compareSettlements(same: Same, { settlements, vault, rewardsRoot, credited }: LedgerFacts, { settlement, vault: held }: ProvenLedger): void {
  const { isProposed, nextIndex, statementHash } = settlement;
  const proposed = settlements.filter(({ state }) => state === "Proposed");
  same("ledger", "settlements under way", isProposed ? 1 : 0, proposed.length);
  const last = settlements.at(-1);
  const stands = !WORDLESS.test(statementHash);
  same("ledger", "last settlement", stands ? nextIndex - (isProposed ? 0 : 1) : "none", stands ? (last?.index ?? "none") : isProposed ? "one" : "none");
  if (stands && last !== undefined) {
    const entry = `settlement ${last.index}`;
    same(entry, "statement", statementHash, last.statementHash);
    same(entry, "rewards root", settlement.rewardsRoot, last.rewardsRoot);
    same(entry, "last round", isProposed ? settlement.proposedThrough : settlement.settledThrough, last.lastRound);
  }
  if (held === null) return;
  same("vault", "address", held.address, vault);
  same("vault", "rewards root", held.rewardsRoot, rewardsRoot);
  same("vault", "credited", held.credited, credited);
}

/** The vault adds up what each seat has claimed: a claim that is left out, or made up, is missing in the sum. */
function compareClaims(same: Same, { claims }: LedgerFacts, { vault }: ProvenLedger): void {
  const said = new Map<number, bigint>();
  for (const { index, amount } of claims) said.set(index, (said.get(index) ?? 0n) + amount);
  for (const [index, paid] of vault?.paid ?? []) same("claims", `claimed by seat ${index}`, paid, said.get(index) ?? 0n);
  if (vault === null) same("claims", "number of claims without a vault", 0, claims.length);
}

function compareDatasets(same: Same, { datasets }: LedgerFacts, { datasets: proven }: ProvenLedger): void {
  if (proven === null) return;
  same("ledger", "number of datasets", proven.count, datasets.length);
  for (const { dataset, status, version, card } of datasets) {
    const found = proven.by.get(dataset);
    for (const [field, said] of Object.entries({ status, version, card })) same(`dataset ${dataset}`, field, found?.[field as keyof typeof found] ?? "none", said);
  }
}
