import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { canonicalJson, decodeJson, encodeJson, type Json } from "../../protocol/index.ts";
import { withCode } from "./support/throws.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => decodeJson(utf8(text), "x.json", 1_000);

test("keys are sorted, nothing is spaced, text is UTF-8", () => {
  assert.equal(canonicalJson({ b: [1, -2, true, null], a: { z: "é\n\u0001", A: "" }, "": 0 }), '{"":0,"a":{"A":"","z":"é\\n\\u0001"},"b":[1,-2,true,null]}');
  assert.deepEqual(encodeJson({ a: "书" }), utf8('{"a":"书"}'));
});

test("what is written is read back", () => {
  const value: Json = { list: [{ x: 1 }, { x: 2 ** 53 - 1 }, -5, "", "\u2028 \" \\ /", "👍"], nothing: null };
  assert.deepEqual(decodeJson(encodeJson(value), "x", 1_000), value);
});

describe("what has no canonical form is refused", () => {
  for (const [name, value] of [
    ["a fraction", 0.5], ["a huge integer", 2 ** 53], ["NaN", NaN], ["minus zero", -0], ["half a surrogate pair", "\ud800"],
    ["a bigint", 1n as unknown as Json], ["undefined", { a: undefined } as unknown as Json], ["a key beyond ASCII", { é: 1 }],
  ] as [string, Json][]) {
    test(name, () => assert.throws(() => canonicalJson(value), withCode("json-invalid")));
  }
  test("bottomless nesting", () => {
    let value: Json = 0;
    for (let i = 0; i < 100; i++) value = [value];
    assert.throws(() => canonicalJson(value), withCode("json-invalid", /deeper/));
  });
});

describe("decodeJson refuses", () => {
  for (const [name, text] of [
    ["white space", '{"a": 1}'], ["a line end", '{"a":1}\n'], ["unsorted keys", '{"b":1,"a":1}'], ["a key twice", '{"a":1,"a":1}'], ["1.0", '{"a":1.0}'],
    ["1e2", "1e2"], ["-0", "-0"], ["a needless escape", '"\\u0041"'], ["an upper-case escape", '"\\u001F"'], ["broken JSON", '{"a":'], ["nothing", ""],
    ["a byte order mark", "\ufeff1"], ["a hidden prototype", '{"__proto__":1,"a":[] }'],
  ] as [string, string][]) {
    test(name, () => assert.throws(() => read(text), withCode("json-invalid", /x\.json/)));
  }
  test("bytes that are no UTF-8", () => assert.throws(() => decodeJson(Uint8Array.of(0x22, 0xff, 0x22), "x.json", 10), withCode("json-invalid")));
  test("more bytes than allowed, unread", () => assert.throws(() => decodeJson(utf8("12345"), "x.json", 4), withCode("json-invalid", /5 bytes, more than 4/)));
});
