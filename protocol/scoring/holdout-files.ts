/**
 * An open holdout as a settlement's bundle reveals it: `holdout.bin` (int16 lanes, record after record), `labels.bin` (a byte a record; regression: int32), and, when its
 * records come from several sources, `strata.bin` (a byte a record, then dataset (4) ‖ source (1) of each dataset, ascending). All of it is what was committed.
 */
import type { Hex } from "viem";
import { bytesOf, concatBytes, int16Of, int32Of } from "../bytes.ts";
import { columnHash, packUints, unpackNumbers } from "../columns.ts";
import { protocolError } from "../errors.ts";
import { holdoutRoot } from "../evaluation/holdout.ts";
import type { HashPairs } from "../ssz/hash-pairs.ts";
import type { DataTerms } from "../terms/terms.ts";
import type { HoldoutOpening } from "./holdout-commitment.ts";
import type { Holdout } from "./window.ts";

export const HOLDOUT_FILES = { values: "holdout.bin", labels: "labels.bin", strata: "strata.bin" } as const;

/** The largest holdout: records of a model that is evaluated in a browser too. */
export const HOLDOUT_LIMIT = 2 ** 28;

const SOURCE_BYTES = 5;

/** Bytes of a label. */
const labelBytes = ({ utility }: Pick<DataTerms, "utility">): number => (utility === "mean-absolute-error" ? 4 : 1);

const bytesOfTargets = (targets: Holdout["targets"]): Uint8Array => (targets instanceof Uint8Array ? targets : bytesOf(targets));

function strataBytes({ strata, stratumOf }: Holdout): Uint8Array {
  if (strata === null) return new Uint8Array();
  const sources = [...stratumOf].sort(([a], [b]) => a - b).flatMap(([dataset, source]) => [packUints([dataset], 4), packUints([source], 1)]);
  return concatBytes([strata, ...sources]);
}

/** By path. @throws out-of-range */
export function encodeHoldout(holdout: Holdout): ReadonlyMap<string, Uint8Array> {
  const strata = strataBytes(holdout);
  return new Map([
    [HOLDOUT_FILES.values, bytesOf(holdout.values)],
    [HOLDOUT_FILES.labels, bytesOfTargets(holdout.targets)],
    ...(strata.length === 0 ? [] : [[HOLDOUT_FILES.strata, strata] as const]),
  ]);
}

/** What a commitment binds: `labelsHash` is that of `labels.bin ‖ strata.bin`. @throws length-mismatch */
export function openingOf(salt: Hex, holdout: Holdout, features: number, hashPairs?: HashPairs): HoldoutOpening {
  return {
    salt,
    holdoutRoot: holdoutRoot(holdout.values, features, hashPairs),
    labelsHash: columnHash(concatBytes([bytesOfTargets(holdout.targets), strataBytes(holdout)])),
    records: holdout.targets.length,
  };
}

/** Reads what `encodeHoldout` wrote. @param strata Null when there is no such file. @throws length-mismatch, out-of-range */
export function decodeHoldout(files: { readonly values: Uint8Array; readonly labels: Uint8Array; readonly strata: Uint8Array | null }, records: number, terms: DataTerms): Holdout {
  const expect = (path: string, bytes: Uint8Array, length: number): void => {
    if (bytes.length !== length) throw protocolError("length-mismatch", `${path} has ${bytes.length} bytes; ${records} records need ${length}.`);
  };
  expect(HOLDOUT_FILES.values, files.values, 2 * records * terms.head.features);
  expect(HOLDOUT_FILES.labels, files.labels, records * labelBytes(terms));
  const targets = labelBytes(terms) === 4 ? int32Of(files.labels) : files.labels;
  if (targets instanceof Uint8Array && targets.some((label) => label >= terms.head.classes)) throw protocolError("out-of-range", `A label of the holdout is not below its ${terms.head.classes} classes.`);
  return { values: int16Of(files.values), targets, ...decodeStrata(files.strata, records) };
}

function decodeStrata(bytes: Uint8Array | null, records: number): Pick<Holdout, "strata" | "stratumOf"> {
  if (bytes === null) return { strata: null, stratumOf: new Map() };
  const rows = bytes.subarray(records);
  if (bytes.length < records || rows.length % SOURCE_BYTES !== 0) throw protocolError("length-mismatch", `${HOLDOUT_FILES.strata} has ${bytes.length} bytes: not a byte for each of ${records} records and whole rows.`);
  const stratumOf = new Map<number, number>();
  let last = -1;
  for (let at = 0; at < rows.length; at += SOURCE_BYTES) {
    const dataset = unpackNumbers(rows.subarray(at, at + 4), 4)[0]!;
    if (dataset <= last) throw protocolError("out-of-range", `Datasets of ${HOLDOUT_FILES.strata} do not ascend at ${dataset}.`);
    stratumOf.set(dataset, rows[at + 4]!);
    last = dataset;
  }
  return { strata: bytes.slice(0, records), stratumOf };
}
