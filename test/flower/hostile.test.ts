// Spoilt input: TypeScript and Python refuse the same with the same code, and find the same wrong in what can be read.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { canonicalJson, ChongwenError, decodeJson, encodeJson, MANIFEST, mapReader, verifyRoundBundle, type Json } from "../../protocol/index.ts";
import { bytesOf } from "../../protocol/bytes.ts";
import { decodeOpenRound, encodeOpenRound } from "../../protocol/handover/open-round.ts";
import { mutated } from "./support/mutations.ts";
import { base64, skip, startPython, type Answerer } from "./support/python.ts";
import { dice, drawRound, openRoundText, type Dice, type DrawnRound } from "./support/rounds.ts";

/** What only Python compares, because it is given the open round: the weights, and the digest of the directory. */
const ONLY_PYTHON = new Set(["artefact", "weight"]);

interface Verdict {
  readonly code?: string;
  readonly problems?: readonly string[];
}

async function codeOr<Result>(step: () => Result | Promise<Result>): Promise<Result | { readonly code: string }> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof ChongwenError) return { code: error.code };
    throw error;
  }
}

function verdictHere(files: ReadonlyMap<string, Uint8Array>, { expected }: DrawnRound): Promise<Verdict> {
  return codeOr(async () => {
    const { checks } = await verifyRoundBundle(mapReader(files), expected);
    return { problems: [...new Set(checks.filter(({ ok }) => !ok).map(({ name }) => name))].sort() };
  });
}

async function verdictThere(python: Answerer, files: ReadonlyMap<string, Uint8Array>, { open, base, artefact, expected }: DrawnRound): Promise<Verdict> {
  const asked = Object.fromEntries([...files].map(([path, bytes]) => [path, base64(bytes)]));
  const question = { op: "verify", openRound: openRoundText(open), base: base === null ? null : base64(bytesOf(base)), artefact, reportHash: expected.reportHash, files: asked };
  const { problems, code } = await python.ask<Verdict>(question);
  return problems === undefined ? { code: code ?? "" } : { problems: problems.filter((name) => !ONLY_PYTHON.has(name)) };
}

/** Files as somebody spoilt them. */
function spoilt(files: ReadonlyMap<string, Uint8Array>, drawn: Dice): Map<string, Uint8Array> {
  const copy = new Map(files);
  const path = drawn.pick([...files.keys()]);
  const bytes = files.get(path)!.slice();
  const other = files.get(drawn.pick([...files.keys()]))!;
  const at = drawn.between(0, Math.max(0, bytes.length - 1));
  const kind = drawn.between(0, 9);
  if (kind === 0) copy.delete(path);
  else if (kind === 1) copy.set(drawn.pick(["more.bin", "updates/1.bin", "escrow.json", "updates/2.envelope", "../a"]), bytes);
  else if (kind === 2) copy.set(path, other);
  else if (kind === 3) copy.set(path, bytes.subarray(0, at));
  else if (kind === 4) copy.set(path, Uint8Array.of(...bytes, 0));
  else copy.set(path, bytes.map((byte, i) => (i === at ? byte ^ (1 << drawn.between(0, 7)) : byte)));
  return copy;
}

describe("spoilt input in Python", { skip }, () => {
  let python: Answerer;
  before(() => {
    python = startPython();
  });
  after(() => python.close());

  it("bundles with a changed file: the same is found", async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const round = await drawRound(seed * 7_919);
      const drawn = dice(seed);
      for (let i = 0; i < 15; i++) {
        const files = spoilt(round.bundle.files, drawn);
        assert.deepEqual(await verdictThere(python, files, round), await verdictHere(files, round), `seed ${seed}, change ${i}`);
      }
    }
  });

  it("bundles with a changed manifest: the same is found", async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const round = await drawRound(seed * 104_729);
      const drawn = dice(seed);
      const manifest = decodeJson(round.bundle.files.get(MANIFEST)!, MANIFEST, 2 ** 24);
      for (let i = 0; i < 20; i++) {
        const changed = mutated(manifest, drawn) as { readonly [key: string]: Json };
        if (isElsewhere(changed)) continue;
        const files = new Map(round.bundle.files).set(MANIFEST, encodeJson(changed));
        const [there, here] = [await verdictThere(python, files, round), await verdictHere(files, round)];
        assert.deepEqual(there, here, `seed ${seed}, change ${i}: ${difference(manifest, changed)}`);
      }
    }
  });

  it("open rounds: the same are refused, with the same code", async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const { open } = await drawRound(seed * 31);
      const drawn = dice(seed);
      const value = JSON.parse(openRoundText(open)) as Json;
      for (let i = 0; i < 40; i++) {
        const changed = mutated(value, drawn);
        const text = encodeJson(changed);
        const here = await codeOr(() => ({ text: base64(encodeOpenRound(decodeOpenRound(text))) }));
        assert.deepEqual(await python.ask({ op: "open-round", text: base64(text) }), here, `seed ${seed}, change ${i}: ${difference(value, changed)}`);
      }
    }
  });

  it("JSON: the same texts are canonical", async () => {
    const { bundle } = await drawRound(5);
    const manifest = Buffer.from(bundle.files.get(MANIFEST)!).toString("latin1");
    const texts = [...TEXTS, ...TEXTS.map((text) => `{"a":${text}}`), ...TEXTS.map((text) => `[${text},${text}]`)];
    const drawn = dice(3);
    for (let i = 0; i < 300; i++) {
      const at = drawn.between(0, manifest.length - 1);
      texts.push(`${manifest.slice(0, at)}${drawn.pick(["", " ", "\"", "\\", "1", "-", "{", "]", "\u0000", "\u00ff", "e5"])}${manifest.slice(at + drawn.between(0, 1))}`);
    }
    for (const text of texts) {
      const bytes = Buffer.from(text, "latin1");
      const here = await codeOr(() => ({ text: base64(encodeJson(decodeJson(bytes, "file", 2 ** 20))) }));
      assert.deepEqual(await python.ask({ op: "json", text: base64(bytes) }), here, text.slice(0, 200));
    }
  });
});

/** A rehearsal's bundle is read by Python alone, an escrowed one by TypeScript alone. */
function isElsewhere({ chainId, config }: { readonly [key: string]: Json }): boolean {
  return chainId === 0 || (config as { readonly privacyMode?: Json } | null)?.privacyMode === 1;
}

const nested = (levels: number, inside = ""): string => `${"[".repeat(levels)}${inside}${"]".repeat(levels)}`;

/** Bytes as latin1 text. */
const TEXTS = [
  "null", "true", "0", "-0", "-1", "01", "1.0", "1e2", "0.5", "9007199254740991", "9007199254740992", "-9007199254740991", "-9007199254740992", "1E400", "NaN", "Infinity", "\"\"", "\"\\u0061\"",
  "\"\\n\"", "\"\\u000a\"", "\"\\u000A\"", "\"\\u001f\"", "\"\\u001F\"", "\"\\/\"", "\"/\"", "\"\\b\\f\\t\\r\"", "\"\u007f\"", "\"\\u007f\"", "\"\u00c3\u00a9\"", "\"\u00ff\"", "\"\u00e2\u0080\u00a8\"", "\"\\u2028\"",
  "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\u00f0\u009f\u0098\u0080\"", "\"\u00ed\u00a0\u00bd\"", "[]", "{}", "[ ]", "[1,]", "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":1}", "{\"__proto__\":1}", "{\"10\":1,\"9\":2}", "{\"\":1}",
  "{\"\u00c3\u00a9\":1}", "{\"A\":1,\"a\":2,\"_\":3}", "{\"_\":3,\"A\":1,\"a\":2}", nested(64), nested(65), nested(66), nested(64, "1"), nested(65, "1"),
  `"${"[".repeat(200)}"`, "\u00ef\u00bb\u00bf1", "1 ", "", "\"\t\"", "'a'", "tru", "[1 2]", "\u0000",
];

/** The first place where two values differ, for the message. */
function difference(left: Json, right: Json): string {
  const [a, b] = [canonicalJson(left), JSON.stringify(right)];
  const at = [...a].findIndex((letter, i) => letter !== b[i]);
  return `${a.slice(Math.max(0, at - 60), at + 40)} → ${b.slice(Math.max(0, at - 60), at + 40)}`;
}
