import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";

import { isFresh } from "./fresh.mjs";

const here = { os: process.platform, cpu: [process.arch] };
const locked = {
  "": { name: "checkout" },
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/for-us": { version: "1.0.0", optional: true, ...here },
  "node_modules/for-others": { version: "1.0.0", optional: true, os: ["plan9"] },
  "node_modules/helper-of-others": { version: "1.0.0", optional: true },
};

describe("isFresh", () => {
  let root = "";

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "chongwen-fresh-"));
    fs.mkdirSync(path.join(root, "node_modules"));
    write("package-lock.json", locked);
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  function write(file: string, packages: object): void {
    fs.writeFileSync(path.join(root, file), JSON.stringify({ packages }));
  }

  function isFreshWith(installed: object): boolean {
    write("node_modules/.package-lock.json", installed);
    return isFresh(root);
  }

  const installed = { "node_modules/a": locked["node_modules/a"], "node_modules/for-us": locked["node_modules/for-us"] };

  it("accepts an install that lacks only what is meant for other platforms", () => {
    assert.equal(isFreshWith(installed), true);
  });

  it("refuses an install npm did not finish", () => {
    assert.equal(isFresh(root), false);
    fs.writeFileSync(path.join(root, "node_modules/.package-lock.json"), '{"packages":{"node_mod');
    assert.equal(isFresh(root), false);
  });

  it("refuses another version, another content, a package too few and one too many", () => {
    assert.equal(isFreshWith({ ...installed, "node_modules/a": { version: "1.0.1", integrity: "sha512-a" } }), false);
    assert.equal(isFreshWith({ ...installed, "node_modules/a": { version: "1.0.0", integrity: "sha512-b" } }), false);
    assert.equal(isFreshWith({ "node_modules/for-us": locked["node_modules/for-us"] }), false);
    assert.equal(isFreshWith({ ...installed, "node_modules/b": { version: "1.0.0" } }), false);
  });

  it("refuses an install without the packages of this platform", () => {
    assert.equal(isFreshWith({ "node_modules/a": locked["node_modules/a"] }), false);
  });
});
