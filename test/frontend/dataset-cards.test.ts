// Data cards are anybody's files. Each attack is a test.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { visibleText, webHost } from "../../frontend/src/format/visible-text.ts";
import { cardDigest, checkCard, readCard } from "../../frontend/src/datasets/read-card.ts";

// By names that the compiler does not follow: React's types would stand in for the browser's in every test of this project.
const load = async <Module,>(name: string): Promise<Module> => (await import(name)) as Module;
const { createElement } = await load<{ createElement(type: unknown, props: object): unknown }>("react");
const { renderToStaticMarkup } = await load<{ renderToStaticMarkup(element: unknown): string }>("react-dom/server");
const { CardMarkdown } = await load<{ readonly CardMarkdown: unknown }>("../../frontend/src/pages/datasets/card-markdown.ts");

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const card = (fields: object): Uint8Array => encode({ format: "chongwen-dataset-card", version: 1, ...fields });
const render = (source: string): string => renderToStaticMarkup(createElement(CardMarkdown, { source, imageText: (alt: string) => `[image: ${alt}]` }));

describe("reading a data card", () => {
  it("takes the one that the chain names, and no other", () => {
    const bytes = card({ title: "Mammograms", records: 90, features: ["a"], ranges: [["0", "3.5"]], classes: ["x", "y"] });
    const reading = checkCard(bytes, cardDigest(bytes));
    assert.ok(reading.kind === "checked");
    assert.deepEqual([reading.card.title, reading.card.records, reading.card.ranges], ["Mammograms", 90, [[0, 3.5]]]);
    assert.equal(checkCard(card({ title: "Mammogram" }), cardDigest(bytes)).kind, "mismatch");
    for (const other of ["", "null", "[]", "{", '{"format":"x","version":1}', '{"format":"chongwen-dataset-card","version":2}', "\u0000"]) {
      assert.equal(checkCard(encode(other), cardDigest(encode(other))).kind, "unreadable", other);
    }
  });

  it("attack: a field of the wrong type takes nothing else with it", () => {
    const read = readCard(card({ title: { toString: "x" }, licence: 7, records: -1, features: "abc", ranges: [["1e999", "0"]], description: ["x"], purpose: "teaching" }));
    assert.deepEqual([read?.title, read?.licence, read?.records, read?.features, read?.ranges, read?.description, read?.purpose], [undefined, undefined, undefined, undefined, undefined, undefined, "teaching"]);
  });

  it("attack: a huge card is not read, and a huge list in a small one is dropped", () => {
    assert.equal(readCard(card({ title: "x".repeat(70_000) })), undefined);
    assert.equal(readCard(card({ features: Array.from({ length: 5_000 }, () => "f") }))?.features, undefined);
    const many = readCard(card(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field${i}`, i]))));
    assert.deepEqual([many?.other.length, many?.dropped], [40, 460]);
    assert.ok((readCard(card({ title: "x".repeat(60_000) }))?.title?.length ?? 0) <= 161);
  });

  it("attack: a deeply nested card is named, not walked", () => {
    const deep = `{"format":"chongwen-dataset-card","version":1,"evil":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    assert.deepEqual(readCard(encode(deep))?.other, [{ name: "evil", value: "[1]" }]);
  });

  it("attack: names of an object's own machinery are plain fields", () => {
    const read = readCard(encode('{"format":"chongwen-dataset-card","version":1,"__proto__":{"title":"polluted"},"constructor":"c","toString":"t"}'));
    assert.equal(read?.title, undefined);
    assert.equal(({} as { title?: string }).title, undefined);
    assert.equal(typeof `${Object.create(null) === null}`, "string");
  });
});

describe("text of strangers", () => {
  it("attack: bidi overrides, zero-width characters and tags are shown as what they are", () => {
    assert.equal(visibleText("invoice\u202Efdp.exe"), "invoice[U+202E]fdp.exe");
    for (const character of ["\u200b", "\u200f", "\u2066", "\u2069", "\u061c", "\ufeff", "\u0000", "\u001b", "\u3164", "\u{e0041}", "\u2028", "\u034f", "\ufe0f"]) {
      assert.match(visibleText(`a${character}b`), /^a\[U\+[0-9A-F]{4,5}\]b$/, (character.codePointAt(0) ?? 0).toString(16));
    }
    assert.equal(visibleText("half\ud800"), "half\ufffd");
  });

  it("leaves what people write alone", () => {
    for (const text of ["Hôpital Saint-Louis, № 7", "乳腺超声（2024）", "مستشفى", "ρ ≤ 0.5 · 10⁻⁶", "line\nline\ttab"]) assert.equal(visibleText(text), text);
  });

  it("attack: a link that goes nowhere on the web, or hides where it goes, has no host", () => {
    for (const href of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://x/y", "//evil.example", "/path", "#x", "https://good.example@evil.example/", "ftp://x.example", "mailto:a@b.example", "\u0001javascript:alert(1)", "java\nscript:alert(1)"]) {
      assert.equal(webHost(href), undefined, href);
    }
    assert.equal(webHost("https://арр.example/x"), "xn--80a6aa.example", "another script's letters are shown for what they are");
  });
});

describe("a card's description", () => {
  const TAGS = new Set(["div", "p", "span", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "h3", "a", "br", "hr"]);
  const ATTRIBUTES = new Set(["class", "href", "rel", "target"]);

  /** Every element and attribute is one of a few; text may say what it likes. */
  function assertHarmless(html: string): void {
    for (const [, tag = "", rest = ""] of html.matchAll(/<\/?([^\s>/]+)((?:[^>"]|"[^"]*")*)>/g)) {
      assert.ok(TAGS.has(tag), `<${tag}> in ${html}`);
      for (const [, name = "", value = ""] of rest.matchAll(/([^\s=/]+)="([^"]*)"/g)) {
        assert.ok(ATTRIBUTES.has(name), `${name} in ${html}`);
        if (name === "href") assert.match(value, /^https?:\/\//);
      }
      assert.doesNotMatch(rest.replaceAll(/"[^"]*"/g, '""'), /[^\s=/"]+=(?!"")/, html);
    }
  }

  for (const [name, source] of Object.entries({
    "a script": "a <script>alert(1)</script> b",
    "a script in a block": "<script>\nalert(1)\n</script>",
    "an image with onerror": "x <img src=x onerror=alert(1)> y",
    "a remote image": "![a pixel](https://tracker.example/p.gif)",
    "a remote image by reference": "![a pixel][p]\n\n[p]: https://tracker.example/p.gif",
    "a javascript link": "[click](javascript:alert(1))",
    "a javascript link with entities": "[click](java&#x73;cript:alert(1))",
    "a javascript link by reference": "[click][j]\n\n[j]: javascript:alert(1)",
    "an autolink": "<javascript:alert(1)>",
    "a data link": "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "an svg": "x <svg onload=alert(1)></svg>",
    "a style": "x <b style=\"position:fixed;inset:0\">y</b>",
    "a form": "<form action=https://evil.example><input name=password></form>",
    "a broken tag": "<img src=`x` onerror=alert(1)//",
    "a title with quotes": "[x](https://ok.example \"a\\\" onclick=alert(1) b\")",
    "mathml and templates": "<math><mi xlink:href=javascript:alert(1)></mi></math><template><img src=x></template>",
  })) {
    it(`attack: ${name}`, () => {
      assertHarmless(render(source));
    });
  }

  it("shows where a link leads, and tells the other side nothing", () => {
    const html = render("[our ethics board](https://board.example/approval?id=7)");
    assert.match(html, /<a href="https:\/\/board\.example\/approval\?id=7" rel="noopener noreferrer nofollow" target="_blank" class="link">our ethics board<\/a> <span class="quiet">\(board\.example\)<\/span>/);
  });

  it("attack: a link that looks like another one shows its true host", () => assert.match(render("[https://hospital.example](https://evil.example)"), /\(evil\.example\)/));

  it("is judged by a test that would see harm", () => {
    for (const html of ["<p><script>x</script></p>", '<p onclick="x">a</p>', "<p onclick=x>a</p>", '<a href="javascript:x">a</a>', '<img src="x">']) assert.throws(() => assertHarmless(html));
  });

  it("says what an image was to show, and where it is from is nowhere in the page", () => {
    const html = render("![a chart](https://tracker.example/c.png)");
    assert.match(html, /\[image: a chart\]/);
    assert.doesNotMatch(html, /tracker/);
  });

  it("attack: marks stacked for the parser are shown as text, at once", () => {
    for (const source of [">".repeat(19_000), "[".repeat(19_000), "- ".repeat(9_000), "`".repeat(19_000), "*_".repeat(9_000), "[a](".repeat(4_900), "_a*b".repeat(4_900), "<a ".repeat(6_000), "&".repeat(20_000), Array.from({ length: 140 }, (_, i) => `${" ".repeat(2 * i)}- x`).join("\n")]) {
      const before = performance.now();
      assert.ok(render(source).length < 200_000);
      assert.ok(performance.now() - before < 5_000, source.slice(0, 10));
    }
  });

  it("renders what people write", () => {
    assert.equal(render("# Data\n\n*Ultrasound*, **two** sites:\n\n- one\n- two\n\n> quoted"), '<div class="card-markdown"><h3>Data</h3>\n<p><em>Ultrasound</em>, <strong>two</strong> sites:</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<blockquote>\n<p>quoted</p>\n</blockquote></div>');
  });

  it("attack: bidi overrides in it are shown", () => assert.match(render("safe \u202Ehcaer"), /safe \[U\+202E\]hcaer/));
});
