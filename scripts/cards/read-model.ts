/** Everything that a model card says, gathered from the chain and the store. */
import { SINGLE_FILE } from "../../protocol/audit/store.ts";
import { readCardWords } from "../../protocol/cards/card-words.ts";
import type { CardDataset, CardRound, CardTerms, CardWords, ModelFacts } from "../../protocol/cards/model-facts.ts";
import { datasetsIn } from "../../protocol/cards/model-history.ts";
import { readCardEvaluation, readCardRound, type ReadRound } from "../../protocol/cards/read-round.ts";
import { CARD_LIMIT } from "../../protocol/cards/registration.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { LedgerFacts, RoundFacts } from "../../protocol/ledger/facts.ts";
import { DATASET_STATES } from "../../protocol/ledger/states.ts";
import { parameterCount } from "../../protocol/model-spec.ts";
import type { Kernel } from "../chain/kernel.ts";
import { seatsOf, spendingOf } from "../commands/privacy.ts";
import type { ArtefactStore } from "../store/index.ts";
import { readHistory, type History } from "./read-history.ts";

export interface ModelSource {
  readonly kernel: Kernel;
  readonly store: ArtefactStore;
  readonly facts: LedgerFacts;
  readonly round: number;
  readonly audit: ModelFacts["audit"];
  readonly delta: number;
  readonly page: string | null;
}

type Reported = RoundFacts & { readonly report: NonNullable<RoundFacts["report"]> };

/** @throws model-unreadable when the round's own bundle is not there, or not the one that was reported */
export async function readModel(source: ModelSource): Promise<ModelFacts> {
  const { kernel, store, facts, round, audit, delta, page } = source;
  const history = await readHistory(kernel, facts.federation);
  const line = lineageOf(facts, round);
  const read = new Map<number, ReadRound | null>();
  for (const one of line) read.set(one.round, await readBundle(store, one, history));
  const own = read.get(round);
  const last = line.at(-1);
  const config = history.configs.get(last?.configHash ?? "0x");
  if (own === null || own === undefined || last === undefined || config === undefined) {
    throw new ChongwenError({ code: "model-unreadable", message: `The bundle of round ${round} could not be read, or is not the one that was reported: there is nothing to describe.`, fix: "Fetch the artefact from another store (--store, --ipfs); `chongwen audit` says what is wrong with it." });
  }
  const lineage = line.map(({ round: number, state, report: { reportHash, artefact } }): CardRound => ({ round: number, state, reportHash, artefact, entries: read.get(number)?.entries ?? null }));
  const seats = [...history.seatOf]
    .map(([seat, { contributor, dataset }]) => ({ seat, contributor, organisation: history.organisations.get(contributor) ?? 0, dataset }))
    .sort((a, b) => a.seat - b.seat);
  const reader = await store.open(last.report.artefact);
  const base = {
    chainId: facts.deployment.chainId, ledger: facts.deployment.contracts.rounds, federation: facts.federation, round, lastChange: history.lastChange,
    config, configHash: last.configHash, parameters: parameterCount(own.manifest.modelSpec), genesis: facts.genesis.reportHash, state: last.state,
    reportHash: last.report.reportHash, metricsHash: last.report.metricsHash, modelRoot: last.report.modelRoot, artefact: last.report.artefact,
    evaluation: await readCardEvaluation(reader, own.manifest), lineage, seats, audit, delta, page,
  };
  return { ...base, datasets: await readDatasets(source, history, base, read) };
}

/** From the first round to this one. */
function lineageOf({ rounds }: LedgerFacts, round: number): Reported[] {
  const line: Reported[] = [];
  for (let at = round; at !== 0; ) {
    const found = rounds.find((one): one is Reported => one.round === at && one.report !== null);
    if (found === undefined || line.includes(found)) break;
    line.unshift(found);
    at = found.parentRound;
  }
  return line;
}

/** Whatever is wrong with an earlier bundle, it is no reason not to describe a later model: the card says that it was not read. */
async function readBundle(store: ArtefactStore, { round, report }: Reported, { sealed }: History): Promise<ReadRound | null> {
  try {
    return await readCardRound(await store.open(report.artefact, { label: `round ${round}` }), report, sealed.get(round)?.drops ?? new Map());
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    return null;
  }
}

type Base = Pick<ModelFacts, "lineage" | "seats" | "delta">;

async function readDatasets({ kernel, store }: ModelSource, history: History, { lineage, seats, delta }: Base, read: ReadonlyMap<number, ReadRound | null>): Promise<CardDataset[]> {
  const used = new Map<number, Map<number, CardTerms>>();
  for (const round of lineage) {
    const { block } = history.sealed.get(round.round) ?? { block: 0n };
    for (const dataset of datasetsIn({ seats }, round)) {
      const from = history.termsOf.get(dataset)?.findLast((one) => one.block <= block);
      if (from !== undefined) used.set(dataset, new Map(used.get(dataset)).set(from.version, { ...from.terms, version: from.version }));
    }
  }
  const everywhere = await seatsOf(kernel);
  const whole = [...read.values()].every((one) => one !== null);
  return Promise.all(
    [...used].sort(([a], [b]) => a - b).map(async ([dataset, versions]): Promise<CardDataset> => {
      const terms = [...versions.values()].sort((a, b) => a.version - b.version);
      const [{ status, custodian }, { cap, spent, exempt }] = await Promise.all([kernel.datasets.read.datasetOf([dataset]), spendingOf(kernel, dataset, everywhere, delta)]);
      const own = new Set(seats.filter((seat) => seat.dataset === dataset).map(({ seat }) => seat));
      const here = [...read.values()].flatMap((one) => [...(one?.charged ?? [])]).reduce((sum, [seat, charge]) => sum + (own.has(seat) ? charge : 0n), 0n);
      return {
        dataset, custodian, status: DATASET_STATES[status] ?? "None", withdrawnAt: history.withdrawn.get(dataset) ?? null, heldUntil: history.held.get(dataset) ?? null,
        terms, words: await readWords(store, terms.at(-1)?.card), exempt, cap, spent, spentHere: whole ? here : null,
      };
    }),
  );
}

async function readWords(store: ArtefactStore, card: CardTerms["card"] | undefined): Promise<CardWords | null> {
  if (card === undefined) return null;
  try {
    const bytes = await (await store.open(card)).read(SINGLE_FILE);
    return bytes.length > CARD_LIMIT ? null : readCardWords(bytes);
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    return null;
  }
}
