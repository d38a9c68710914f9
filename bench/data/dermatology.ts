// UCI Dermatology: the 358 patients that the project ships, or all 366 of the original.
import { readFileSync } from "node:fs";
import { DERMATOLOGY_PATH, loadTable, parseTable, type Table } from "../../scripts/data/index.ts";
import { type Dataset, drawByClass, LABEL_LEVELS, lanesOf } from "./dataset.ts";
import { readData } from "./directory.ts";

const HOLDOUT_SHARE = 0.25;

function datasetOf(name: string, { records, classes }: Table): Dataset {
  const truth = Int32Array.from(records.labels);
  return {
    name,
    features: records.featureCount,
    classes: classes.length,
    lanes: lanesOf(records.features, records.featureCount),
    truth,
    // The attributes are what the microscope showed, so each patient had a biopsy.
    levels: new Uint8Array(records.count).fill(LABEL_LEVELS.indexOf("histopathology")),
    origin: new Uint8Array(records.count),
    origins: ["Ankara"],
    training: { learningRate: 0.2, epochs: 4, batch: 16, fracBits: 13 },
    draw: (seed) => drawByClass(truth, classes.length, HOLDOUT_SHARE, seed),
  };
}

/** The committed table. */
export const shippedDermatology = (): Dataset => datasetOf("dermatology", loadTable(DERMATOLOGY_PATH));

/** @throws DataAbsent */
export function originalDermatology(): Dataset {
  const shipped = loadTable(DERMATOLOGY_PATH);
  // The original spells some columns differently; the ranges are declared under the names of the shipped table.
  const [header = ""] = readFileSync(DERMATOLOGY_PATH, "utf8").split("\n", 1);
  const text = readData("dermatology.data").toString("utf8");
  const { csvSha256: _, rows: __, ...schema } = shipped.schema;
  return datasetOf("dermatology", parseTable(header + text.slice(text.indexOf("\n")), { file: "dermatology.data", schema }));
}
