// What an operator's service says to those who watch it when others ask for signatures, and what becomes of a request when it stops.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { zeroHash } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";
import type { Report } from "../../../protocol/index.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import type { Kernel } from "../../../scripts/chain/kernel.ts";
import { openOracleJournal, type OracleJournal } from "../../../scripts/oracle/journal.ts";
import { observing } from "../../../scripts/oracle/observer.ts";
import type { PeerJudge } from "../../../scripts/oracle/peers/judge.ts";
import { createSigning, type Signing } from "../../../scripts/oracle/peers/signing.ts";
import { Refused } from "../../../scripts/service/refusal.ts";

const [asker, other] = [devAccount(2).address, devAccount(3).address];
const report: Report = { federation: 1, round: 1, attempt: 0, sealHash: zeroHash, modelRoot: zeroHash, metricsHash: zeroHash, excluded: 0n, artefact: zeroHash };

describe("signing for others", () => {
  let dir: string;
  let journal: OracleJournal;
  let told: string[];
  let stop: AbortController;
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-signing-"));
    journal = openOracleJournal(path.join(dir, "oracle.sqlite"));
  });
  after(async () => {
    journal.close();
    await rm(dir, { recursive: true });
  });
  beforeEach(() => {
    told = [];
    stop = new AbortController();
  });

  function signingWith(judge: PeerJudge): Signing {
    const kernel = { deployment: { chainId: 31_337n, contracts: { rounds: other, settlement: asker } } } as unknown as Kernel;
    const observer = observing({ signed: (kind, ok) => void told.push(`${ok ? "signed" : "refused"} ${kind}`), failed: (where, code) => void told.push(`${where}: ${code}`) });
    return createSigning({ kernel, self: devAccount(1), journal, observer, now: () => 1, judgeOf: () => judge, signal: stop.signal });
  }
  const ask = async (signing: Signing, from = asker) => signing.sign(from, { name: "Report", value: report });

  for (const [what, error, expected] of [
    ["wrong is an alarm", new Refused("statement-refused", "wrong"), ["refused Report"]],
    ["without its updates is one too", new Refused("payload-missing", "nowhere"), ["refused Report"]],
    ["too early is none", new Refused("statement-early", "early"), []],
    ["that this operator has no key for is none", new ChongwenError({ code: "envelope-key-missing", message: "no key", fix: "-" }), []],
    ["that could not be looked at has failed, and nothing was refused", new TypeError("fetch failed"), ["signing: ledger-silent"]],
    ["on a full disk has failed", Object.assign(new Error("no space"), { code: "ENOSPC" }), ["signing: disk-full"]],
  ] as const) {
    it(`what is asked ${what}`, async () => {
      await assert.rejects(ask(signingWith(() => Promise.reject(error))), error);
      assert.deepEqual(told, expected);
    });
  }

  it("looks at one request of each at a time", async () => {
    let release = (): void => undefined;
    const signing = signingWith(() => new Promise((resolve) => (release = resolve)));
    const first = ask(signing);
    await assert.rejects(ask(signing), { code: "peer-busy" });
    release();
    await first;
    assert.deepEqual(told, ["signed Report"]);
  });

  it("a stop begins nothing new, waits for what is under way, and blames nobody for what it gives up", async () => {
    let giveUp: (why: Error) => void = () => undefined;
    const signing = signingWith(() => new Promise((_, reject) => (giveUp = reject)));
    const underWay = assert.rejects(signing.sign(asker, { name: "Report", value: { ...report, round: 2 } }), { code: "statement-refused" });
    stop.abort();
    await assert.rejects(ask(signing, other), { code: "peer-busy", retryable: true });
    let isIdle = false;
    const idle = signing.idle().then(() => (isIdle = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isIdle, false, "the journal would be closed under it");
    giveUp(new Refused("statement-refused", "half of it was read"));
    await Promise.all([underWay, idle]);
    assert.deepEqual(told, []);
  });
});
