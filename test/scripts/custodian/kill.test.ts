// kill -9 between any two moments: no answer for which a receipt was given is lost, the chain has no gap, and the reader goes on where they were.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bookSchema, checkReceipts, submittedSchema } from "../../../protocol/annotation/index.ts";
import { openCustody } from "../../../scripts/custodian/start.ts";
import { alice, custodianKey, enter, ledger, type World } from "./support.ts";

async function start(dir: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "victim.ts"), dir], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the victim ended by itself: ${code}`)));
  });
  return { child, url };
}

it("a custodian that is killed again and again loses nothing it gave a receipt for", async () => {
  const dir = mkdtempSync(path.join(tmpdir(), "custodian-kill-"));
  const promised = new Set<string>();
  try {
    for (let life = 0; life < 4; life++) {
      const { child, url } = await start(dir);
      const reading = openCustody(dir);
      const world = { url, clock: { now: () => 1_800_000_000 }, custody: reading, root: reading.journal.sets()[0]?.root ?? assert.fail() } as unknown as World;
      const reader = await enter(world, alice.address, alice);
      const book = bookSchema.parse((await reader.get("receipts")).body);
      const kept = new Set(book.records.map(({ receipt }) => receipt.answerHash));
      for (const digest of promised) assert.ok(kept.has(digest as `0x${string}`), "an answer with a receipt is gone");
      const findings = await checkReceipts({ domain: ledger.domain, custodian: custodianKey.address, annotator: alice.address, ...book }, (account, digest, signature) => ledger.signed(account, digest, signature));
      assert.deepEqual(findings, []);
      assert.equal((await reader.work()).done, book.records.length);
      let killed: Promise<unknown> | null = null;
      try {
        for (;;) {
          const [task] = (await reader.work()).next;
          assert.ok(task !== undefined);
          promised.add(submittedSchema.parse((await reader.post(reader.answer(task.task, 1, { revision: task.revision }))).body).record.receipt.answerHash);
          // Later in each life, and never before it has promised anything.
          killed ??= sleep(5 + 25 * life).then(() => child.kill("SIGKILL"));
        }
      } catch (error) {
        // The connection broke: that was the kill.
        if (!(error instanceof TypeError)) throw error;
      }
      await killed;
      reading.journal.close();
    }
    assert.ok(promised.size >= 4, `${promised.size} answers in four lives`);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
