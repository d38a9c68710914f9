// Task sets, orders, gold and escalation.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  goldCommitment, goldResult, NO_NOTE, noteHash, outcomeOf, readerSeed, readTaskSet, requireAnswer, secondsBucket, seededOrder, SPECIAL, taskSetRoot, type Reading,
} from "../../../protocol/annotation/index.ts";
import { answerTo, gold, taskSet, taskSetJson, word } from "./support.ts";

const refuses = (change: object): void => assert.throws(() => readTaskSet({ ...taskSetJson, ...change }), { code: "task-set-invalid" }, JSON.stringify(change));

describe("a task set", () => {
  it("is named by everything in it", () => {
    const roots = [taskSet, { ...taskSet, edition: 2 }, { ...taskSet, question: { en: "Which?", zh: "哪个？" } }, { ...taskSet, tasks: taskSet.tasks.toReversed() }, { ...taskSet, chainId: 1 }].map(taskSetRoot);
    assert.equal(new Set(roots).size, roots.length);
  });
  it("names pictures by hash only: an address is refused wherever text stands", () => {
    for (const bad of ["see https://example.org", "data://x", "www.example.org"]) {
      for (const field of ["title", "question", "instructions", "pictures"]) refuses({ [field]: { en: bad, zh: "好" } });
    }
    refuses({ tasks: [{ image: "https://example.org/a.png", turn: 1 }] });
    refuses({ tasks: [{ image: word(1), turn: 1, url: "a.png" }] });
  });
  it("refuses pictures or classes that occur twice, unknown fields, and more than there is", () => {
    refuses({ tasks: [taskSetJson.tasks[0], taskSetJson.tasks[0]], perReader: 1 });
    refuses({ classes: [taskSetJson.classes[0], taskSetJson.classes[0]] });
    refuses({ classes: [taskSetJson.classes[0], { ...taskSetJson.classes[1], code: 1 }] });
    refuses({ classes: [taskSetJson.classes[0], { ...taskSetJson.classes[1], code: SPECIAL.uncertain }] });
    refuses({ perReader: 7 });
    refuses({ more: 1 });
    refuses({ tasks: [{ image: word(1), turn: 9 }], perReader: 1 });
  });
  it("refuses text that hides or turns other text", () => {
    for (const bad of ["a\u202eb", "a\u0000b", "a\u2066b", "\ud800"]) refuses({ question: { en: bad, zh: "好" } });
  });
});

describe("an answer", () => {
  it("names a class that exists, and carries a note exactly when it says so", () => {
    const note = { salt: word(1), text: "a mole beside it" };
    requireAnswer(answerTo(0, 2), taskSet.classes, null);
    requireAnswer(answerTo(0, 2, { noteHash: noteHash(note.salt, note.text) }), taskSet.classes, note);
    assert.throws(() => requireAnswer(answerTo(0, 3), taskSet.classes, null), { code: "statement-invalid" });
    assert.throws(() => requireAnswer(answerTo(0, 2), taskSet.classes, note), { code: "statement-invalid" });
    assert.throws(() => requireAnswer(answerTo(0, 2, { noteHash: word(3) }), taskSet.classes, null), { code: "statement-invalid" });
    assert.throws(() => requireAnswer(answerTo(0, 0), taskSet.classes, null), { code: "statement-invalid" });
    assert.notEqual(noteHash(word(1), "x"), noteHash(word(2), "x"));
    assert.notEqual(noteHash(word(1), ""), NO_NOTE);
  });
  it("tells its time in buckets", () => {
    assert.deepEqual([0, 1.9, 2, 9, 19, 59, 179, 180, 1e9].map(secondsBucket), [0, 0, 1, 2, 3, 4, 5, 6, 6]);
  });
});

describe("a reader's order", () => {
  it("is a permutation, the same for the same seed, another for each reader and tier", () => {
    for (const count of [1, 2, 7, 100]) assert.deepEqual(seededOrder(word(5), count).toSorted((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
    assert.deepEqual(seededOrder(word(5), 50), seededOrder(word(5), 50));
    const seeds = [readerSeed(word(1), "0xaa", 1), readerSeed(word(1), "0xaa", 2), readerSeed(word(1), "0xab", 1), readerSeed(word(2), "0xaa", 1)];
    assert.equal(new Set(seeds.map((seed) => seededOrder(seed, 50).join())).size, 4);
    assert.equal(readerSeed(word(1), "0xAA", 1), readerSeed(word(1), "0xaa", 1));
  });
  it("puts every task at every place about equally often", () => {
    const first = Array.from({ length: 1200 }, (_, i) => seededOrder(word(i), 6)[0] ?? -1);
    for (let task = 0; task < 6; task++) assert.ok(Math.abs(first.filter((at) => at === task).length - 200) < 60);
  });
});

describe("gold", () => {
  it("is committed with every answer, its level, and a salt", () => {
    const entries = gold.entries.map((entry) => ({ ...entry }));
    const others = [
      { ...gold, salt: word(78) }, { ...gold, entries: entries.slice(1) },
      { ...gold, entries: [{ ...entries[0]!, answer: 1 }, entries[1]!] }, { ...gold, entries: [{ ...entries[0]!, level: "consensus" as const }, entries[1]!] },
    ];
    assert.equal(new Set([gold, ...others].map(goldCommitment)).size, 5);
    assert.throws(() => goldCommitment({ ...gold, entries: entries.toReversed() }), { code: "task-set-invalid" });
  });
  it("counts right and wrong, and abstentions as neither", () => {
    const result = (answers: [number, number][]) => {
      const { right, wrong, abstained } = goldResult(gold, new Map(answers));
      return [right, wrong, abstained];
    };
    assert.deepEqual(result([[1, 2], [3, 1], [0, 1]]), [2, 0, 0]);
    assert.deepEqual(result([[1, 1], [3, SPECIAL.uncertain]]), [0, 1, 1]);
    assert.deepEqual(result([[1, SPECIAL.withdrawn]]), [0, 0, 0]);
    assert.equal(goldResult(gold, new Map()).accuracy, null);
    assert.deepEqual(goldResult(gold, new Map([[1, 2], [3, 2]])).accuracy, { numerator: 1n, denominator: 2n });
  });
});

describe("escalation", () => {
  const at = (tier: number, ...answers: number[]): Reading[] => answers.map((answer) => ({ tier, answer }));
  const state = (needed: number, ...readings: Reading[][]): string => {
    const outcome = outcomeOf(readings.flat(), needed);
    return `${outcome.state} ${outcome.tier}${"answer" in outcome ? ` ${outcome.answer}` : ""}`;
  };
  it("waits, agrees, asks a verifier, then the top tier, then a meeting", () => {
    assert.equal(state(2), "open 1");
    assert.equal(state(2, at(1, 1)), "open 1");
    assert.equal(state(2, at(1, 1, 1)), "agreed 1 1");
    assert.equal(state(2, at(1, 1, 2)), "open 2");
    assert.equal(state(2, at(1, 1, 2), at(2, 2)), "agreed 2 2");
    assert.equal(state(2, at(1, 1, 2), at(2, 3)), "open 3");
    assert.equal(state(2, at(1, 1, 2), at(2, 3), at(3, 1)), "open 3");
    assert.equal(state(2, at(1, 1, 2), at(2, 3), at(3, 1, 1)), "agreed 3 1");
    assert.equal(state(2, at(1, 1, 2), at(2, 3), at(3, 1, 2)), "disputed 3");
  });
  it("takes one reading for no agreement", () => {
    assert.equal(state(1, at(1, 1)), "open 2");
    assert.equal(state(1, at(1, 1), at(2, 1)), "agreed 2 1");
    assert.equal(state(1, at(1, 1), at(2, 2)), "open 3");
  });
  it("lets the top tier overrule", () => assert.equal(state(2, at(1, 1, 1), at(2, 1), at(3, 2, 2)), "agreed 3 2"));
  it("never settles on uncertain, settles on ungradable, forgets what was taken back", () => {
    assert.equal(state(2, at(1, SPECIAL.uncertain, SPECIAL.uncertain)), "open 2");
    assert.equal(state(2, at(1, SPECIAL.ungradable, SPECIAL.ungradable)), `agreed 1 ${SPECIAL.ungradable}`);
    assert.equal(state(2, at(1, 1, 1, SPECIAL.withdrawn)), "agreed 1 1");
  });
  it("withholds a picture once one reader recognises a person, whatever others say", () => {
    assert.equal(state(2, at(1, 1, 1, 1, SPECIAL.identifiable), at(3, 1, 1)), "withheld 1");
  });
});
