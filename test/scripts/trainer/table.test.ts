import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { countClasses, DATA_ERROR_CODES, DERMATOLOGY_PATH, LIMITS, loadTable } from "../../../scripts/data/index.ts";
import { csv, failure, parse, withLine } from "./fixtures.ts";

const folder = mkdtempSync(path.join(tmpdir(), "chongwen-table-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const full = path.join(folder, name);
  writeFileSync(full, content);
  return full;
}

describe("the dermatology table", () => {
  it("is the file that its README and schema describe", () => {
    const table = loadTable(DERMATOLOGY_PATH);
    const sha256 = createHash("sha256").update(readFileSync(DERMATOLOGY_PATH)).digest("hex");
    assert.equal(sha256, "81d6d33565e67508f935776c8bc6672f9d178736a63f7bb7488a43859384f418");
    assert.equal(table.sha256, sha256);
    assert.equal(table.schema.csvSha256, sha256);
    assert.match(readFileSync(path.join(path.dirname(DERMATOLOGY_PATH), "README.md"), "utf8"), new RegExp(sha256));
    assert.equal(table.schema.licence, "CC-BY-4.0");
    assert.equal(table.schema.privacy, "exempt");
  });

  it("has 358 patients, 34 attributes and 6 diseases, all in range", () => {
    const { records, columns, classes, classNames } = loadTable(DERMATOLOGY_PATH);
    assert.deepEqual([records.count, records.featureCount, records.classCount], [358, 34, 6]);
    assert.deepEqual(countClasses(records), [111, 60, 71, 48, 48, 20]);
    assert.deepEqual(classes, ["1", "2", "3", "4", "5", "6"]);
    assert.equal(classNames[2], "lichen planus");
    assert(columns.every((column) => column.declared && column.missing === 0));
    assert(records.features.every((value) => value >= 0 && value <= 1));
    assert.equal(records.features[33], 55 / 100, "age of the first patient over the declared 100 years");
  });
});

describe("parseTable", () => {
  it("scales by the range of the table, or by the declared one", () => {
    const measured = parse(csv(60));
    assert.deepEqual(measured.columns[0], { name: "x", min: 0, max: 59, declared: false, missing: 0 });
    assert.equal(measured.records.features[2 * 59], 1);
    const declared = parse(csv(60), { schema: 1, ranges: { x: [0, 118] } });
    assert.equal(declared.records.features[2 * 59], 0.5);
    assert.equal(declared.columns[1]?.declared, false);
  });

  it("fills missing cells with the lower median of the column", () => {
    const table = parse(withLine(2, "?,,a", 41));
    assert.deepEqual(table.columns.map((column) => column.missing), [1, 1]);
    // x: 1 … 40 are known, the 20th of 40 is 20, in the range 1 … 40.
    assert.equal(table.records.features[0], (20 - 1) / (40 - 1));
  });

  it("makes a column that never varies 0, and survives the largest numbers", () => {
    const lines = csv(60).split("\n").map((line, i) => (i === 0 || line === "" ? line : `7,${i % 2 ? "-" : ""}1.7e308,${line.split(",")[2]}`));
    const { features } = parse(lines.join("\n")).records;
    assert.deepEqual([...features.subarray(0, 4)], [0, 0, 0, 1]);
  });

  it("reads CRLF, a byte order mark, quotes, blank lines and a last line without an end the same", () => {
    const plain = parse(csv(60)).records;
    const variants = [
      csv(60).replaceAll("\n", "\r\n"),
      `\uFEFF${csv(60)}`,
      csv(60).replaceAll(/[^,\n]+/g, (cell) => ` "${cell}" `),
      csv(60).replaceAll("\n", "\n\n"),
      csv(60).trimEnd(),
    ];
    for (const text of variants) assert.deepEqual(parse(text).records, plain);
    assert.deepEqual(parse(csv(60, ['"x, ""y"""', "b"])).classes, ["b", 'x, "y"']);
  });

  it("orders classes by number if all are numbers, else by code unit, whatever the rows' order", () => {
    assert.deepEqual(parse(csv(60, ["10", "9", "-1"])).classes, ["-1", "9", "10"]);
    assert.deepEqual(parse(csv(60, ["10", "9", "b"])).classes, ["10", "9", "b"]);
  });

  it("takes names such as constructor and __proto__ for what they are", () => {
    const text = csv(60, ["constructor", "toString"]).replace("x,y", "__proto__,constructor");
    const table = parse(text, { schema: 1, ranges: {}, classes: {} });
    assert.deepEqual(table.classNames, ["constructor", "toString"]);
    assert.equal(table.columns[1]?.max, 4);
  });
});

describe("every refusal names its place", () => {
  const cases: readonly [code: string, text: string, message: RegExp][] = [
    ["data-empty", "", /^t\.csv is empty/],
    ["data-empty", "\n \r\n", /is empty/],
    ["data-separator", csv(60).replaceAll(",", ";"), /line 1: .*";"/],
    ["data-separator", csv(60).replaceAll(",", "\t"), /"\\t"/],
    ["data-header", "class\na\nb\n", /one column/],
    ["data-header", withLine(1, "x,,class"), /line 1, column 2: the column has no name/],
    ["data-header", withLine(1, "x,x,class"), /column 2: "x" is already the name of column 1/],
    ["data-no-header", csv(60).split("\n").slice(1).join("\n"), /line 1 holds numbers/],
    ["data-quote", withLine(7, '1,"2,a'), /line 7, column 2: .*not closed/],
    ["data-ragged-row", withLine(9, "1,a"), /line 9: 2 cells, but the header has 3/],
    ["data-ragged-row", withLine(9, "1,2,3,a"), /line 9: 4 cells/],
    ["data-not-a-number", withLine(12, "1,young,a"), /line 12, column 2 \(y\): "young" is not a number/],
    ["data-not-a-number", withLine(12, "0x10,2,a"), /column 1 \(x\)/],
    ["data-not-a-number", withLine(12, "1e999,2,a"), /1e999/],
    ["data-not-a-number", withLine(12, "NaN,2,a"), /NaN/],
    ["data-label-missing", withLine(3, "1,2,?"), /line 3, column 3 \(class\)/],
    ["data-column-empty", csv(60).replaceAll(/^\d+,/gm, "?,"), /column 1 \(x\): every cell is missing/],
    ["data-too-few-rows", csv(LIMITS.minRows - 1), /has 39 records; at least 40/],
    ["data-too-few-classes", csv(60, ["a"]), /holds only "a"/],
    ["data-too-many-classes", csv(130, Array.from({ length: 65 }, (_, i) => `c${i}`)), /65 different values/],
    ["data-too-many-columns", Array.from({ length: 1025 }, (_, i) => `c${i}`).join(","), /1025 columns/],
  ];
  for (const [code, text, message] of cases) {
    it(`${code}: ${message.source}`, () => {
      const error = failure(() => parse(text));
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  }

  it("data-out-of-range: a cell outside its declared range", () => {
    const error = failure(() => parse(csv(60), { schema: 1, ranges: { x: [0, 20] } }));
    assert.equal(error.code, "data-out-of-range");
    assert.match(error.message, /line 23, column 1 \(x\): 21 is outside the declared range 0 to 20/);
  });
});

describe("loadTable", () => {
  it("data-unreadable: no such file, or a folder", () => {
    assert.equal(failure(() => loadTable(path.join(folder, "absent.csv"))).code, "data-unreadable");
    mkdirSync(path.join(folder, "folder.csv"));
    const error = failure(() => loadTable(path.join(folder, "folder.csv")));
    assert.equal(error.code, "data-unreadable");
    assert(!error.message.includes(folder), "messages can be shared: no folders");
  });

  it("data-too-large: refused before it is read", () => {
    const large = file("large.csv", csv(60));
    truncateSync(large, LIMITS.maxBytes + 1);
    assert.equal(failure(() => loadTable(large)).code, "data-too-large");
  });

  it("data-not-text: UTF-16, Latin-1 or a spreadsheet", () => {
    for (const bytes of [Buffer.from(csv(60), "utf16le"), Buffer.from(csv(60, ["Ménière", "b"]), "latin1"), Buffer.from("PK\u0003\u0004\u0000")]) {
      assert.equal(failure(() => loadTable(file("binary.csv", bytes))).code, "data-not-text");
    }
  });

  it("reads the schema beside the table", () => {
    const table = file("good.csv", csv(60));
    file("good.schema.json", JSON.stringify({ schema: 1, name: "good", rows: 60, label: "class", ranges: { x: [0, 100] } }));
    assert.equal(loadTable(table).name, "good");
    assert.equal(loadTable(table).columns[0]?.max, 100);
  });

  it("data-checksum: the table was changed after its schema was written", () => {
    const table = file("changed.csv", csv(60));
    file("changed.schema.json", JSON.stringify({ schema: 1, csvSha256: "0".repeat(64) }));
    assert.equal(failure(() => loadTable(table)).code, "data-checksum");
  });

  const schemas: readonly [content: string, message: RegExp][] = [
    ["{", /is not JSON/],
    ["[]", /not a JSON object/],
    ['{"schema":2}', /version 2/],
    ['{"schema":1,"range":{}}', /"range"/],
    ['{"schema":1,"ranges":{"x":[3,3]}}', /"ranges"/],
    ['{"schema":1,"ranges":{"z":[0,3]}}', /"z", which is no feature/],
    ['{"schema":1,"label":"disease"}', /the last column is "class"/],
    ['{"schema":1,"rows":61}', /has 60 records, but its schema says 61/],
  ];
  for (const [content, message] of schemas) {
    it(`data-schema: ${message.source}`, () => {
      const table = file("schema.csv", csv(60));
      file("schema.schema.json", content);
      const error = failure(() => loadTable(table));
      assert.equal(error.code, "data-schema");
      assert.match(error.message, message);
    });
  }

  it("has a test for every code", () => {
    const text = ["table", "split", "records"].map((name) => readFileSync(path.join(import.meta.dirname, `${name}.test.ts`), "utf8")).join("");
    assert.deepEqual(DATA_ERROR_CODES.filter((code) => !text.includes(code)), []);
  });
});
