// The annotate page's pure parts: keys, view, and a reader at work against a server that fails.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSame, scoreReader, SPECIAL, type Submission, type Submitted, type Work } from "../../protocol/annotation/index.ts";
import { CustodianError, type Desk } from "../../frontend/src/pages/annotate/client.ts";
import { DeskStore } from "../../frontend/src/pages/annotate/desk-store.ts";
import { ACTIONS, actionOf, DEFAULT_BINDINGS, isBindable, parseBindings, rebind } from "../../frontend/src/pages/annotate/keys.ts";
import { formatPpm, termRows } from "../../frontend/src/pages/annotate/terms.ts";
import { changeView, PLAIN_VIEW, transformOf } from "../../frontend/src/pages/annotate/view.ts";

describe("keys", () => {
  it("are one for every action, found whatever the case", () => {
    assert.equal(new Set(ACTIONS.map((action) => DEFAULT_BINDINGS[action])).size, ACTIONS.length);
    assert.deepEqual([actionOf(DEFAULT_BINDINGS, "U"), actionOf(DEFAULT_BINDINGS, "="), actionOf(DEFAULT_BINDINGS, "q"), actionOf(DEFAULT_BINDINGS, "Tab")], ["uncertain", "zoomIn", null, null]);
  });
  it("can be changed, but never shared, nor taken from the browser", () => {
    const changed = rebind(DEFAULT_BINDINGS, "uncertain", "Q");
    assert.ok(typeof changed !== "string");
    assert.equal(actionOf(changed, "q"), "uncertain");
    assert.equal(actionOf(changed, "u"), null);
    assert.equal(rebind(DEFAULT_BINDINGS, "uncertain", "p"), "identifiable");
    assert.deepEqual(["Tab", "Escape", "Shift", " ", "F5"].map(isBindable), [false, false, false, false, false]);
  });
  it("that were remembered wrongly are forgotten", () => {
    const good = JSON.stringify({ ...DEFAULT_BINDINGS, uncertain: "q" });
    assert.equal(parseBindings(good).uncertain, "q");
    for (const bad of [null, "", "{", "[]", "null", JSON.stringify({ ...DEFAULT_BINDINGS, uncertain: "p" }), JSON.stringify({ ...DEFAULT_BINDINGS, undo: "Tab" }), JSON.stringify({ ...DEFAULT_BINDINGS, undo: 1 }), '{"class1":"1"}']) {
      assert.deepEqual(parseBindings(bad), DEFAULT_BINDINGS, String(bad));
    }
  });
});

describe("the view", () => {
  it("zooms within bounds and never moves the picture out of its frame", () => {
    let view = PLAIN_VIEW;
    for (let i = 0; i < 50; i++) view = changeView(view, "zoomIn") ?? view;
    assert.equal(view.zoom, 800);
    for (let i = 0; i < 90; i++) view = changeView(view, "left") ?? view;
    assert.equal(view.x, 3.5);
    for (let i = 0; i < 50; i++) view = changeView(view, "zoomOut") ?? view;
    assert.deepEqual([view.zoom, view.x], [100, 0]);
    assert.deepEqual(changeView({ ...view, light: 60 }, "reset"), PLAIN_VIEW);
    assert.equal(changeView(view, "class1"), null);
  });
  it("turns a picture as its camera noted", () => {
    assert.match(transformOf(PLAIN_VIEW, 6), /rotate\(90deg\)$/);
    assert.match(transformOf(PLAIN_VIEW, 1), /scale\(1\)$/);
  });
});

type Said = Submission["answer"];

/** A server in memory; `fail` says what goes wrong with the next submissions. */
function fakeDesk(total: number, fail: (CustodianError | null)[] = []) {
  const received: Said[] = [];
  const standing = new Map<number, Said>();
  const desk = {
    async work(tier: number): Promise<Work> {
      const open = Array.from({ length: total }, (_, task) => task).filter((task) => (standing.get(task)?.answer ?? SPECIAL.withdrawn) === SPECIAL.withdrawn);
      const next = open.slice(0, 3).map((task) => ({ task, image: `0x${"11".repeat(32)}` as const, turn: 1, revision: (standing.get(task)?.revision ?? -1) + 1 }));
      return { tier, done: total - open.length, total, next };
    },
    async submit({ answer }: Submission): Promise<Submitted> {
      const error = fail.shift() ?? null;
      if (error !== null) throw error;
      assert.equal(answer.revision, (standing.get(answer.task)?.revision ?? -1) + 1);
      received.push(answer);
      standing.set(answer.task, answer);
      return { record: {} as Submitted["record"], peers: answer.tier > 1 ? { agreeing: 1, pairs: 1 } : null };
    },
  } as unknown as Desk;
  return { desk, received };
}

async function atWork(total: number, fail: (CustodianError | null)[] = [], tier = 1) {
  const { desk, received } = fakeDesk(total, fail);
  let time = 0;
  const slept: number[] = [];
  const store = new DeskStore({
    desk, tier, answer: { taskSet: `0x${"22".repeat(32)}`, annotator: `0x${"33".repeat(20)}`, sessionKey: `0x${"44".repeat(20)}` }, sign: async () => `0x${"55".repeat(65)}`, now: () => time,
    sleep: async (wait) => void slept.push(wait), randomSalt: () => `0x${"66".repeat(32)}`,
  });
  await store.refresh();
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 60; i++) await Promise.resolve();
  };
  return { store, received, slept, settle, pass: (seconds: number) => void (time += 1000 * seconds) };
}

describe("a reader at work", () => {
  it("sees the next picture at once, and every answer arrives in order, once", async () => {
    const { store, received, settle } = await atWork(5);
    for (const answer of [1, 2, 3]) store.choose(answer);
    assert.equal(store.state().done, 3);
    await settle();
    assert.deepEqual(received.map(({ task, answer }) => [task, answer]), [[0, 1], [1, 2], [2, 3]]);
    assert.deepEqual([store.state().pending, store.state().next.map(({ task }) => task)], [0, [3, 4]]);
  });
  it("is not disturbed by a server that is away: answers wait and are sent again", async () => {
    const away = new CustodianError("unreachable", "");
    const { store, received, slept, settle } = await atWork(3, [away, away, away]);
    store.choose(1);
    await settle();
    assert.deepEqual(slept, [1000, 2000, 4000]);
    assert.deepEqual([received.length, store.state().pending, store.state().problem], [1, 0, null]);
  });
  it("takes an answer back, also before it was sent, and gives it anew", async () => {
    const { store, received, settle } = await atWork(3);
    store.choose(1);
    store.undo();
    assert.deepEqual([store.state().next[0]?.task, store.state().next[0]?.revision, store.state().done], [0, 2, 0]);
    store.choose(2);
    await settle();
    assert.deepEqual(received.map(({ answer, revision }) => [answer, revision]), [[1, 0], [0, 1], [2, 2]]);
  });
  it("cannot take back that a person was recognised", async () => {
    const { store, received, settle } = await atWork(3);
    store.choose(SPECIAL.identifiable);
    store.undo();
    await settle();
    assert.equal(store.state().said?.kind, "noUndo");
    assert.deepEqual(received.map(({ answer }) => answer), [SPECIAL.identifiable]);
  });
  it("confirms a verification before it counts, but hides a recognised person at once", async () => {
    const { store, received, settle } = await atWork(3, [], 2);
    store.choose(1);
    await settle();
    assert.deepEqual([received.length, store.state().draft.chosen], [0, 1]);
    store.choose(2);
    store.confirm();
    store.choose(SPECIAL.identifiable);
    await settle();
    assert.deepEqual(received.map(({ answer }) => answer), [2, SPECIAL.identifiable]);
  });
  it("has no time counted while paused, and answers nothing meanwhile", async () => {
    const { store, received, settle, pass } = await atWork(3);
    pass(3);
    store.pause();
    pass(600);
    store.choose(1);
    store.pause();
    pass(1);
    store.choose(1);
    await settle();
    assert.deepEqual(received.map(({ seconds }) => seconds), [1]);
  });
  it("whose session has ended is told so, and nothing is sent any more", async () => {
    const { store, settle } = await atWork(3, [new CustodianError("login-needed", "")]);
    store.choose(1);
    await settle();
    assert.equal(store.state().phase, "ended");
  });
  it("is shown what the server has, when the server refuses for good", async () => {
    const { store, settle } = await atWork(3, [new CustodianError("answer-given", "")]);
    store.choose(1);
    await settle();
    assert.deepEqual([store.state().pending, store.state().next[0]?.task, store.state().problem], [0, 0, "answer-given"]);
  });
  it("sends a note only with an incidental finding, bound by its hash", async () => {
    const { store, received, settle } = await atWork(3);
    store.draft({ note: "not to be sent" });
    store.choose(1);
    store.draft({ incidental: true, note: " look here " });
    store.choose(1);
    await settle();
    assert.deepEqual(received.map(({ incidental, noteHash }) => [incidental, /^0x0{64}$/.test(noteHash)]), [[false, true], [true, false]]);
  });
});

describe("the reader's own terms", () => {
  it("say each term as a person reads it, and nothing where nothing is known", () => {
    const gold = [1, 1, 2, 2].map((truth, i) => ({ own: i === 3 ? 1 : truth, peers: new Map([[truth, 1]]) }));
    const annotation = scoreReader({ gold, peers: gold, weightsPpm: new Array<number>(40).fill(1_000_000) }, isSame);
    const verification = scoreReader({ gold: [], peers: [], weightsPpm: [] }, isSame);
    const rows = Object.fromEntries(termRows({ annotation, verification }).map(({ name, values }) => [name, values]));
    assert.deepEqual(rows["accuracy"], ["3 ∕ 4", "–"]);
    assert.deepEqual(rows["chance"], ["41.7 %", "–"]);
    assert.deepEqual(rows["agreement"], ["33.3 %", "–"]);
    assert.deepEqual(rows["weight"], ["40.0", "0.0"]);
    // Half gold (½ · 4∕12), half agreement as far as gold bears it out (⅓ · 4∕12).
    assert.deepEqual(rows["gain"], ["13.9 %", "0.0 %"]);
    assert.deepEqual(rows["points"], ["5.5", "0.0"]);
  });
  it("have a minus where there is less than chance", () => assert.equal(formatPpm(-123_456), "−12.3 %"));
});
