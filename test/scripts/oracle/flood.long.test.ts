// A thousand senders at once, most of them hostile, on an oracle in a process of its own: its memory and files stay bounded, hostile bodies are refused with their
// code and leave nothing behind, and the honest round becomes final.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { OpenRound } from "../../../protocol/handover/open-round.ts";
import { decodeOpenRound } from "../../../protocol/handover/open-round.ts";
import { int32Of } from "../../../protocol/index.ts";
import { makeBundle } from "./aggregator.ts";
import { head, raw, type Raw } from "./raw.ts";
import { ask, handOver, reach, startOracleWorld, TOKEN, type Answer, type OracleWorld } from "./support.ts";
import { signIn } from "./sign-in.ts";

const SENDERS = 1_000;
/** Above what the process had before. */
const MOST_MEMORY = 200 * 2 ** 20;
const withoutProc = process.platform === "linux" ? false : "a process is measured by what Linux says of it";
const [honest, hostile] = [privateKeyToAccount(`0x${"61".repeat(32)}`), privateKeyToAccount(`0x${"62".repeat(32)}`)];

describe("an oracle that is flooded", { skip: withoutProc }, () => {
  let there: OracleWorld;
  let child: ChildProcess;
  let url: string;
  let dir: string;
  const watching = new AbortController();
  const peak = { memory: 0, files: 0 };
  const memory = async () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, "utf8"))?.[1]);
  const files = async () => (await readdir(`/proc/${child.pid}/fd`)).length;

  before(async () => {
    there = await startOracleWorld();
    const { world } = there;
    dir = path.join(world.dir, "flooded");
    const deployment = path.join(world.dir, "deployment.json");
    await writeFile(deployment, JSON.stringify(world.kernel.deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
    child = spawn(process.execPath, [path.join(import.meta.dirname, "flooded.ts"), deployment, world.storeDir, dir, TOKEN, `${honest.address},${hostile.address}`, path.join(world.dir, "drop")], { stdio: ["ignore", "pipe", "inherit"] });
    url = await new Promise((resolve) => createInterface(child.stdout ?? assert.fail()).once("line", resolve));
  });
  after(async () => {
    watching.abort();
    child?.kill("SIGKILL");
    await there?.close();
  });

  it("attack: a thousand uploads at once, honest and hostile", { timeout: 110_000 }, async (context) => {
    const [good, bad] = [await signIn(url, honest), await signIn(url, hostile)];
    const first = decodeOpenRound((await ask(url, `/v1/federations/1/round`, { token: good })).bytes);
    const earlier = await makeBundle(first, int32Of((await ask(url, `/v1/federations/1/rounds/0/model`, { token: good })).bytes), there.sites);
    // What recording a round takes is there already, so that the rest is the flood's.
    await handOver(url, earlier, good);
    assert.equal((await reach([url, good], earlier.digest, "reported", "refused")).asHanded, true);
    const [open, base] = [earlier.next, earlier.model];
    const made = await makeBundle(open, base, there.sites);
    const before = { memory: await memory(), files: await files() };
    const watched = (async () => {
      for (; !watching.signal.aborted; await sleep(50)) {
        peak.memory = Math.max(peak.memory, (await memory()) - before.memory);
        peak.files = Math.max(peak.files, await files());
      }
    })();
    const started = performance.now();
    await dropLinks(path.join(there.world.dir, "drop"));

    const senders = attacks(open, base, bad);
    const wrong: string[] = [];
    const one = async (n: number): Promise<void> => {
      const attack = senders[n % senders.length];
      assert.ok(attack);
      const digest: Hex = `0x${n.toString(16).padStart(64, "0")}`;
      for (let tries = 0; tries < 60; tries++) {
        const { status, code } = await attack.send(digest);
        // Told to come again: it does, because a refusal for want of room is no refusal of what it sends.
        if (code === "too-many-requests" || code === "intake-full" || (status === 0 && !attack.silence)) {
          await sleep(200 + 300 * Math.random());
          continue;
        }
        if (!attack.codes.includes(code ?? `${status}`)) wrong.push(`${attack.name}: ${status} ${code}`);
        return;
      }
      wrong.push(`${attack.name}: never answered`);
    };
    const flood = Array.from({ length: SENDERS }, (_, n) => one(n));
    // In the middle of it.
    const handed = (async () => {
      let answer: Answer;
      do answer = await handOver(url, made, good).catch(() => ({ status: 0 }) as Answer);
      while (answer.status !== 202 && performance.now() - started < 50_000 && (await sleep(200, true)));
      assert.equal(answer.status, 202, answer.message);
      return performance.now() - started;
    })();
    const [accepted] = await Promise.all([handed, ...flood]);
    assert.deepEqual([...new Set(wrong)], []);
    assert.equal((await reach([url, good], made.digest, "reported", "refused")).asHanded, true);
    await there.world.jump(2_001);
    assert.equal((await reach([url, good], made.digest, "final")).state, "final");
    const seconds = (performance.now() - started) / 1000;

    // What was refused whole is gone. What of it was a part like any other waits for the rest, for a day.
    assert.deepEqual([await readdir(path.join(dir, "parts")), await readdir(path.join(dir, "held"))], [[], []]);
    const left = (await readdir(path.join(dir, "receiving"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    assert.deepEqual(left.map(({ name }) => name), []);
    await sleep(3_000);
    watching.abort();
    await watched;
    context.diagnostic(`memory ${Math.round(before.memory / 2 ** 20)} MiB, at most ${Math.round(peak.memory / 2 ** 20)} more; files ${before.files}, at most ${peak.files}; handed over after ${(accepted / 1000).toFixed(1)} s, final after ${seconds.toFixed(1)} s`);
    assert.ok(peak.memory < MOST_MEMORY, `${Math.round(peak.memory / 2 ** 20)} MiB more than before`);
    assert.ok(peak.files < before.files + SENDERS + 300, `${peak.files} open files`);
    const now = await files();
    assert.ok(now < before.files + 60, `${now} files are still open, ${before.files} before`);
    assert.ok(seconds < 60, `${seconds} s`);
  });

  interface Attack {
    readonly name: string;
    /** Codes, or the status where HTTP itself refuses. */
    readonly codes: readonly string[];
    /** Whether no answer at all is one. */
    readonly silence: boolean;
    send(digest: Hex): Promise<Raw>;
  }

  function attacks({ federation }: OpenRound, base: Int32Array, token: string): readonly Attack[] {
    const auth = { authorization: `Bearer ${token}` };
    const lanes = 2 * base.length;
    const target = (digest: Hex, file: string) => `/v1/bundles/${digest}/${file}`;
    const put = (digest: Hex, file: string, headers: Record<string, string>, body: Iterable<string | Uint8Array>, options: Parameters<typeof raw>[2] = {}) =>
      raw(url, prepend(head("PUT", target(digest, file), url, { ...auth, ...headers }), body), options);
    const attack = (name: string, codes: readonly string[], send: Attack["send"], silence = false): Attack => ({ name, codes, send, silence });
    const sized = (bytes: number) => ({ "content-length": String(bytes) });
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    const floats = new Uint8Array(new Float32Array(base.length).fill(Number.NaN).buffer);
    return [
      attack("no token", ["token-refused"], (digest) => raw(url, [head("PUT", target(digest, "model.bin"), url, sized(4)), "xxxx"])),
      attack("drips", ["bundle-incomplete"], (digest) => put(digest, "updates/1.bin", sized(lanes), Array.from({ length: 300 }, () => "x"), { pause: 100 })),
      attack("drips its headers", ["408", "0"], () => raw(url, Array.from({ length: 200 }, (_, i) => (i === 0 ? "GET /v1/openapi.json HTTP/1.1\r\n" : `x-${i}: 1\r\n`)), { pause: 100 }), true),
      attack("is cut off", ["0", "400"], (digest) => put(digest, "updates/1.bin", sized(lanes), ["x".repeat(lanes / 2)], { end: true, patience: 1_000 }), true),
      attack("says that it is too long", ["file-too-large"], (digest) => put(digest, "updates/1.bin", sized(lanes + 1), [new Uint8Array(lanes + 1)])),
      attack("says that it is a terabyte", ["file-too-large"], (digest) => put(digest, "updates/1.bin", sized(1e12), Array.from({ length: 64 }, () => new Uint8Array(65_536)))),
      attack("never ends", ["file-too-large"], (digest) => put(digest, "model.bin", { "transfer-encoding": "chunked" }, Array.from({ length: 100 }, () => chunk))),
      attack("a false length of a chunk", ["400", "bundle-incomplete"], (digest) => put(digest, "model.bin", { "transfer-encoding": "chunked" }, ["ffffffffffffffffff\r\n", "x"])),
      attack("two lengths", ["400"], (digest) => put(digest, "model.bin", { "content-length": "4", "Content-Length": "5", "transfer-encoding": "chunked" }, ["x"])),
      attack("compressed", ["file-refused"], (digest) => put(digest, "model.bin", { ...sized(bomb.length), "content-encoding": "gzip" }, [bomb])),
      attack("an archive", ["file-refused"], (digest) => put(digest, "updates/1.tar.gz", sized(bomb.length), [bomb])),
      attack("leads out", ["file-refused", "nothing-there"], (digest) => put(digest, "..%2f..%2foracle.sqlite", sized(1), ["x"])),
      attack("leads out in another way", ["file-refused", "nothing-there"], (digest) => put(digest, "updates/..%2f..%2fx.bin", sized(1), ["x"])),
      attack("a name with a NUL", ["file-refused"], (digest) => put(digest, "model.bin%00", sized(1), ["x"])),
      attack("a name in other letters", ["file-refused"], (digest) => put(digest, "upd%C3%A5tes/%EF%BC%91.bin", sized(1), ["x"])),
      attack("a name that is no text", ["file-refused", "request-invalid", "400"], (digest) => put(digest, "%ff%fe.bin", sized(1), ["x"])),
      attack("no digest", ["request-invalid"], () => put("0xabc", "model.bin", sized(1), ["x"])),
      attack("floats in place of lanes", ["file-too-large"], (digest) => put(digest, "updates/1.bin", sized(floats.length), [floats])),
      attack("nothing of the bundle", ["bundle-unknown"], (digest) => raw(url, [head("POST", `/v1/bundles/${digest}`, url, { ...auth, "content-length": "0" })])),
      attack("huge headers", ["431", "0"], () => raw(url, [head("GET", `/v1/federations/${federation}/round`, url, { ...auth, "x-much": "y".repeat(100_000) })]), true),
      attack("a thousand headers", ["431", "token-refused", "200"], () => raw(url, [head("GET", `/v1/openapi.json`, url, Object.fromEntries(Array.from({ length: 1_900 }, (_, i) => [`x${i}`, "y"])))])),
      attack("no HTTP", ["400", "0"], () => raw(url, ["\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n"]), true),
      attack("another host", ["host-refused"], () => raw(url, ["GET /v1/openapi.json HTTP/1.1\r\nhost: evil.example\r\n\r\n"])),
      attack("a page's", ["origin-refused"], () => raw(url, [head("GET", "/v1/openapi.json", url, { origin: "https://evil.example" })])),
    ];
  }

  /** A folder handed over that is a link, and one with a link in it. */
  async function dropLinks(drop: string): Promise<void> {
    const incoming = path.join(drop, "incoming");
    await mkdir(incoming, { recursive: true });
    await symlink("/etc", path.join(incoming, `0x${"71".repeat(32)}`));
    await mkdir(path.join(incoming, "x.part"));
    await symlink("/etc/passwd", path.join(incoming, "x.part", "model.bin"));
    await rename(path.join(incoming, "x.part"), path.join(incoming, `0x${"72".repeat(32)}`));
  }
});

function* prepend<Value>(first: Value, others: Iterable<Value>): Iterable<Value> {
  yield first;
  yield* others;
}
