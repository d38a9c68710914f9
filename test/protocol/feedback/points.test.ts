// What feedback is worth: the rule against a second implementation, and attacks named after themselves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Address, Hex } from "viem";
import { VERDICTS } from "../../../protocol/feedback/index.ts";
import { countFeedback, FEEDBACK_RULE, scoreFeedback, type FeedbackPayee, type ReceivedFeedback } from "../../../protocol/feedback/points.ts";
import { createRandom } from "../support/random.ts";

const DAY = 86_400;
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const user = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const [MODEL, OTHER] = [word(1), word(2)];
let inputs = 100;
const said = (by: number, more: Partial<ReceivedFeedback> = {}): ReceivedFeedback => ({ user: user(by), modelRoot: MODEL, inputHash: word(inputs++), verdict: VERDICTS.right, receivedAt: 0, ...more });

/** Users 1 to 89 have a seat by tens (organisation = seat + 1); the rest have none. */
const payeeOf = (who: Address): FeedbackPayee | null => (Number(who) < 90 ? { seat: Math.floor(Number(who) / 10), organisation: Math.floor(Number(who) / 10) + 1 } : null);
const score = (statements: readonly ReceivedFeedback[], authors: readonly number[] = []) => scoreFeedback({ statements, payeeOf, authors: new Set(authors) }, () => true);
const { checked, unsure, perUserDay, perSeatDay } = FEEDBACK_RULE;

describe("points for feedback", () => {
  it("go to the user's seat; a prediction that was checked is worth more than one that could not be judged", () => {
    assert.deepEqual(score([said(11), said(11, { verdict: VERDICTS.wrong }), said(12, { verdict: VERDICTS.unsure }), said(31)]), [[1, BigInt(2 * checked + unsure)], [3, BigInt(checked)]]);
    assert.ok(unsure > 0 && unsure < checked);
  });

  it("praise and blame are worth the same: nobody is paid to like a model", () => {
    assert.deepEqual(score([said(11)]), score([said(11, { verdict: VERDICTS.wrong })]));
  });

  it("of a settlement are those of its own statements, and a day's limit does not begin anew with it", () => {
    const statements = Array.from({ length: perUserDay + 4 }, () => said(11));
    const within = (from: number, to: number) => scoreFeedback({ statements, payeeOf, authors: new Set() }, (statement) => statements.indexOf(statement) >= from && statements.indexOf(statement) < to);
    assert.deepEqual(within(0, 6), [[1, BigInt(6 * checked)]]);
    assert.deepEqual(within(6, 14), [[1, BigInt((perUserDay - 6) * checked)]]);
  });

  it("are those of an implementation that counts anew for every statement (60 worlds)", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = createRandom(seed);
      const below = (n: number): number => Math.floor(random() * n);
      const rule = { perUserDay: 3, perSeatDay: 5, checked: 10, unsure: 3 };
      const statements = Array.from({ length: 120 }, () => said(below(100), { inputHash: word(below(60)), modelRoot: below(2) === 0 ? MODEL : OTHER, verdict: below(4), receivedAt: below(3) * DAY + below(DAY) }));
      const authors = new Set([1 + below(9)]);
      const dayOf = ({ receivedAt }: ReceivedFeedback): number => Math.floor(receivedAt / DAY);
      const kept: ReceivedFeedback[] = [];
      for (const statement of statements) {
        const payee = payeeOf(statement.user);
        if (payee === null || authors.has(payee.organisation) || ![1, 2, 3].includes(statement.verdict)) continue;
        const today = kept.filter((other) => dayOf(other) === dayOf(statement));
        if (kept.some((other) => other.inputHash === statement.inputHash && other.modelRoot === statement.modelRoot)) continue;
        if (today.filter((other) => other.user === statement.user).length >= rule.perUserDay || today.filter((other) => payeeOf(other.user)?.seat === payee.seat).length >= rule.perSeatDay) continue;
        kept.push(statement);
      }
      assert.deepEqual(countFeedback({ statements, payeeOf, authors, rule }).map(({ statement }) => statement), kept);
    }
  });
});

describe("attacks on points for feedback", () => {
  it("a flood by one account counts up to the day's limit", () => {
    const flood = (days: number) => score(Array.from({ length: 500 }, (_, i) => said(11, { receivedAt: (i % days) * DAY })));
    assert.deepEqual(flood(1), [[1, BigInt(perUserDay * checked)]]);
    assert.deepEqual(flood(3), [[1, BigInt(3 * perUserDay * checked)]]);
  });
  it("a flood by many accounts of one house counts up to the seat's limit", () => {
    assert.deepEqual(score(Array.from({ length: 500 }, (_, i) => said(10 + (i % 10)))), [[1, BigInt(perSeatDay * checked)]]);
  });
  it("the same input of the same model counts once, whoever sends it again", () => {
    const one = { inputHash: word(7) };
    assert.deepEqual(score([said(11, one), said(11, { ...one, verdict: VERDICTS.wrong }), said(31, one), said(31, { ...one, modelRoot: OTHER })]), [[1, BigInt(checked)], [3, BigInt(checked)]]);
  });
  it("self-praise by the model's author, or by the author's house, counts nothing, nor does blame", () => {
    const statements = [said(11), said(12), said(13, { verdict: VERDICTS.wrong }), said(31)];
    assert.deepEqual(score(statements, [2]), [[3, BigInt(checked)]]);
  });
  it("accounts without a seat count nothing, and use up nobody's input", () => {
    const one = { inputHash: word(8) };
    assert.deepEqual(score([said(95, one), said(11, one)]), [[1, BigInt(checked)]]);
  });
  it("always unsure earns a fifth of checking", () => {
    assert.deepEqual(score(Array.from({ length: 9 }, () => said(11, { verdict: VERDICTS.unsure }))), [[1, BigInt(9 * unsure)]]);
    assert.equal(5 * unsure, checked);
  });
  it("another case of the same address is the same account", () => {
    const upper = (n: number): Address => `0x${user(n).slice(2).toUpperCase()}` as Address;
    const house = (who: Address): FeedbackPayee => ({ seat: Number(BigInt(who)) % 2, organisation: 1 });
    const statements = Array.from({ length: 30 }, (_, i) => said(0, { user: i % 2 === 0 ? user(0xab) : upper(0xab) }));
    assert.equal(countFeedback({ statements, payeeOf: house, authors: new Set() }).length, perUserDay);
  });
});
