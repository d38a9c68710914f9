/** What the worker answers, given the flow that it holds. */
import { readRoundManifest } from "../../../protocol/bundle/round-manifest.ts";
import { columnHash, COLUMN_WIDTHS, packUints } from "../../../protocol/columns.ts";
import {
  bandsOf,
  drawAtlas,
  drawCatalogue,
  drawOverlay,
  everything,
  FATE_COUNT,
  find,
  isAccepted,
  lineageOf,
  onlyFates,
  onlyRounds,
  onlySeats,
  poolsOf,
  reconcile,
  slipOf,
  slipsOfSeat,
  sumBy,
  withheldShare,
  both,
  type AtlasNode,
  type Filter,
  type FlowTable,
  type Plan,
  type Query,
} from "../../../protocol/flow/index.ts";
import type { Account, Opened, Part, Requests, SlipDetail } from "./messages.ts";
import type { Flow } from "./open.ts";

const PROFILE = 64;

/** The last view: its folding is what overlays are drawn with. */
let view: { readonly key: string; readonly drawn: ReturnType<typeof drawAtlas> } | undefined;

const keyOf = (query: Query): string => JSON.stringify(query);

function viewOf(table: FlowTable, query: Query): ReturnType<typeof drawAtlas> {
  const key = keyOf(query);
  if (view?.key !== key) view = { key, drawn: drawAtlas(table, query) };
  return view.drawn;
}

export function forgetView(): void {
  view = undefined;
}

export function answer(flow: Flow, ask: Exclude<Requests[keyof Requests]["ask"], Requests["open"]["ask"]>): unknown {
  const { table } = flow;
  switch (ask.kind) {
    case "atlas":
      return viewOf(table, ask.query).atlas;
    case "overlay": {
      const { atlas, plan } = viewOf(table, ask.query);
      return drawOverlay(table, ask.query, plan, partOf(table, atlas.nodes, plan, ask.part));
    }
    case "catalogue":
      return drawCatalogue(table, ask.query);
    case "lineage":
      return ask.items.map((item) => lineageOf(table, ask.query, item));
    case "find":
      return find(table, ask.text);
    case "slips":
      return slipsOfSeat(table, ask.seat).filter(({ hidden }) => !hidden);
    case "slip":
      return slipDetail(flow, ask.seat, ask.round);
    case "account":
      return accountOf(flow);
  }
}

export function describe({ table, source, missing }: Flow): Opened {
  const { index } = table;
  return {
    synthetic: index.synthetic,
    source,
    chainId: index.chainId,
    ledger: index.ledger,
    federation: index.federation,
    block: index.block,
    rows: table.rows,
    rounds: { first: table.roundNumbers[0] ?? 0, last: table.roundNumbers.at(-1) ?? 0 },
    datasets: index.datasets,
    institutions: index.institutions,
    seats: index.seats,
    epochs: index.epochs.map(({ epoch, firstRound, lastRound, modelRoot, settlement }) => ({ epoch, firstRound, lastRound, modelRoot, settlement: settlement?.index ?? null })),
    withheld: {
      seats: table.withheld.seats,
      rows: table.withheld.rows,
      smallest: table.withheld.smallest,
      hidden: [...table.withheld.hidden.keys()].filter((seat) => table.withheld.hidden[seat] === 1),
    },
    missing,
    profile: profileOf(table),
  };
}

function profileOf(table: FlowTable): number[] {
  const filter = everything(table);
  const { bands, spans } = bandsOf(filter.rounds, PROFILE);
  const { limbs } = sumBy(table, "weight", filter, { of: bands.of, count: Math.max(1, spans.length) });
  const sums = spans.map((_, band) => {
    let sum = 0;
    for (let i = 0; i < table.index.institutions.length; i++) sum += limbs[0]?.institutionBand[i * spans.length + band] ?? 0;
    return sum;
  });
  const most = Math.max(1, ...sums);
  return sums.map((sum) => sum / most);
}

/** The rows behind a node or a followed contribution. */
function partOf(table: FlowTable, nodes: readonly AtlasNode[], { spans }: Plan, part: Part): Filter {
  if (part.kind === "seat") return part.round === null ? onlySeats(table, [part.seat]) : both(onlySeats(table, [part.seat]), onlyRounds(table, [part.round]));
  const node = nodes.find(({ key }) => key === part.key);
  const none: Filter = { ...everything(table), fates: new Uint8Array(FATE_COUNT) };
  if (node === undefined) return none;
  const [first, last] = [node.members[0] ?? 0, node.members.at(-1) ?? 0];
  const members = new Set(node.members);
  switch (node.column) {
    case 0:
      return withSeats(table, (seat) => members.has(table.datasetOf[seat] ?? -1));
    case 1:
      return withSeats(table, (seat) => members.has(table.institutionOf[seat] ?? -1));
    case 2: {
      const span = spans.find(({ first: position }) => table.roundNumbers[position] === first);
      return span === undefined ? none : withRounds(table, (round) => round >= span.first && round <= span.last);
    }
    case 3:
      if (node.kind === "rejected") return onlyFates(table, "rejected");
      return node.kind === "pool" ? none : both(onlyFates(table, "accepted"), withRounds(table, (round) => (table.epochOf[round] ?? -1) >= first && (table.epochOf[round] ?? -1) <= last));
    default:
      return node.kind === "rolled" ? none : onlyFates(table, [...members].filter(isAccepted));
  }
}

function withSeats(table: FlowTable, wanted: (seat: number) => boolean): Filter {
  const filter = everything(table);
  return { ...filter, seats: filter.seats.map((shown, seat) => (wanted(seat) ? shown : 0)) };
}

function withRounds(table: FlowTable, wanted: (round: number) => boolean): Filter {
  const filter = everything(table);
  return { ...filter, rounds: filter.rounds.map((_, round) => (wanted(round) ? 1 : 0)) };
}

function accountOf({ table, chain, source }: Flow): Account {
  const share = (measure: "weight" | "tokens" | "samples"): number => withheldShare(table, measure);
  return {
    pools: poolsOf(table),
    reconciliation: reconcile(table, chain),
    files: { agree: source === "export" ? table.epochs.length : 0, differ: 0, unchecked: 0, differing: [] },
    share: { weight: share("weight"), tokens: share("tokens"), samples: share("samples") },
  };
}

/** An update with what its round's bundle says of it, if that bundle is the one sealed on chain. */
async function slipDetail({ table, chain, open }: Flow, seat: number, round: number): Promise<SlipDetail | null> {
  const slip = slipOf(table, seat, round);
  if (slip === null) return null;
  const found = table.index.epochs[slip.epoch]?.rounds.find((entry) => entry.round === round);
  const report = found === undefined ? null : { reportHash: found.reportHash, artefact: found.artefact, transaction: found.transaction };
  if (table.index.synthetic !== null) return { slip, report, proof: { kind: "synthetic" } };
  const weightsHash = chain.rounds.get(round);
  if (report === null || weightsHash === undefined) return { slip, report, proof: { kind: "unavailable" } };
  try {
    const { entries, seal, weightsHash: said } = await readRoundManifest(open(report.artefact));
    const entry = entries.find((candidate) => candidate.seat === seat);
    const seats = packUints(entries.map((candidate) => candidate.seat), COLUMN_WIDTHS.seats);
    if (entry === undefined || said !== weightsHash || columnHash(seats) !== seal.seatsHash) return { slip, report, proof: { kind: "differs" } };
    const { updateRoot, normSq, rho, signer } = entry;
    return { slip, report, proof: { kind: "checked", updateRoot, normSq, rho, signer } };
  } catch {
    return { slip, report, proof: { kind: "unavailable" } };
  }
}

