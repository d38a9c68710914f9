// Nothing that a run starts outlives it, however it ends.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ChongwenError } from "../../../protocol/errors.ts";
import { createChildren } from "../../../scripts/flower/processes/children.ts";
import { waitForLine } from "../../../scripts/flower/processes/log.ts";
import { freePorts } from "../../../scripts/flower/processes/ports.ts";

const folder = mkdtempSync(path.join(tmpdir(), "chongwen-processes-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const env = { PATH: process.env["PATH"] ?? "" };
const node = (name: string, program: string) => ({ name, command: process.execPath, args: ["-e", program], cwd: folder, env });
const FOREVER = "setInterval(() => {}, 1000)";
/** Starts a process in a group of its own, says its number, and stays. */
const FORKS = `const { pid } = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(FOREVER)}], { detached: true, stdio: "ignore" }); console.log("child " + pid); ${FOREVER}`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A process that nobody has waited for yet is still listed.
  return process.platform !== "linux" || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 60 && isAlive(pid); i++) await sleep(100);
  return !isAlive(pid);
}

describe("processes of a run", { skip: process.platform === "win32" }, () => {
  it("end with it, and with them what they started in other groups", async () => {
    const children = await createChildren(path.join(folder, "logs"));
    const child = children.start(node("forks", FORKS));
    await waitForLine(child, /child \d+/g, { seconds: 10 });
    const grandchild = Number(/child (\d+)/.exec(readFileSync(child.log, "utf8"))?.[1]);
    assert.ok(isAlive(grandchild));
    await children.close();
    assert.ok(await gone(child.pid));
    assert.ok(await gone(grandchild));
  });

  it("end with it when it is killed", async () => {
    const script = path.join(folder, "parent.ts");
    const from = JSON.stringify(path.resolve(import.meta.dirname, "../../../scripts/flower/processes/children.ts"));
    writeFileSync(script, `import { createChildren } from ${from};
      const children = await createChildren(${JSON.stringify(path.join(folder, "orphans"))});
      const child = children.start(${JSON.stringify(node("orphan", FOREVER))});
      console.log(child.pid);`);
    const parent = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script], { stdio: ["ignore", "pipe", "inherit"] });
    const pid = await new Promise<number>((resolve) => parent.stdout.once("data", (text: Buffer) => resolve(Number(text.toString()))));
    assert.ok(isAlive(pid));
    parent.kill("SIGKILL");
    assert.ok(await gone(pid));
  });

  it("tell when one ends that nobody ended, with the last lines of its log", async () => {
    const children = await createChildren(path.join(folder, "failing"));
    try {
      children.start(node("broken", `console.error("no data in the folder"); process.exit(3)`));
      await assert.rejects(children.failed, (error) => error instanceof ChongwenError && error.code === "flower-process-ended" && /exit code 3[^]*no data in the folder/.test(error.message));
    } finally {
      await children.close();
    }
  });

  it("are not reported when they were ended on purpose, or ended well", async () => {
    const children = await createChildren(path.join(folder, "ended"));
    await children.start(node("stays", FOREVER)).end();
    await children.start(node("done", "")).ended;
    assert.equal(await Promise.race([children.failed, sleep(200).then(() => "silent")]), "silent");
    await children.close();
  });

  it("get only the environment that they are given", async () => {
    const children = await createChildren(path.join(folder, "environment"));
    process.env["CHONGWEN_TEST_SECRET"] = "secret";
    const child = children.start(node("env", "console.log(JSON.stringify(process.env)); console.log('end')"));
    await waitForLine(child, /^end$/gm, { seconds: 10 });
    delete process.env["CHONGWEN_TEST_SECRET"];
    assert.doesNotMatch(readFileSync(child.log, "utf8"), /CHONGWEN_TEST_SECRET/);
    await children.close();
  });

  it("are waited for with patience that ends", async () => {
    const children = await createChildren(path.join(folder, "silent"));
    const child = children.start(node("silent", FOREVER));
    await assert.rejects(waitForLine(child, /ready/g, { seconds: 0.3 }), (error) => error instanceof ChongwenError && error.code === "flower-process-silent");
    await children.close();
  });

  it("listen on ports of their own", async () => {
    const ports = await freePorts(20);
    assert.equal(new Set(ports).size, 20);
  });
});
