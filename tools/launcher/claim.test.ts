import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { claim } from "./claim.mjs";

describe("claim", () => {
  let parent = "";
  let directory = "";

  beforeEach(() => {
    parent = fs.mkdtempSync(path.join(os.tmpdir(), "chongwen-claim-"));
    directory = path.join(parent, "claim");
  });
  afterEach(() => fs.rmSync(parent, { recursive: true }));

  it("lets one in at a time, and those who waited find the work done", async () => {
    let finished = 0;
    let working = 0;
    const visit = async (): Promise<void> => {
      const release = await claim(directory, { done: () => finished > 0 });
      if (release === undefined) return;
      working += 1;
      assert.equal(working, 1);
      await sleep(50);
      working -= 1;
      finished += 1;
      release();
    };
    await Promise.all([visit(), visit(), visit()]);
    assert.equal(finished, 1);
    assert.equal(fs.existsSync(directory), false);
  });

  it("goes to the next when its owner gives up", async () => {
    const first = await claim(directory, { done: () => false });
    const second = claim(directory, { done: () => false });
    first?.();
    const release = await second;
    assert.notEqual(release, undefined);
    release?.();
  });

  it("is taken over, with all its files gone, when its owner was killed", async () => {
    fs.mkdirSync(directory);
    fs.writeFileSync(path.join(directory, "half"), "");
    const longAgo = new Date(Date.now() - 60_000);
    fs.utimesSync(directory, longAgo, longAgo);
    const release = await claim(directory, { done: () => false });
    assert.deepEqual(fs.readdirSync(directory), []);
    release?.();
    assert.deepEqual(fs.readdirSync(parent), []);
  });
});
