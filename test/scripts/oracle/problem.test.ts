// A disk that takes nothing is called that, whoever comes upon it: not a chain that is silent.
import assert from "node:assert/strict";
import { mkdtemp, open, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { BaseError } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";
import { failureOf, problemOf } from "../../../scripts/oracle/problem.ts";
import { outcomeOf, valueOf } from "../../../scripts/oracle/recompute/wire.ts";
import { Refused } from "../../../scripts/service/refusal.ts";

const thrown = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return assert.fail("nothing was thrown");
};
const called = (error: unknown) => [problemOf(error).code, failureOf(error).code, failureOf(error).retryable];

/** As SQLite says it when a journal does not fit any more. */
async function fullJournal(): Promise<Error> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-problem-"));
  const database = new DatabaseSync(path.join(dir, "small.sqlite"));
  try {
    database.exec("CREATE TABLE notes (text TEXT); PRAGMA max_page_count = 3");
    return thrown(() => database.prepare("INSERT INTO notes VALUES (?)").run("x".repeat(100_000)));
  } finally {
    database.close();
    await rm(dir, { recursive: true });
  }
}

describe("what a failure is called", () => {
  it("is a full disk when a journal does not fit, also behind another failure and out of the thread that recomputes", async () => {
    const full = await fullJournal();
    assert.deepEqual(called(full), ["disk-full", "disk-full", true]);
    assert.deepEqual(called(new ChongwenError({ code: "store-unavailable", message: "The store", fix: "", retryable: true, cause: new Error("it", { cause: full }) })), ["disk-full", "disk-full", true]);
    const outcome = structuredClone(await outcomeOf(() => Promise.reject(full)));
    assert.deepEqual(called(thrown(() => valueOf(outcome))), ["disk-full", "disk-full", true]);
    const answer = failureOf(full);
    assert.ok(answer instanceof Refused && answer.status === 507);
  });

  it("is a full disk when a file does not fit", { skip: process.platform !== "linux" && "no /dev/full" }, async () => {
    const file = await open("/dev/full", "w");
    const error = await file.write("x").then(() => null, (caught: unknown) => caught);
    await file.close();
    assert.deepEqual(called(error), ["disk-full", "disk-full", true]);
    // No path of this machine goes to whoever asks.
    assert.ok(!failureOf(error).message.includes("/dev"));
  });

  it("is a failing disk when it takes nothing for another reason", () => {
    assert.deepEqual(called(Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" })), ["disk-failing", "disk-failing", true]);
    const readOnly = new DatabaseSync(":memory:", { open: true });
    readOnly.exec("CREATE TABLE notes (text TEXT); PRAGMA query_only = 1");
    assert.deepEqual(called(thrown(() => readOnly.exec("INSERT INTO notes VALUES ('x')"))), ["disk-failing", "disk-failing", true]);
    readOnly.close();
  });

  it("stays what it was otherwise: a verdict, another failure, a chain that is silent", () => {
    const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    assert.deepEqual(called(new Refused("bundle-wrong", "It is wrong.", full)), ["bundle-wrong", "bundle-wrong", false]);
    assert.deepEqual(called(new Refused("round-not-open", "It is sealed.")), ["round-not-open", "round-not-open", true]);
    for (const error of [new BaseError("HTTP request failed."), new Error("socket hang up"), "text", null]) assert.deepEqual(called(error), ["ledger-silent", "ledger-silent", true]);
    const database = new DatabaseSync(":memory:");
    assert.deepEqual(called(thrown(() => database.exec("SELECT nothing"))), ["ledger-silent", "ledger-silent", true]);
    database.close();
  });
});
