/** Sections of a model card on where the model comes from: data, consent, privacy, lineage. Pure. */
import { tombstonesOf } from "../ledger/tombstones.ts";
import { epsilonOf, NANO } from "../privacy/zcdp.ts";
import { cell } from "./escape.ts";
import { countedIn, isWholeLineage, type CardDataset, type CardRound, type ModelFacts } from "./model-facts.ts";

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [`| ${head.join(" | ")} |`, `|${head.map(() => "---|").join("")}`, ...rows.map((row) => `| ${row.join(" | ")} |`)];

const day = (seconds: bigint): string => new Date(Number(seconds) * 1000).toISOString().slice(0, 10);

const UNREAD = "> Part of the lineage could not be read: there may be more contributors, data, licences and withdrawals than are named here.";

function roundsOf({ lineage }: ModelFacts, seats: ReadonlySet<number>): string {
  const rounds = lineage.filter((round) => countedIn(round).some(({ seat }) => seats.has(seat))).map(({ round }) => round);
  return ranges(rounds);
}

/** 1–3, 5. */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.length === 0 ? "–" : runs.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(", ");
}

export function data(facts: ModelFacts): string[] {
  const trained = facts.seats.filter(({ seat }) => facts.lineage.some((round) => countedIn(round).some((entry) => entry.seat === seat)));
  const wordsOf = (dataset: number): CardDataset["words"] => facts.datasets.find((one) => one.dataset === dataset)?.words ?? null;
  return [
    "## Data and contributors", "", ...(isWholeLineage(facts) ? [] : [UNREAD, ""]),
    "Seats are what the ledger knows of contributors: institutions by number, no persons. Names are those that the cards of the data give (attested).", "",
    ...table(
      ["Seat", "Contributor", "Organisation", "Dataset", "Institution, by its card", "Rounds with weight"],
      trained.map(({ seat, contributor, organisation, dataset }) => [String(seat), String(contributor), String(organisation), String(dataset), cell(wordsOf(dataset)?.institution ?? ""), roundsOf(facts, new Set([seat]))]),
    ),
    "",
    ...table(
      ["Dataset", "Title, by its card", "Version used", "Records", "Licence", "Legal basis", "Ethics approval, until", "Consent form", "Card"],
      facts.datasets.flatMap(({ dataset, words, terms }) =>
        terms.map(({ version, records, licence, legalBasis, ethicsApproval, ethicsExpiry, consentVersion, card }) => [
          String(dataset), words === null ? "could not be read" : cell(words.title ?? ""), String(version), String(records), cell(licence), cell(legalBasis), `${cell(ethicsApproval)}, ${day(ethicsExpiry)}`, `version ${consentVersion}`, `\`${card}\``,
        ]),
      ),
    ),
  ];
}

function standing({ status, withdrawnAt, heldUntil, terms }: CardDataset): string {
  const versions = terms.map(({ consentVersion }) => consentVersion).join(", ");
  if (withdrawnAt !== null) return `**withdrawn** in block ${withdrawnAt}, retired for ever`;
  const hold = heldUntil === null ? "" : `; held by the ethics council until ${day(heldUntil)} at least`;
  return `${status}${hold}; used under consent form ${versions}`;
}

export function consent(facts: ModelFacts): string[] {
  const steps = new Map(facts.lineage.map((round, i) => [round.round, { round: round.round, parent: facts.lineage[i - 1]?.round ?? 0, datasets: round.entries === null ? undefined : datasetsIn(facts, round) }]));
  const withdrawn = new Set(facts.datasets.filter(({ withdrawnAt }) => withdrawnAt !== null).map(({ dataset }) => dataset));
  const { tombstones, isComplete } = tombstonesOf(facts.round, steps, withdrawn);
  return [
    "## Consent", "",
    `As of block ${facts.lastChange}, the last in which anything that this card rests on changed. Later withdrawals are on the ledger only.`, "",
    ...table(["Dataset", "Custodian", "State"], facts.datasets.map((one) => [String(one.dataset), `organisation ${one.custodian}`, standing(one)])),
    "",
    ...(tombstones.length === 0
      ? [isComplete ? "No tombstone: no dataset of its lineage was withdrawn." : "No tombstone is known; the lineage could not be read whole."]
      : ["Tombstones. A model keeps what it learnt; whoever passes it on has to decide whether it may:", "", ...tombstones.map(({ dataset, since }) => `- dataset ${dataset} was withdrawn; its records took part in round ${ranges(since)}`)]),
  ];
}

export function datasetsIn({ seats }: Pick<ModelFacts, "seats">, round: CardRound): ReadonlySet<number> {
  const dataset = new Map(seats.map((seat) => [seat.seat, seat.dataset]));
  return new Set(countedIn(round).map(({ seat }) => dataset.get(seat) ?? 0));
}

const MODES = ["A: updates are public; everybody can recompute", "B: updates are encrypted to the operators and to auditors", "C: updates are masked; only sums are known"];

/** Six places, and what is not nothing never reads as nothing. */
const rho = (nano: bigint): string => `${nano / BigInt(NANO)}.${String(nano % BigInt(NANO)).padStart(9, "0")}`;
/** Rounded up: it is a bound. */
const epsilon = (nano: bigint, delta: number): string => (Math.ceil(epsilonOf(nano, delta) * 100) / 100).toFixed(2);

export function privacy({ config, datasets, delta }: ModelFacts): string[] {
  return [
    "## Privacy", "",
    `Mode ${MODES[config.privacyMode] ?? "unknown"}. ${config.rhoPerRound === 0 ? "The configuration of this round charges no privacy budget." : `This round charged ${config.rhoPerRound} nano-ρ to each seat that is not exempt.`}`, "",
    ...table(
      ["Dataset", "ρ charged in this lineage", "ρ charged in all", "ρ at most", `ε so far, at δ = ${delta}`, `ε at most, at δ = ${delta}`],
      datasets.map(({ dataset, exempt, spentHere, spent, cap }) =>
        exempt
          ? [String(dataset), "exempt: public data", "–", "–", "–", "–"]
          : [String(dataset), spentHere === null ? "not known" : rho(spentHere), rho(spent), rho(cap), epsilon(spent, delta), epsilon(cap, delta)],
      ),
    ),
    "",
    "Zero-concentrated differential privacy; ε = ρ + 2·√(ρ·ln(1/δ)), rounded up. That the budget was charged is enforced; that the noise behind it was added, and for which unit, is attested by the contributors.",
  ];
}

export function lineage(facts: ModelFacts): string[] {
  const rows = facts.lineage.map(({ round, state, entries, reportHash }) => {
    const dropped = entries?.filter((entry) => entry.dropped !== null).map(({ seat, dropped }) => `seat ${seat} (${dropped})`) ?? [];
    const excluded = entries?.filter((entry) => entry.excluded).map(({ seat }) => `seat ${seat}`) ?? [];
    const counted = entries === null ? "not read" : String(countedIn({ entries } as CardRound).length);
    return [String(round), state, counted, dropped.join(", ") || "–", excluded.join(", ") || "–", `\`${reportHash}\``];
  });
  return [
    "## Lineage", "", ...(isWholeLineage(facts) ? [] : [UNREAD, ""]),
    "Every round pins the report of the one before it. *Dropped*: the contract gave the entry no weight. *Excluded*: its payload never came.", "",
    ...table(["Round", "State", "Entries counted", "Dropped", "Excluded", "Report"], [["0", "first model", "–", "–", "–", `\`${facts.genesis}\``], ...rows]),
  ];
}
