// 5,984 dermoscopy images of HAM10000 (Tschandl et al. 2018, doi 10.1038/sdata.2018.161), 28×28×3, one per lesion, from the four real sources.
// For non-commercial research only: nothing of it may enter the project.
import { readCsvRows } from "../../scripts/data/csv.ts";
import { type Dataset, drawByClass, LABEL_LEVELS, type LabelLevel, lanesOf } from "./dataset.ts";
import { readData } from "./directory.ts";
import { readBytes, readStrings } from "./npy.ts";
import { unzip } from "./zip.ts";

const SIDE = 28;
const CHANNELS = 3;
/** Means and deviations of the red, green and blue of HAM10000 as they are commonly published; the same for every site. */
const MEAN = [0.7635, 0.5461, 0.5705];
const DEVIATION = [0.1409, 0.1526, 0.1692];
const HOLDOUT_RECORDS = 800;
const HISTOGRAM_BINS = 64;

/**
 * How a diagnosis was verified, as the metadata has it. Confocal microscopy shows cells but takes no tissue, so it counts as consensus and not
 * as histopathology.
 */
const LEVEL_OF: Readonly<Record<string, LabelLevel>> = { histo: "histopathology", follow_up: "follow-up", consensus: "consensus", confocal: "consensus" };

/** @param blocks Edge lengths: each block gives its mean and its spread. @param histogram Also the share of pixels at each brightness, by channel. */
export interface SkinFeatures {
  readonly blocks: readonly number[];
  readonly histogram: boolean;
  readonly learningRate: number;
}

/** 294 features, 2,065 parameters: for the many runs of the scenarios. */
export const SKIN_COARSE: SkinFeatures = { blocks: [4], histogram: false, learningRate: 0.05 };
/** 4,014 features, 28,105 parameters: for the measure of speed. */
export const SKIN_FINE: SkinFeatures = { blocks: [1, 2, 4], histogram: true, learningRate: 0.005 };

/** @throws DataAbsent */
export function skin({ blocks, histogram, learningRate }: SkinFeatures = SKIN_COARSE): Dataset {
  const files = unzip(readData("ham_sites28.npz"));
  const file = (name: string): Buffer => {
    const content = files.get(`${name}.npy`);
    if (content === undefined) throw new Error(`ham_sites28.npz has no ${name}.npy.`);
    return content;
  };
  const images = readBytes(file("images"));
  const truth = Int32Array.from(readBytes(file("labels")).values);
  const count = truth.length;
  if (images.shape.join("×") !== [count, SIDE, SIDE, CHANNELS].join("×")) throw new Error(`The skin images are ${images.shape.join("×")}.`);
  const pixels = Float64Array.from(images.values, (value, at) => (value / 255 - (MEAN[at % CHANNELS] as number)) / (2 * (DEVIATION[at % CHANNELS] as number)));
  const parts = blocks.flatMap((edge) => (edge === 1 ? [pixels] : [blockMeans(pixels, count, edge), blockSpreads(pixels, count, edge)]));
  if (histogram) parts.push(histograms(images.values, count));
  const features = parts.reduce((sum, part) => sum + part.length / count, 0);
  const classes = readStrings(file("classes"));
  return {
    name: "skin",
    features,
    classes: classes.length,
    lanes: lanesOf(beside(parts, count, features), features),
    truth,
    levels: levelsOf(readStrings(file("image_id"))),
    origin: Uint8Array.from(readBytes(file("site")).values),
    origins: readStrings(file("sites")),
    training: { learningRate, epochs: 2, batch: 32, fracBits: 14 },
    draw: (seed) => drawByClass(truth, classes.length, HOLDOUT_RECORDS / count, seed),
  };
}

/** The images are joined with the metadata by `image_id`, which both have. */
function levelsOf(images: readonly string[]): Uint8Array {
  const [header, ...rows] = [...readCsvRows(readData("HAM10000_metadata.csv").toString("utf8"), "HAM10000_metadata.csv")].map(({ cells }) => cells);
  const [image, type] = ["image_id", "dx_type"].map((name) => (header ?? []).indexOf(name)) as [number, number];
  const typeOf = new Map(rows.map((cells) => [cells[image], cells[type] ?? ""]));
  return Uint8Array.from(images, (id) => {
    const level = LEVEL_OF[typeOf.get(id) ?? ""];
    if (level === undefined) throw new Error(`The metadata does not say how the diagnosis of ${id} was verified.`);
    return LABEL_LEVELS.indexOf(level);
  });
}

function overBlocks(pixels: Float64Array, count: number, edge: number, reduce: (values: readonly number[]) => number): Float64Array {
  const across = SIDE / edge;
  const features = new Float64Array(count * across * across * CHANNELS);
  const inside = Array.from({ length: edge * edge }, (_, i) => (Math.floor(i / edge) * SIDE + (i % edge)) * CHANNELS);
  for (let at = 0; at < features.length; at++) {
    const channel = at % CHANNELS;
    const block = Math.floor(at / CHANNELS);
    const [image, row, column] = [Math.floor(block / across ** 2), Math.floor(block / across) % across, block % across];
    const start = ((image * SIDE + row * edge) * SIDE + column * edge) * CHANNELS + channel;
    features[at] = reduce(inside.map((offset) => pixels[start + offset] as number));
  }
  return features;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const blockMeans = (pixels: Float64Array, count: number, edge: number): Float64Array => overBlocks(pixels, count, edge, mean);

const blockSpreads = (pixels: Float64Array, count: number, edge: number): Float64Array =>
  overBlocks(pixels, count, edge, (values) => {
    const middle = mean(values);
    return 2 * Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  });

function histograms(bytes: Uint8Array, count: number): Float64Array {
  const features = new Float64Array(count * CHANNELS * HISTOGRAM_BINS);
  const perImage = SIDE * SIDE * CHANNELS;
  bytes.forEach((value, at) => {
    const bin = ((Math.floor(at / perImage) * CHANNELS + (at % CHANNELS)) * HISTOGRAM_BINS + Math.floor((value * HISTOGRAM_BINS) / 256));
    features[bin] = (features[bin] as number) + 4 / (SIDE * SIDE);
  });
  return features;
}

/** Columns of several tables side by side. */
function beside(parts: readonly Float64Array[], count: number, features: number): Float64Array {
  const values = new Float64Array(count * features);
  let column = 0;
  for (const part of parts) {
    const width = part.length / count;
    for (let row = 0; row < count; row++) values.set(part.subarray(row * width, (row + 1) * width), row * features + column);
    column += width;
  }
  return values;
}
