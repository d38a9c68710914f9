// The unit as systemd itself reads it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, it } from "node:test";

const unit = path.resolve(import.meta.dirname, "..", "..", "..", "..", "deploy", "oracle", "chongwen-oracle.service");
const analyze = (...args: readonly string[]) => spawnSync("systemd-analyze", [...args, unit], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
/** Since 250 it judges a unit that is not installed. */
const version = Number(/^systemd (\d+)/.exec(spawnSync("systemd-analyze", ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1] ?? 0);

describe("the oracle's unit", { skip: version < 250 && "NOT RUN: there is no systemd-analyze 250 or newer" }, () => {
  it("is read without an error or a warning", () => {
    const { status, stdout, stderr } = analyze("verify");
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  });

  it("exposes no more than a service that talks to the network has to", () => {
    // Of ten; it counts in tenths. Debian's systemd 252 says 1.3.
    const { status, stdout } = analyze("security", "--offline=true", "--threshold=20");
    assert.equal(status, 0, stdout);
  });
});
