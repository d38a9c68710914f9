import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { text } from "node:stream/consumers";

const launcher = path.join(import.meta.dirname, "..", "run.mjs");

describe("launcher", () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "chongwen-launch-"));
  after(() => fs.rmSync(directory, { recursive: true }));

  function launch(source: string, ...args: string[]): ChildProcess {
    const script = path.join(directory, `${Math.random()}.ts`);
    fs.writeFileSync(script, source);
    return start(script, ...args);
  }

  function start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [launcher, ...args], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  }

  async function finish(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
    assert.ok(child.stdout && child.stderr);
    const ended = once(child, "exit");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await ended;
    return { code, stdout, stderr };
  }

  it("runs TypeScript where the caller stands and writes nothing of its own", async () => {
    const result = await finish(
      launch("const a: string[] = process.argv.slice(2); console.log(JSON.stringify([a, process.cwd()]));", "--x", "y z"),
    );
    assert.deepEqual(JSON.parse(result.stdout), [["--x", "y z"], fs.realpathSync(directory)]);
    assert.equal(result.stderr, "");
    assert.equal(result.code, 0);
  });

  it("hands on the exit code", async () => {
    assert.equal((await finish(launch("process.exit(3)"))).code, 3);
    assert.equal((await finish(launch("process.kill(process.pid, 'SIGKILL')"))).code, 128 + 9);
  });

  it("hands on signals, and waits for the command to end by itself", async () => {
    const child = launch(
      "process.once('SIGTERM', () => { console.log('closing'); process.exit(7); }); setInterval(() => {}, 1000); console.log('ready');",
    );
    child.stdout?.once("data", () => child.kill("SIGTERM"));
    const result = await finish(child);
    assert.equal(result.stdout, "ready\nclosing\n");
    assert.equal(result.code, 7);
  });

  it("runs the binary of a dependency", async () => {
    const result = await finish(start("tsc", "--version"));
    assert.match(result.stdout, /^Version \d/);
  });

  it("says in one line what it cannot run", async () => {
    const binary = await finish(start("no-such-binary"));
    assert.equal(binary.code, 2);
    assert.match(binary.stderr, /^No dependency .* "no-such-binary"\.\n$/);
    const file = await finish(start("scripts/no-such-file.ts"));
    assert.equal(file.code, 2);
    assert.match(file.stderr, /^There is no file scripts\/no-such-file\.ts/);
  });
});
