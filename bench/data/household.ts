// Hourly consumption of 31 Australian homes over a year: the next hour from the last ones. A regression.
import { gunzipSync } from "node:zlib";
import { Random } from "../../scripts/data/index.ts";
import { type Dataset, LABEL_LEVELS, lanesOf } from "./dataset.ts";
import { readData } from "./directory.ts";

/** A whole week. */
const LAGS = Array.from({ length: 168 }, (_, i) => i + 1);
/** Which hour of the day it is, and which day of the week: a feature each. */
const HOURS = 24;
const DAYS = 7;
const FEATURES = LAGS.length + HOURS + DAYS;
const FIRST = Math.max(...LAGS);
/** One unit: what exceeds two of them in an hour counts as two. */
const KWH = 2;
const HOLDOUT_HOURS = 60 * 24;
const HOLDOUT_RECORDS = 800;
const RECORDS_PER_HOME = 400;

function readHomes(): { readonly names: readonly string[]; readonly hours: Float64Array[] } {
  const [header = "", ...lines] = gunzipSync(readData("sgsc_hourly_kwh.csv.gz")).toString("utf8").trim().split("\n");
  const names = header.split(",").slice(1);
  const hours = names.map(() => new Float64Array(lines.length));
  lines.forEach((line, hour) => {
    const cells = line.split(",").slice(1);
    if (cells.length !== names.length) throw new Error(`Hour ${hour} of the household loads has ${cells.length} homes, not ${names.length}.`);
    cells.forEach((cell, home) => {
      const value = cell === "" ? Number.NaN : Number(cell);
      if (!(value >= 0)) throw new Error(`Hour ${hour} of home ${names[home]} is ${JSON.stringify(cell)}.`);
      (hours[home] as Float64Array)[hour] = Math.min(value / KWH, 2);
    });
  });
  return { names, hours };
}

/** @throws DataAbsent */
export function household(): Dataset {
  const { names, hours } = readHomes();
  const length = (hours[0] as Float64Array).length;
  const perHome = length - FIRST;
  const lanes = new Int16Array(names.length * perHome * FEATURES);
  const truth = new Int32Array(names.length * perHome);
  hours.forEach((loads, home) => {
    const values = new Float64Array(perHome * FEATURES);
    for (let hour = FIRST; hour < length; hour++) {
      const at = (hour - FIRST) * FEATURES;
      LAGS.forEach((lag, i) => (values[at + i] = loads[hour - lag] as number));
      values[at + LAGS.length + (hour % HOURS)] = 1 / 2;
      values[at + LAGS.length + HOURS + (Math.floor(hour / HOURS) % DAYS)] = 1 / 2;
      truth[home * perHome + hour - FIRST] = Math.floor((loads[hour] as number) * 2 ** 14 + 0.5);
    }
    lanes.set(lanesOf(values, FEATURES), home * perHome * FEATURES);
  });
  const draw = (seed: number) => {
    const homes = names.map((_, home) => new Random(seed, "household", home));
    const some = (home: number, from: number, count: number, hours: number) => {
      const rows = Array.from({ length: hours }, (_, hour) => home * perHome + from + hour);
      return (homes[home] as Random).shuffle(rows).slice(0, count);
    };
    const early = perHome - HOLDOUT_HOURS;
    const pool = names.flatMap((_, home) => some(home, 0, RECORDS_PER_HOME, early));
    const late = names.flatMap((_, home) => some(home, early, Math.ceil(HOLDOUT_RECORDS / names.length), HOLDOUT_HOURS));
    return { holdout: new Random(seed, "late").shuffle(late).slice(0, HOLDOUT_RECORDS).sort((a, b) => a - b), pool: pool.sort((a, b) => a - b) };
  };
  return {
    name: "household",
    features: FEATURES,
    classes: 0,
    lanes,
    truth,
    // A calibrated meter reads both what is known and what is foretold.
    levels: new Uint8Array(truth.length).fill(LABEL_LEVELS.indexOf("histopathology")),
    origin: Uint8Array.from(truth, (_, row) => Math.floor(row / perHome)),
    origins: names,
    training: { learningRate: 0.005, epochs: 2, batch: 64, fracBits: 14 },
    draw,
  };
}
