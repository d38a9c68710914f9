import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readReadme, README_LIMIT } from "../../../protocol/cards/front-matter.ts";
import { readHubCard } from "../../../protocol/cards/hugging-face.ts";
import { bytesOf, readme, README } from "./hub-card.ts";

const refused = (bytes: Uint8Array, why: RegExp): void => {
  assert.throws(() => readReadme(bytes), (error: Error & { code?: string }) => error.code === "card-invalid" && why.test(error.message));
};
/** Whatever it is, it is over soon. */
const soon = (work: () => void): void => {
  const started = performance.now();
  work();
  const took = performance.now() - started;
  assert.ok(took < 2_000, `${took} ms`);
};

describe("a README with front matter", () => {
  it("is divided where the front matter ends, with the number of the body's first line", () => {
    const { front, body, firstLine } = readReadme(bytesOf("---\nlicense: mit\n---\n# Title\n---\nrest\n"));
    assert.deepEqual([...front], [["license", "mit"]]);
    assert.deepEqual([body, firstLine], ["# Title\n---\nrest\n", 4]);
  });

  it("is read with carriage returns, a byte order mark, and without front matter", () => {
    assert.deepEqual([...readReadme(bytesOf("\ufeff---\r\nlicense: mit\r\n---\r\nx")).front], [["license", "mit"]]);
    assert.deepEqual(readReadme(bytesOf("# Title")), { front: new Map(), body: "# Title", firstLine: 1 });
    assert.deepEqual(readReadme(bytesOf("---\n---\nx")).body, "x");
    assert.equal(readReadme(bytesOf("")).body, "");
  });

  it("names the line that is wrong, and not what stands there", () => {
    assert.throws(() => readReadme(readme("a: 1\nb: [jane@hospital.example\nc: 3")), (error: Error) => /line \d/.test(error.message) && !error.message.includes("jane"));
  });

  it("is refused without an end of its front matter, or with something else than names and values", () => {
    refused(bytesOf("---\nlicense: mit\n"), /has no end/);
    refused(readme("- mit"), /no list of names/);
    refused(readme("just words"), /no list of names/);
  });

  it("attack: a YAML bomb of aliases is refused, not expanded", () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(", ")}]`);
    soon(() => refused(readme(["l0: &l0 [lol]", ...levels].join("\n")), /alias/));
    refused(readme("a: &a [1]\nb: *a"), /alias/);
    refused(readme("a: &a\n  b: *a"), /alias/);
  });

  it("attack: nesting without end is refused", () => {
    soon(() => refused(readme(`a: ${"[".repeat(200_000)}`), /nesting/));
    soon(() => refused(readme(`a:\n${"- ".repeat(100_000)}x`), /nesting/));
    soon(() => refused(readme(Array.from({ length: 900 }, (_, i) => `${" ".repeat(i)}k:`).join("\n")), /nesting/));
  });

  it("attack: a file without end is refused unread", () => {
    refused(new Uint8Array(README_LIMIT + 1), /more than/);
  });

  it("attack: duplicate keys, at any depth, are refused: which one counts?", () => {
    refused(readme("license: mit\nlicense: cc-by-nc-4.0"), /duplicated/);
    refused(readme("dataset_info: {splits: [{name: a, name: b}]}"), /duplicated/);
  });

  it("attack: tags that make programs' objects are refused", () => {
    for (const tag of ["!!python/object/apply:os.system ['id']", "!!js/function 'return 1'", "!!binary aGk=", "!!timestamp 2020-01-01", "!x y"]) refused(readme(`a: ${tag}`), /tag/);
  });

  it("attack: __proto__, constructor and merge keys are names like others", () => {
    const { front } = readReadme(readme("__proto__: {isAdmin: true}\nconstructor: x\n<<: {license: mit}"));
    assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
    assert.ok(front.has("__proto__") && front.has("<<") && !front.has("license"));
  });

  it("attack: what is not UTF-8 is refused", () => {
    refused(Uint8Array.of(0x2d, 0x2d, 0x2d, 0x0a, 0xff, 0xfe), /UTF-8/);
    refused(new Uint8Array(Buffer.from("---\npretty_name: Größe\n---\n", "latin1")), /UTF-8/);
    refused(Uint8Array.of(0xff, 0xfe, 0x2d, 0x00), /UTF-8/);
  });

  it("attack: text made to be slow is read in time", () => {
    for (const piece of ["<", "<a", "<!--", "<script>", "![", "[", "](", "`", "```\n", "# x\n", "a@", "a.", "+1 ", "Dr A ", "- a:", " at b dot", "&", "1-", "http://x.com/", "\u200d", "长", "长@"]) {
      soon(() => void readHubCard(bytesOf(piece.repeat(Math.floor(200_000 / piece.length)))));
    }
    soon(() => void readHubCard(readme(`a: "${"\\n".repeat(100_000)}"\nb: ${"x ".repeat(100_000)}`, README)));
    soon(() => void readHubCard(readme(Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}`).join("\n"))));
  });
});
