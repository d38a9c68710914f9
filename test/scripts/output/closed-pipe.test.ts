// `chongwen … | head`: a reader that has read enough is no error.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { it } from "node:test";

it("a reader that goes away ends a command quietly", async () => {
  const cli = path.resolve(import.meta.dirname, "../../../scripts/cli.ts");
  const child = spawn(process.execPath, [cli, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => void (said += chunk.toString()));
  const [code] = await once(child, "exit");
  assert.deepEqual([code, said], [0, ""]);
});
