import { MAX_ENTRIES, unpackHex } from "../columns.ts";
import { readFile } from "../bundle/reader.ts";
import { ROUND_FILES } from "../bundle/round-manifest.ts";
import { readPayloads } from "../bundle/round-payloads.ts";
import { protocolError } from "../errors.ts";
import { readModel, type ReadsModels } from "../audit/context.ts";
import type { EscrowReader } from "../privacy/escrow-reader.ts";
import type { WindowSource } from "../scoring/score-window.ts";
import { reportedRound } from "./expectations.ts";
import type { LedgerPart } from "./facts.ts";

/** @param models What is at hand already, by round; everything else is read from the artefacts that the chain names. */
export interface WindowParameters extends ReadsModels {
  readonly facts: LedgerPart;
  readonly escrow?: EscrowReader | null;
  readonly models?: ReadonlyMap<number, Int32Array>;
}

/** Where the rounds that a settlement judges are read from, one after the other. */
export function windowSource({ facts, store, hashPairs, escrow = null, models = new Map() }: WindowParameters): WindowSource {
  const reported = (round: number) => {
    const found = reportedRound(facts, round);
    if (found === null) throw protocolError("bundle-unreadable", `The ledger holds no report of round ${round}.`);
    return found;
  };
  return {
    modelOf: async (round) => {
      const model = models.get(round) ?? (await readModel({ store, hashPairs }, reported(round)));
      if (model === null) throw protocolError("bundle-unreadable", `The model of round ${round} could not be read.`);
      return model;
    },
    updatesOf: async (round) => readPayloads(await store.open(reported(round.round).artefact, { label: `round ${round.round}` }), round, hashPairs, escrow),
    // The bundle's digest is in the report, and the report is final: what its column of commitments says is what was sealed.
    rootsOf: async (round) => unpackHex(await readFile(await store.open(reported(round).artefact), ROUND_FILES.updateRoots, MAX_ENTRIES * 32 + 1), 32),
    parentOf: (round) => facts.rounds.find((entry) => entry.round === round)?.parentRound ?? 0,
  };
}
