import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readCard } from "../../../frontend/src/datasets/read-card.ts";
import { readHubCard } from "../../../protocol/cards/hugging-face.ts";
import { register } from "../../../protocol/cards/registration.ts";
import { labelLevelsOf } from "../../../protocol/scoring/label-levels.ts";
import { bytesOf, readme, README, SAID } from "./hub-card.ts";

const SHA = "ab".repeat(32);
const DIGEST = `0x${"12".repeat(32)}` as const;
const importing = (bytes: Uint8Array, said: Parameters<typeof register>[1] = {}) => {
  const hub = readHubCard(bytes);
  const made = register(hub, said, SHA);
  return { hub, ...made, text: new TextDecoder().decode(made.card), json: JSON.parse(new TextDecoder().decode(made.card)) as Record<string, unknown> };
};
const missingIn = (bytes: Uint8Array, said = {}): string[] => importing(bytes, said).missing.filter(({ needed }) => needed).map(({ field }) => field);
const fromOf = (bytes: Uint8Array, field: string, said = {}): string | undefined => importing(bytes, said).fields.find((one) => one.field === field)?.from;

describe("a Hub card as a dataset's registration", () => {
  it("says of every field where it came from", () => {
    const { fields, json } = importing(bytesOf(README), SAID);
    assert.deepEqual(Object.fromEntries(fields.filter(({ field }) => ["title", "records", "licence", "purpose", "limits", "legalBasis", "languages"].includes(field)).map(({ field, from }) => [field, from])), {
      title: "front matter: pretty_name", records: "front matter: dataset_info, all splits of “default”", licence: "front matter: license", purpose: "section “Direct Use”",
      limits: "section “Bias, Risks, and Limitations”", legalBasis: "--legal-basis", languages: "front matter: language",
    });
    assert.deepEqual(
      [json["title"], json["records"], json["licence"], json["classes"], json["purpose"], json["tasks"], json["importedSha256"]],
      ["HAM10000 (thumbnails)", 10_015, "CC-BY-NC-4.0", ["akiec", "bcc"], "Research on classification of pigmented lesions.", "image-classification", SHA],
    );
  });

  it("gives the terms that are proposed, once everything is said", () => {
    const { terms, missing } = importing(bytesOf(README), SAID);
    assert.deepEqual(missing.filter(({ needed }) => needed), []);
    assert.deepEqual(terms?.(DIGEST), {
      card: DIGEST, ethicsExpiry: BigInt(Date.UTC(2031, 4, 1) / 1000), consentVersion: 2, records: 10_015, privacyCap: 5_000_000, exempt: false,
      licence: "CC-BY-NC-4.0", legalBasis: "GDPR article 9(2)(j)", ethicsApproval: "EK 123/2026",
    });
  });

  it("never makes up what a card cannot say", () => {
    assert.deepEqual(missingIn(bytesOf(README)), ["institution", "legalBasis", "ethicsApproval", "ethicsExpiry", "consentVersion", "privacyCap"]);
    for (const field of ["institution", "legalBasis", "ethicsApproval", "ethicsExpiry", "consentVersion", "privacyCap"]) assert.equal(importing(bytesOf(README), { ...SAID, [field]: undefined }).terms, undefined, field);
    assert.deepEqual(missingIn(bytesOf("")), ["title", "institution", "records", "licence", "legalBasis", "ethicsApproval", "ethicsExpiry", "consentVersion", "privacyCap"]);
  });

  it("leaves the licence to the custodian when the card names none, several, or “unknown”", () => {
    for (const front of ["x: 1", "license: unknown", "license: [mit, cc-by-4.0]", "license: other", "license: 4", "license: {a: b}"]) assert.ok(missingIn(readme(front)).includes("licence"), front);
    assert.equal(importing(readme("license: other\nlicense_name: ISIC terms")).json["licence"], "LicenseRef-ISIC-terms");
    assert.equal(importing(readme("license: [mit, cc-by-4.0]"), { licence: "cc by 4.0" }).json["licence"], "CC-BY-4.0");
  });

  it("counts records only where the card counts all of one configuration's", () => {
    const two = "dataset_info:\n- {config_name: a, splits: [{name: train, num_examples: 5}]}\n- {config_name: b, splits: [{name: train, num_examples: '7'}]}";
    assert.ok(missingIn(readme(two)).includes("records"));
    assert.equal(importing(readme(two), { config: "b" }).json["records"], 7);
    assert.equal(fromOf(readme(two), "records", { config: "b", records: 6 }), "--records");
    for (const splits of ["[{name: train}]", "[{num_examples: -1}]", "[{num_examples: 1.5}]", "[{num_examples: many}]", "[{num_examples: .inf}]", "[{num_examples: 0}]", "7"]) {
      assert.ok(missingIn(readme(`dataset_info: {splits: ${splits}}`)).includes("records"), splits);
    }
  });

  it("warns of licences for no commerce, unknown ones, contradictions, gates and sizes that do not fit", () => {
    const warnings = (front: string, said = {}): string => importing(readme(front), said).warnings.join("\n");
    assert.match(warnings("license: cc-by-nc-sa-4.0"), /not for commercial use/);
    assert.match(warnings("license: cc-by-nd-4.0"), /forbids to pass on/);
    assert.match(warnings("license: apple-ascl"), /not known here/);
    assert.match(warnings("license: cc-by-nc-4.0", { licence: "MIT" }), /The card says CC-BY-NC-4.0, and --licence says MIT/);
    assert.match(warnings("extra_gated_prompt: agree"), /gated/);
    assert.match(warnings("size_categories: n<1K", { records: 5_000 }), /size category/);
    assert.match(warnings("a: 1", { records: 5, labelLevels: [1, 2] }), /add up to 3/);
    assert.doesNotMatch(warnings("license: cc-by-4.0\nsize_categories: 1K<n<10K", { records: 5_000 }), /licence|size/i);
  });

  it("is a card that the page and the scoring read", () => {
    const { card } = importing(bytesOf(README), SAID);
    const read = readCard(card);
    assert.deepEqual([read?.title, read?.institution, read?.records, read?.licence, read?.dropped], ["HAM10000 (thumbnails)", "Example Hospital", 10_015, "CC-BY-NC-4.0", 0]);
    assert.deepEqual(labelLevelsOf(card, 10_015), [0, 15, 10_000]);
  });

  it("is the same bytes whenever it is imported", () => {
    assert.deepEqual(importing(bytesOf(README), SAID).card, importing(bytesOf(README), SAID).card);
    assert.equal(importing(bytesOf(README.replaceAll("\n", "\r\n")), SAID).text, importing(bytesOf(README), SAID).text);
  });

  it("attack: people in a card reach neither card nor terms, and each place is told", () => {
    const { text, hub } = importing(bytesOf(README), SAID);
    for (const planted of ["Jane", "Doe", "jane@", "hospital.example", "555", "1404", "7700", "mailto", "@article"]) assert.ok(!text.includes(planted), planted);
    const told = hub.leftOut.map(({ kind, where }) => `${kind}, ${where}`);
    const lineOf = (words: string): number => README.split("\n").findIndex((line) => line.includes(words)) + 1;
    assert.ok(told.includes(`contact or author, line ${lineOf("Curated by")}`), told.join("\n"));
    assert.ok(told.includes(`name with a title, line ${lineOf("Prof.")}`));
    assert.ok(told.includes(`telephone number, line ${lineOf("555")}`));
    assert.ok(told.includes("contact or author, front matter: authors"));
    assert.equal(JSON.stringify(hub.leftOut).includes("Jane"), false);
  });

  it("attack: an address hides in a title, a tag, a class, a heading, brackets or other words", () => {
    const places = [
      readme("pretty_name: Data of jane@hospital.example"), readme("tags: [jane@hospital.example]"), readme("license: other\nlicense_name: ask jane@hospital.example"),
      readme("dataset_info: {features: [{name: l, dtype: {class_label: {names: {'0': jane@hospital.example}}}}]}"),
      ...["jane＠hospital.example", "jane(at)hospital.example", "jane at hospital dot example", "<jane@hospital.example>", "[mail](mailto:jane@hospital.example)", "j\u200bane@hospital.example", "## jane@hospital.example\n\ntext",
        "<a href='mailto:jane@hospital.example'>x</a>", "<!-- jane@hospital.example -->", "```\njane@hospital.example\n```", "电话：138 0013 8000 jane@hospital.example", "https://orcid.org/0000-0002-1825-0097", "Author: jane"].map((text) => readme("a: 1", `# T\n\n${text}\n`)),
    ];
    for (const bytes of places) {
      const { text, hub } = importing(bytes);
      assert.doesNotMatch(text, /jane|hospital|0097|8000/, new TextDecoder().decode(bytes));
      assert.ok(hub.leftOut.length > 0, new TextDecoder().decode(bytes));
    }
  });

  it("attack: a name hangs below its label", () => {
    const { text } = importing(readme("a: 1", "# T\n\n- **Contact person:**\n    - Ada Lovelace\n      second floor\n- Kept\n"));
    assert.doesNotMatch(text, /Ada|second floor/);
    assert.match(text, /Kept/);
  });

  it("attack: HTML and script in Markdown, whole, in pieces and without end, leave no tag", () => {
    for (const html of ["<script>alert(1)</script>", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<iframe src='//x'", "<!-- <b>", "<SCRIPT\n>alert(1)", "<style>*{}</style>", "<a href=javascript:alert(1)>x</a>", "[x](javascript:alert(1))", "[x](data:text/html,<script>)", "[x]\n\n[x]: javascript:alert(1)", "<javascript:alert(1)>", "![x](https://evil.example/track.png)"]) {
      const { text } = importing(readme("a: 1", `# T\n\nbefore ${html} after\n`));
      assert.doesNotMatch(text, /<[a-z!/?]|\]\((?!https?:)|onerror=|evil\.example/iu, html);
      assert.match(text, /before/, html);
    }
  });

  it("attack: characters that hide or turn text around are taken out and counted", () => {
    const { json, hub } = importing(readme('pretty_name: "safe\\u202Eevil\\u0000\\u001B[31m"', "# T\n\nte\u202ext\u0007\n"));
    assert.equal(json["title"], "safeevil[31m");
    assert.equal(json["description"], "## T\n\ntext");
    assert.ok(hub.leftOut.some(({ kind }) => kind === "hidden characters (3)"));
  });

  it("attack: values of other types are named, never guessed at", () => {
    const { hub, json } = importing(readme("license: {id: mit}\nlanguage: [en, 5, [de]]\npretty_name: [a]\ntags: {a: b}\nsize_categories: 7\ndataset_info: words\ntask_categories: null"));
    assert.deepEqual(hub.malformed, ["dataset_info", "language", "license", "pretty_name", "size_categories", "tags"]);
    assert.deepEqual([json["licence"], json["languages"], json["tags"], json["title"]], [undefined, "en", undefined, "A dataset"]);
  });

  it("attack: long text does not make a card that nobody can read", () => {
    const { card, warnings } = importing(readme(`pretty_name: ${"长".repeat(500)}\ntags: [${Array.from({ length: 900 }, (_, i) => `t${i}`).join(", ")}]`, Array.from({ length: 300 }, (_, i) => `# H${i}\n\n${"长".repeat(300)}\n`).join("\n")));
    assert.ok(card.length < 64 * 1024, String(card.length));
    assert.ok(readCard(card) !== undefined);
    assert.match(warnings.join("\n"), /longer than a data card/);
  });
});
