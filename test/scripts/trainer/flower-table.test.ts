// Python reads and divides a table as TypeScript does: both tests hold to integrations/flower/tests/data/table.json.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { DERMATOLOGY_PATH, loadTable, parseTable, splitTable } from "../../../scripts/data/index.ts";

const path = new URL("../../../integrations/flower/tests/data/table.json", import.meta.url);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** 40 rows with quotes, blanks, both line ends, a column that never varies and one with a missing cell. */
const odd = `\uFEFFx, "y, in ""mm""",flat,class\r\n${Array.from({ length: 40 }, (_, i) => `${i % 7}.5,"${i * i}", ${i === 3 ? "?" : "4"},${["b", "a10", "a9"][i % 3]}`).join("\n\n")}\r\n`;

function vector() {
  const table = loadTable(DERMATOLOGY_PATH);
  const oddTable = parseTable(odd, { file: "odd.csv" });
  const splits = [
    { seed: 1, sites: 6 },
    { seed: 20, sites: 6 },
    { seed: 3, sites: 16 },
    { seed: 4, sites: 5 },
  ].map(({ seed, sites }) => {
    const split = splitTable(table, { seed, sites });
    return { seed, sites, rows: split.sites.map((site) => site.rows), holdout: split.holdout.rows };
  });
  return {
    features: sha256(new Uint8Array(table.records.features.buffer)),
    labels: sha256(table.records.labels),
    classNames: table.classNames,
    splits,
    odd: { csv: odd, features: [...oddTable.records.features], labels: [...oddTable.records.labels] },
  };
}

it("test_table_vectorsSharedWithPython_succeeds", () => {
  assert.deepEqual(vector(), JSON.parse(readFileSync(path, "utf8")));
});
