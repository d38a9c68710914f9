import assert from "node:assert/strict";
import { globSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { en } from "../../frontend/src/i18n/en.ts";
import { chooseLanguage } from "../../frontend/src/i18n/language.ts";
import { zh } from "../../frontend/src/i18n/zh.ts";

/** "a.b" → kind of leaf, for every leaf. */
function leavesOf(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, typeof value]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leavesOf(inner, `${path}.${key}`)]));
}

const stringsOf = (value: unknown): string[] => (typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsOf) : []);

/** The same in every language. */
const NAMES = new Set(["zh-Hans", "Keccak-256"]);

/** Each page brings its own words, in a file a language. */
const sources = path.resolve(import.meta.dirname, "../../frontend");
const pairs = await Promise.all(
  globSync("**/text.en.ts", { cwd: sources }).map(async (file): Promise<readonly [string, unknown, unknown]> => {
    const load = (name: string): Promise<Record<string, unknown>> => import(path.join(sources, name));
    const [english, chinese] = [await load(file), await load(file.replace(/en\.ts$/, "zh.ts"))];
    return [file, Object.values(english)[0], Object.values(chinese)[0]];
  }),
);

describe("languages", () => {
  for (const [name, english, chinese] of [["the shell", en, zh] as const, ...pairs]) {
    it(`have the same entries, of the same kinds, and as many list items: ${name}`, () => assert.deepEqual([...leavesOf(chinese)], [...leavesOf(english)]));
    it(`leave nothing empty and nothing untranslated that has words: ${name}`, () => {
      for (const text of [...stringsOf(english), ...stringsOf(chinese)]) assert.ok(text.trim().length > 0);
      for (const text of stringsOf(chinese)) assert.ok(/\p{Script=Han}/u.test(text) || !/[a-z]{3}/.test(text) || NAMES.has(text), text);
      // A seal may be shown as it is cut.
      for (const text of stringsOf(english)) assert.ok(/[a-z]/i.test(text) || !/\p{Script=Han}{2}/u.test(text), text);
    });
  }
  it("are chosen by memory, then by the browser, then English", () => {
    assert.equal(chooseLanguage("zh", ["en-GB"]), "zh");
    assert.equal(chooseLanguage(null, ["fr", "zh-TW", "en"]), "zh");
    assert.equal(chooseLanguage("tlh", ["de"]), "en");
    assert.equal(chooseLanguage(null, []), "en");
  });
});
