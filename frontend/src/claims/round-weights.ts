/** Who took part in a round, and with which weight: believed only when it leads to the seal that the ledger holds. Pure. */
import { z } from "zod";
import type { Hex } from "viem";
import { columnHash, COLUMN_WIDTHS, effectiveWeights, unpackNumbers } from "../../../protocol/columns.ts";
import { structSchema } from "../../../protocol/bundle/struct-json.ts";
import { sealHash } from "../../../protocol/eip712/hash.ts";

/** What of the round's bundle is read. */
export interface RoundFiles {
  readonly manifest: Uint8Array;
  readonly seats: Uint8Array;
  readonly weights: Uint8Array;
}

/** What the chain says of the round. */
export interface RoundOnChain {
  readonly round: number;
  readonly sealHash: Hex;
  readonly weightsHash: Hex;
  readonly excluded: bigint;
}

export interface RoundWeights {
  readonly round: number;
  readonly seats: readonly number[];
  /** As sealed; 0 where the contract dropped the entry. */
  readonly sealed: readonly number[];
  /** As counted: 0 also where the report excluded it. */
  readonly weights: readonly number[];
}

const manifestSchema = z.looseObject({ seal: structSchema("Seal") });

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** @returns undefined when the files are not those of this seal */
export function checkRoundWeights({ manifest, seats, weights }: RoundFiles, chain: RoundOnChain): RoundWeights | undefined {
  const parsed = manifestSchema.safeParse(parseJson(manifest));
  if (!parsed.success || columnHash(weights) !== chain.weightsHash) return undefined;
  const { seal } = parsed.data;
  if (columnHash(seats) !== seal.seatsHash || sealHash(seal, chain.weightsHash) !== chain.sealHash) return undefined;
  if (seats.length % COLUMN_WIDTHS.seats !== 0 || weights.length / COLUMN_WIDTHS.weights !== seats.length / COLUMN_WIDTHS.seats) return undefined;
  const sealed = unpackNumbers(weights, COLUMN_WIDTHS.weights);
  return { round: chain.round, seats: unpackNumbers(seats, COLUMN_WIDTHS.seats), sealed, weights: effectiveWeights(sealed, chain.excluded) };
}
