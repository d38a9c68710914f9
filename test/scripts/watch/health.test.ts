// What a watcher says of itself, with and without a server.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, describe, it } from "node:test";
import { watcherHealthSchema } from "../../../protocol/watcher/health.ts";
import { createHealth, serveHealth } from "../../../scripts/watch/health.ts";
import type { CheckLine, CheckResult, Observer } from "../../../scripts/watch/observer.ts";

const silent: Observer = { checked: () => undefined, acted: () => undefined, warned: () => undefined, ended: () => undefined };
const line = (subject: string, result: CheckResult): CheckLine => ({ subject, hash: `0x${"1".repeat(64)}`, result, reason: "", where: "", fetched: 0, computed: 0, problems: [] });
const action = (name: string) => ({ action: name, subject: "round 1", transaction: `0x${"2".repeat(64)}`, block: 7n, gas: 1n, note: "" }) as const;

function start(begin = 1_700_000_000_000) {
  let time = begin;
  const health = createHealth({ software: "9.9.9", chainId: 31_337, federation: 1, sender: null, now: () => time });
  return { health, observer: health.observe(silent), pass: (seconds: number) => (time += 1000 * seconds) };
}

describe("a watcher's health", () => {
  it("says nothing of a block or a lag before the first look has ended", () => {
    const { health } = start();
    const { block, lagSeconds, subjects, started, sender } = watcherHealthSchema.parse(health.read());
    assert.deepEqual([block, lagSeconds, subjects.checked, started, sender], [null, null, 0, "2023-11-14T22:13:20.000Z", null]);
  });

  it("counts each subject once, by what came of it last, also when it has ended", () => {
    const { health, observer } = start();
    observer.checked(line("round 1", "missing"));
    observer.checked(line("round 2", "verified"));
    observer.checked(line("round 1", "fault"));
    observer.checked(line("round 3", "escrowed"));
    observer.checked(line("round 4", "missing"));
    assert.deepEqual(health.read().subjects, { checked: 4, verified: 1, faults: 1, couldNotFetch: 1, other: 1 });
    observer.ended("round 2", "final");
    observer.checked(line("round 2", "verified"));
    assert.deepEqual(health.read().subjects, { checked: 5, verified: 2, faults: 1, couldNotFetch: 1, other: 1 });
    observer.ended("never checked", "void");
    assert.equal(health.read().subjects.checked, 5);
  });

  it("counts proofs, and no other transaction, as proofs", () => {
    const { health, observer } = start();
    for (const name of ["committed", "proven", "demanded", "collect", "proven"]) observer.acted(action(name));
    assert.equal(health.read().proofsSent, 2);
  });

  it("lets its lag grow until a look ends well, and keeps what went wrong until then", () => {
    const { health, observer, pass } = start();
    observer.looked?.(41n);
    pass(75);
    observer.warned("endpoint", `${"x".repeat(500)}`);
    observer.warned("round 7", "something about one subject");
    const behind = watcherHealthSchema.parse(health.read());
    assert.deepEqual([behind.block, behind.lagSeconds, behind.trouble?.length], ["41", 75, 400]);
    observer.looked?.(42n);
    assert.deepEqual([health.read().block, health.read().lagSeconds, health.read().trouble], ["42", 0, null]);
  });

  it("passes everything on to who asked before", () => {
    const seen: string[] = [];
    const { health } = start();
    const observer = health.observe({
      looked: (block) => seen.push(`looked ${block}`), checked: () => seen.push("checked"), acted: () => seen.push("acted"), warned: () => seen.push("warned"), ended: () => seen.push("ended"),
    });
    observer.looked?.(3n);
    observer.checked(line("a", "verified"));
    observer.acted(action("proven"));
    observer.warned("a", "b");
    observer.ended("a", "final");
    assert.deepEqual(seen, ["looked 3", "checked", "acted", "warned", "ended"]);
  });
});

describe("the health endpoint", async () => {
  const { health, observer } = start();
  const server = await serveHealth(health, 0);
  after(() => server.close());

  it("answers pages of any origin with what the schema knows, and keeps nothing in caches", async () => {
    observer.looked?.(12n);
    const response = await fetch(new URL("/health", server.url), { headers: { origin: "http://elsewhere.example" } });
    assert.deepEqual([response.status, response.headers.get("access-control-allow-origin"), response.headers.get("cache-control")], [200, "*", "no-store"]);
    assert.equal(watcherHealthSchema.parse(await response.json()).block, "12");
  });

  it("takes no other path and no other method", async () => {
    assert.equal((await fetch(new URL("/", server.url))).status, 404);
    assert.equal((await fetch(new URL("/health/../x", server.url))).status, 404);
    assert.equal((await fetch(new URL("/health", server.url), { method: "POST", body: "{}" })).status, 405);
  });

  it("says that its port is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    await assert.rejects(serveHealth(health, port), { code: "port-in-use" });
    await new Promise((resolve) => other.close(resolve));
  });
});
