// What takes longer than `npm test` has: a dossier spoiled in many places, one at a time.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeJson, type Json } from "../../../protocol/bundle/canonical-json.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { writeFacts, type LedgerFacts } from "../../../protocol/ledger/facts.ts";
import { checkDossier } from "../../../scripts/dossier/check.ts";
import { expectFlipsNoticed, filesOf, forge, startBench, type Bench } from "./support.ts";

const factsBytes = (facts: LedgerFacts): Uint8Array => encodeJson(JSON.parse(writeFacts(facts)) as Json);

describe("a dossier spoiled", () => {
  let bench: Bench;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench.close());

  it("notices any single changed bit, and blames the file that holds it", async () => {
    const files = await filesOf(bench.whole);
    const { length } = files;
    // Every file at least once.
    await expectFlipsNoticed(bench, [...files, ...Array.from({ length: 200 }, (_, i) => files[(i * 7919) % length] ?? "")]);
  });

  it("gives a typed error or a finding for every mutation of the facts, and never crashes", async () => {
    const copy = await bench.copy();
    const text = new TextDecoder().decode(factsBytes(bench.ledger.facts));
    const original = JSON.parse(text) as Json;
    let tried = 0;
    for (const [value, mutate] of mutations(original).filter((_, i) => i % 3 === 0)) {
      await forge(copy, { "facts.json": encodeJson(mutate) });
      tried++;
      const outcome = await checkDossier(copy).catch((error: unknown) => error);
      if (outcome instanceof Error) assert.ok(outcome instanceof ChongwenError, `${value}: ${outcome.stack}`);
    }
    assert.ok(tried > 20);
  });
});

/** The value with one leaf replaced by something that does not belong there. */
function mutations(value: Json): [string, Json][] {
  const leaves: [string, Json][] = [];
  const strange: readonly Json[] = [null, 0, 4_294_967_295, "", `0x${"00".repeat(32)}`, [], {}];
  const visit = (node: Json, rebuild: (part: Json) => Json, at: string): void => {
    for (const [i, odd] of strange.entries()) leaves.push([`${at} → ${i}`, rebuild(odd)]);
    if (Array.isArray(node)) node.forEach((item: Json, i) => visit(item, (part) => rebuild(node.map((other: Json, j) => (j === i ? part : other))), `${at}.${i}`));
    else if (typeof node === "object" && node !== null) for (const [key, item] of Object.entries(node as { readonly [key: string]: Json })) visit(item, (part) => rebuild({ ...(node as object), [key]: part }), `${at}.${key}`);
  };
  visit(value, (part) => part, "facts");
  return leaves;
}
