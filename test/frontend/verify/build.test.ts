import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { inlined } from "../../../frontend/verify/build/single-file.ts";
import { CALLED, slimAbi } from "../../../frontend/verify/build/slim.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");

describe("the build of the verify page", () => {
  it("keeps of the ABIs what the readers call, and every event", () => {
    const sources = globSync("{protocol/ledger,frontend/verify/src}/**/*.ts", { cwd: root }).map((file) => readFileSync(path.join(root, file), "utf8")).join("\n");
    const called = new Set([...sources.matchAll(/functionName: "(\w+)"/g)].map((match) => match[1]));
    assert.deepEqual([...called].filter((name) => !CALLED.has(name ?? "")), [], "called, but left out");
    assert.deepEqual([...CALLED].filter((name) => !called.has(name)), [], "kept, but never called");
    const slim = slimAbi(readFileSync(path.join(root, "protocol", "abi", "rounds.ts"), "utf8"));
    assert.match(slim, /"name":"roundOf"/);
    assert.match(slim, /"name":"RoundReported"/);
    assert.doesNotMatch(slim, /"type":"error"/);
    assert.match(slim, /\] as const;/);
  });

  it("makes one file whose policy allows exactly its own script and style, by their hashes", () => {
    const html = '<html><head><meta http-equiv="Content-Security-Policy" content="x" /><script type="module" crossorigin src="./a.js"></script><link rel="stylesheet" href="./a.css"></head><body></body></html>';
    const page = inlined({ html, script: 'const end = "</script>"; const dollar = "$&";', style: "p{}", worker: 'w("</script>")' });
    const script = /<script type="module">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
    const sha = (text: string): string => createHash("sha256").update(text).digest("base64");
    assert.equal(script, 'const end = "<\\/script>"; const dollar = "$&";');
    assert.ok(page.includes(`script-src 'sha256-${sha(script)}' 'wasm-unsafe-eval'`));
    assert.ok(page.includes(`style-src 'sha256-${sha("p{}")}'`));
    assert.doesNotMatch(page, /unsafe-inline|src=|href=/);
    assert.match(page, /<script type="text\/plain" id="worker">w\("<\\\/script>"\)<\/script>/);
    assert.throws(() => inlined({ html, script: "a<!--b", style: "", worker: "" }));
  });
});
