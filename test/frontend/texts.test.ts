import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineTexts, loadTexts } from "../../frontend/src/i18n/texts.ts";

describe("texts by language", () => {
  it("are asked for once, and only in the language that is wanted", async () => {
    const asked: string[] = [];
    const source = (language: string) => async () => {
      asked.push(language);
      return { word: language };
    };
    const texts = defineTexts(source("en"), source("zh"));
    assert.equal(texts.known("zh"), undefined);
    assert.deepEqual(await Promise.all([texts.load("zh"), texts.load("zh")]), [{ word: "zh" }, { word: "zh" }]);
    assert.equal(texts.known("zh")?.word, "zh");
    assert.equal(texts.known("en"), undefined);
    assert.deepEqual(asked, ["zh"]);
  });

  it("are asked for again after they could not be had, and until then all of them count as missing", async () => {
    let away = true;
    const texts = defineTexts(
      async () => ({ word: "en" }),
      async () => {
        if (away) throw new Error("offline");
        return { word: "zh" };
      },
    );
    await assert.rejects(loadTexts("zh"), /offline/);
    assert.equal(texts.known("zh"), undefined);
    away = false;
    await loadTexts("zh");
    assert.equal(texts.known("zh")?.word, "zh");
  });
});
