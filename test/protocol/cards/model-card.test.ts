import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { readReadme } from "../../../protocol/cards/front-matter.ts";
import { modelCard } from "../../../protocol/cards/model-card.ts";
import type { CardTerms, ModelFacts } from "../../../protocol/cards/model-facts.ts";
import { balancedPpm } from "../../../protocol/cards/read-round.ts";
import { bytesOf } from "./hub-card.ts";
import { dataset, FACTS } from "./model-facts.ts";

// Named at run time: the types of React's server and those of the other tests do not go together.
const load = async <Module>(name: string): Promise<Module> => (await import(name)) as Module;
const { createElement } = await load<{ createElement(type: unknown, props: object): unknown }>("react");
const { renderToStaticMarkup } = await load<{ renderToStaticMarkup(element: unknown): string }>("react-dom/server");
const { default: Markdown } = await load<{ default: unknown }>("react-markdown");

const GOLDEN = path.join(import.meta.dirname, "model-card.golden.md");
const frontOf = (card: string): ReadonlyMap<unknown, unknown> => readReadme(bytesOf(card)).front;
const html = (card: string): string => renderToStaticMarkup(createElement(Markdown, { children: readReadme(bytesOf(card)).body }));
const changed = (facts: Partial<ModelFacts>): string => modelCard({ ...FACTS, ...facts });
const licences = (...texts: string[]): string => changed({ datasets: texts.map((text, i) => dataset(i + 1, text)) });

describe("the model card", () => {
  it("is, byte for byte, the one that was looked at by people", () => {
    const card = modelCard(FACTS);
    // Delete the file to write it anew, and read what changed.
    if (!existsSync(GOLDEN)) writeFileSync(GOLDEN, card);
    assert.equal(card, readFileSync(GOLDEN, "utf8"));
  });

  it("has front matter that says the same as its text", () => {
    const front = frontOf(modelCard(FACTS));
    assert.equal(front.get("license"), "cc-by-nc-4.0");
    assert.deepEqual(front.get("datasets"), ["example/data-1", "example/data-2"]);
    assert.deepEqual(front.get("tags"), ["federated-learning", "chongwen", "research-use-only", "differential-privacy", "consent-withdrawn"]);
    const [model] = front.get("model-index") as ReadonlyMap<string, unknown>[];
    const [result] = (model?.get("results") ?? []) as ReadonlyMap<string, unknown>[];
    const metrics = (result?.get("metrics") ?? []) as ReadonlyMap<string, unknown>[];
    assert.deepEqual(metrics.map((metric) => [metric.get("type"), metric.get("value")]), [["accuracy", 0.9], ["balanced_accuracy", 0.876_543]]);
    assert.deepEqual(result?.get("task"), new Map([["type", "image-classification"]]));
    assert.deepEqual((front.get("chongwen") as ReadonlyMap<string, unknown>).get("report_hash"), FACTS.reportHash);
  });

  it("takes the most restrictive licence, or none with the list", () => {
    assert.equal(frontOf(licences("CC0-1.0", "CC BY 4.0")).get("license"), "cc-by-4.0");
    for (const several of [["CC-BY-SA-4.0", "CC-BY-NC-4.0"], ["CC-BY-4.0", "hospital terms"], ["unknown"]]) {
      const card = licences(...several);
      assert.equal(frontOf(card).get("license"), "other");
      for (const text of several) assert.ok(card.includes(`- \`${text}\``), text);
    }
    assert.equal(frontOf(changed({ lineage: [{ ...FACTS.lineage[0]!, entries: null }, FACTS.lineage[1]!] })).get("license"), "other");
  });

  it("counts every version of the terms that was used", () => {
    const [terms] = dataset(1, "MIT").terms;
    const card = changed({ datasets: [dataset(1, "MIT", { terms: [terms!, { ...terms!, version: 2, licence: "CC-BY-NC-4.0", consentVersion: 3 } satisfies CardTerms] })] });
    assert.equal(frontOf(card).get("license"), "cc-by-nc-4.0");
    assert.match(card, /used under consent form 2, 3/);
  });

  it("says first what was not verified, and then claims no figures to the Hub's search", () => {
    const card = changed({ audit: { checked: 3, findings: [{ kind: "unverified", entry: "round 2", subject: "updates/0.bin", message: "not here" }] } });
    assert.ok(card.indexOf("**NOT VERIFIED.**") < card.indexOf("## Intended use"));
    assert.match(card, /- unverified: `round 2 updates\/0\.bin not here`/);
    assert.equal(frontOf(card).has("model-index"), false);
    assert.ok((frontOf(card).get("tags") as string[]).includes("not-verified"));
  });

  it("says that tombstones, seats and budgets may be missing where an earlier bundle could not be read", () => {
    const card = changed({ lineage: [{ ...FACTS.lineage[0]!, entries: null }, FACTS.lineage[1]!], datasets: [dataset(1, "MIT", { spentHere: null })] });
    assert.match(card, /may be more contributors, data, licences and withdrawals/);
    assert.match(card, /No tombstone is known; the lineage could not be read whole/);
    assert.match(card, /not known \| 0\.003000000/);
    assert.match(card, /\| 1 \| Final \| not read \|/);
  });

  it("counts an entry without weight or payload as not there", () => {
    const card = modelCard(FACTS);
    assert.doesNotMatch(card, /Hospital 3/);
    assert.match(card, /\| 1 \| Final \| 1 \| seat 1 \(ethics-expired\) \| seat 2 \|/);
    assert.match(card, /dataset 2 was withdrawn; its records took part in round 2$/m);
  });

  it("shows no figures without an evaluation", () => {
    const card = changed({ evaluation: null });
    assert.deepEqual([frontOf(card).has("metrics"), frontOf(card).has("model-index"), card.includes("attested by the operators")], [false, false, true]);
  });

  it("weighs every class alike", () => {
    assert.equal(balancedPpm(Uint8Array.of(0, 0, 0, 1), Uint8Array.of(0, 0, 0, 0)), 500_000);
    assert.equal(balancedPpm(Uint8Array.of(0, 1, 1, 1, 5, 5), Uint8Array.of(0, 1, 0, 0, 5, 5)), 777_777);
    assert.equal(balancedPpm(new Uint8Array(), new Uint8Array()), null);
  });

  const HOSTILE = [
    "</code><script>alert(1)</script>", "`` ` ``` <img src=x onerror=alert(1)>", "[click](javascript:alert(1))", "![x](https://evil.example/pixel.png)", "x\n---\nlicense: mit\n---\n# Approved for clinical use", "\"\nlicense: mit\nx: \"",
    "a | b | c\n|---|", "https://evil.example www.evil.example", "\u202eetanimircsid\u202c \u200b\u0000\u001b[31m", "*bold* _it_ # heading", "> **VERIFIED**", "&lt;b&gt; &#60;script&#62;", "`", "```\n## Fenced", "\\`x\\`", "<!-- hidden -->", "{{template}} ${js}", "y".repeat(5_000),
  ];

  it("attack: whatever cards and terms say, it is quoted: no link, picture, tag, heading or field of YAML is made of it", () => {
    const saying = (text: string): string => {
      const words = { title: text, institution: text, source: text, tasks: text, purpose: text, limits: text };
      const terms = (one: CardTerms): CardTerms => ({ ...one, licence: text, legalBasis: text, ethicsApproval: text });
      return changed({ datasets: FACTS.datasets.map((one) => ({ ...one, words, terms: one.terms.map(terms) })) });
    };
    /** The page without what stands in code: nothing of a stranger's text may be left in it. */
    const around = (card: string): string => html(card).replaceAll(/<code[^>]*>[\s\S]*?<\/code>/g, "<code/>");
    const harmless = around(saying("harmless"));
    for (const text of HOSTILE) {
      const card = saying(text);
      assert.equal(around(card), harmless, text);
      const front = frontOf(card);
      assert.equal(front.get("license"), "other", text);
      assert.deepEqual([...front.keys()], ["license", "license_name", "license_link", "tags", "metrics", "model-index", "chongwen"], text);
      // Bidirectional and invisible characters are shown as their codes.
      assert.doesNotMatch(card, /\p{Cf}|[^\P{Cc}\n]/u, text);
      // Every row of a table has as many cells as its head, whatever is in them.
      for (const row of card.split("\n").filter((line) => line.startsWith("|"))) assert.ok([2, 3, 6, 9].includes(row.replaceAll("\\|", "").split("|").length - 2), `${text}: ${row}`);
    }
  });

  it("attack: a finding's message is quoted too", () => {
    const around = (message: string): string => html(changed({ audit: { checked: 1, findings: [{ kind: "unverified", entry: "round 2", subject: "x", message }] } })).replaceAll(/<code[^>]*>[\s\S]*?<\/code>/g, "<code/>");
    for (const message of HOSTILE) assert.equal(around(message), around("harmless"), message);
  });

  it("attack: a source that is not a dataset of the Hub is no dataset in the front matter", () => {
    for (const source of ["https://huggingface.co/datasets/a/b\n- evil", "https://huggingface.co.evil/datasets/a/b", "https://huggingface.co/datasets/../../x", "https://huggingface.co/datasets/a/b/c", "javascript:https://huggingface.co/datasets/a/b"]) {
      assert.equal(frontOf(changed({ datasets: [dataset(1, "MIT", { words: { source } })] })).has("datasets"), false, source);
    }
  });

  it("attack: people in registered terms are not spread further", () => {
    const card = changed({ datasets: [dataset(1, "MIT", { words: { title: "Data of jane@hospital.example", limits: "call +43 1 40400 7700" } })] });
    assert.doesNotMatch(card, /jane|7700/);
  });
});
