import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { en } from "../../frontend/src/i18n/en.ts";
import { chooseLanguage } from "../../frontend/src/i18n/language.ts";
import { zh } from "../../frontend/src/i18n/zh.ts";

/** "a.b" → kind of leaf, for every leaf. */
function leavesOf(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, typeof value]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leavesOf(inner, `${path}.${key}`)]));
}

describe("languages", () => {
  it("have the same entries, of the same kinds, and as many list items", () => assert.deepEqual([...leavesOf(zh)], [...leavesOf(en)]));
  it("leave nothing empty and nothing untranslated that has words", () => {
    const strings = (value: unknown): string[] => (typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : []);
    for (const text of [...strings(en), ...strings(zh)]) assert.ok(text.trim().length > 0);
    for (const text of strings(zh)) assert.ok(/\p{Script=Han}/u.test(text) || text === "zh-Hans", text);
    for (const text of strings(en)) assert.ok(!/\p{Script=Han}/u.test(text), text);
  });
  it("are chosen by memory, then by the browser, then English", () => {
    assert.equal(chooseLanguage("zh", ["en-GB"]), "zh");
    assert.equal(chooseLanguage(null, ["fr", "zh-TW", "en"]), "zh");
    assert.equal(chooseLanguage("tlh", ["de"]), "en");
    assert.equal(chooseLanguage(null, []), "en");
  });
});
