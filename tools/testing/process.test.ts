import assert from "node:assert/strict";
import { it } from "node:test";

import { runNode } from "./process.ts";

const options = { cwd: import.meta.dirname, color: false, limitSeconds: 30 };

it("tells how long the processor worked, for what a step started as well", { skip: process.platform !== "linux" }, async () => {
  const idle = await runNode(["-e", "setTimeout(() => {}, 400)"], options);
  const nested = await runNode(["-e", `require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify("let n = 0; for (let i = 0; i < 6e8; i += 1) n += i;")}])`], options);
  assert.ok((nested.processorSeconds ?? 0) > (idle.processorSeconds ?? 0) + 0.1, `${nested.processorSeconds} against ${idle.processorSeconds}`);
});
