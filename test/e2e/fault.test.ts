// `npm run demo:fault`, whole: three ways to cheat, each found, proven and undone by one watcher that nobody helps. Half a minute, so only on request:
// CHONGWEN_LONG=1 (`.ci/run` asks for it).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { before, describe, it } from "node:test";

const root = path.resolve(import.meta.dirname, "..", "..");
const skip = process.env["CHONGWEN_LONG"] === undefined && "takes half a minute: set CHONGWEN_LONG";

interface Outcome {
  readonly ok: boolean;
  readonly seconds: number;
  readonly clockJumps: readonly { readonly over: string; readonly seconds: number }[];
  readonly scenes: readonly {
    readonly scene: string;
    readonly found: { readonly result: string; readonly fetched: number; readonly computed: number } | null;
    readonly transactions: readonly { readonly action: string; readonly transaction: string; readonly gas: string; readonly seconds: number }[];
    readonly slashed: readonly { readonly amount: string }[];
    readonly award: string;
  }[];
  readonly claims: readonly { readonly amount: string; readonly expected: string }[];
  readonly promises: readonly { readonly what: string; readonly kept: boolean }[];
}

describe("the demonstration of faults", { skip, timeout: 280_000 }, () => {
  let code: number | null;
  let outcome: Outcome;

  before(async () => {
    const child = spawn(process.execPath, [path.join(root, "scripts", "demo", "fault.ts"), "--json"], { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    outcome = JSON.parse(out) as Outcome;
  });

  it("keeps every promise", () => {
    assert.deepEqual(outcome.promises.filter(({ kept }) => !kept), []);
    assert.deepEqual([code, outcome.ok, outcome.promises.length > 12], [0, true, true]);
  });

  it("has the signers of each scene slashed, and the watcher paid", () => {
    assert.deepEqual(outcome.scenes.map(({ scene, found }) => [scene, found?.result]), [["a", "fault"], ["b", "fault"], ["c", "missing"]]);
    for (const { slashed, award } of outcome.scenes) {
      const taken = slashed.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
      assert.deepEqual([slashed.length, BigInt(award)], [3, (taken * 40n) / 100n]);
    }
  });

  it("says what each transaction was, what it cost, and when it came", () => {
    const actions = outcome.scenes.map(({ transactions }) => transactions.map(({ action }) => action));
    assert.deepEqual([actions[0]?.slice(0, 2), actions[1]?.slice(0, 2), actions[2]?.includes("expired")], [["committed", "proven"], ["committed", "proven"], true]);
    for (const { transaction, gas, seconds } of outcome.scenes.flatMap(({ transactions }) => transactions)) {
      assert.match(transaction, /^0x[0-9a-f]{64}$/);
      assert.ok(BigInt(gas) > 21_000n && seconds > 0);
    }
  });

  it("says where it moved the clock, and pays what the artefacts give", () => {
    assert.ok(outcome.clockJumps.length >= 4 && outcome.clockJumps.every(({ over, seconds }) => over !== "" && seconds > 0));
    assert.ok(outcome.claims.length >= 5 && outcome.claims.every(({ amount, expected }) => amount === expected));
  });
});
