import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verificationSchema } from "../../../protocol/audit/report.ts";
import { artefactCid } from "../../../protocol/unixfs/cid.ts";
import { checkCode, contractName, maskedHash } from "../../../frontend/verify/src/chain/code.ts";
import { reportOf, verdictOf } from "../../../frontend/verify/src/report.ts";
import { commandFor, formatAddress, parseAddress, readSubject } from "../../../frontend/verify/src/subject.ts";
import { reasonOf, texts } from "../../../frontend/verify/src/text.ts";
import { findInManifest } from "../../../frontend/verify/src/worker/find.ts";
import { formatShu } from "../../../frontend/verify/src/format-shu.ts";
import type { Outcome } from "../../../frontend/verify/src/worker/question.ts";

const hash = `0x${"ab".repeat(32)}` as const;

describe("what a reader types", () => {
  it("is a round, a hash, an identifier, a link, or nothing", () => {
    assert.deepEqual(readSubject(" Round 3 "), { kind: "round", number: 3 });
    assert.deepEqual(readSubject("12"), { kind: "round", number: 12 });
    assert.deepEqual(readSubject("settlement/2"), { kind: "settlement", number: 2 });
    assert.deepEqual(readSubject("seat 0"), { kind: "seat", number: 0 });
    assert.deepEqual(readSubject(hash.toUpperCase().replace("0X", "0x")), { kind: "hash", hash });
    assert.deepEqual(readSubject(`tx ${hash}`), { kind: "tx", hash });
    assert.deepEqual(readSubject(artefactCid(hash)), { kind: "artefact", hash });
    assert.deepEqual(readSubject(`ipfs://${artefactCid(hash)}/model.bin`), { kind: "artefact", hash });
    assert.deepEqual(readSubject("https://ledger.example/verify/#/round/7?k=2"), { kind: "round", number: 7 });
  });

  it("a hash of the wrong kind or length, and anything else, is refused", () => {
    for (const text of ["", "round", "round x", "round 1e3", "round -1", "0x12", `${hash}00`, "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", "javascript:alert(1)", "tx 5x", "constructor 1"]) {
      assert.equal(readSubject(text), null, text);
    }
  });

  it("goes into the address and comes back", () => {
    const address = { subject: { kind: "round", number: 3 }, federation: 2, endpoints: ["https://a.example/", "http://127.0.0.1:8545/?x=1&y=2"], needed: 2, own: true, sources: ["https://g.example/ipfs/"] } as const;
    assert.deepEqual(parseAddress(formatAddress(address)), address);
  });

  it("hostile addresses lose what is no web address, and everything beyond nine", () => {
    const { endpoints, sources } = parseAddress(`#/round/1?rpc=javascript:alert(1)&rpc=file:///etc/passwd&rpc=nonsense&from=data:text/html,x&${Array.from({ length: 12 }, (_, i) => `rpc=https://e${i}.example`).join("&")}`);
    assert.equal(endpoints.length, 9);
    assert.ok(endpoints.every((url) => url.startsWith("https://")));
    assert.deepEqual(sources, []);
    assert.deepEqual(parseAddress("#/<script>").subject, { kind: "none" });
  });

  it("gives the same question for a shell, quoted", () => {
    assert.equal(commandFor({ kind: "round", number: 3 }, 1, undefined), "npx chongwen audit --round 3");
    assert.equal(commandFor({ kind: "settlement", number: 1 }, 2, "https://a.example/"), "npx chongwen audit --settlement 1 --federation 2 --rpc https://a.example/");
    assert.equal(commandFor({ kind: "round", number: 3 }, 1, "https://a.example/?k=$(rm)'&"), "npx chongwen audit --round 3 --rpc 'https://a.example/?k=$(rm)'\\''&'");
  });
});

describe("the code of a contract", () => {
  const code = Uint8Array.from({ length: 100 }, (_, i) => i + 1);
  const immutables = [[10, 32]] as const;
  const known = { bytes: 100, immutables, hash: maskedHash(code, immutables) };
  const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;

  it("is known whatever its immutable values are, and unknown for any other byte", () => {
    const deployed = code.slice();
    deployed.fill(0xee, 10, 42);
    assert.equal(checkCode("X", hash.slice(0, 42) as `0x${string}`, hex(deployed), known).state, "known");
    deployed[50]! ^= 1;
    assert.equal(checkCode("X", hash.slice(0, 42) as `0x${string}`, hex(deployed), known).state, "unknown");
    assert.equal(checkCode("X", hash.slice(0, 42) as `0x${string}`, hex(code), undefined).state, "unknown");
  });

  it("is absent when there is none, or no bytes", () => {
    for (const nothing of ["0x", null, "0xzz", "0x123", 7]) assert.equal(checkCode("X", hash.slice(0, 42) as `0x${string}`, nothing, known).state, "absent");
  });

  it("has the compiler's name", () => {
    assert.deepEqual(["rounds", "token", "governor", "loneReports"].map(contractName), ["Rounds", "ContributionToken", "ChongwenGovernor", "LoneReports"]);
  });
});

describe("the sum", () => {
  it("is the command line's exit code", () => {
    assert.deepEqual(verdictOf([]), { verdict: "verified", exitCode: 0 });
    const finding = { entry: "round 1", subject: "", message: "" };
    assert.equal(verdictOf([{ ...finding, kind: "erased" }]).exitCode, 5);
    assert.equal(verdictOf([{ ...finding, kind: "unverified" }, { ...finding, kind: "mismatch" }]).exitCode, 3);
  });

  it("makes a report of the documented form", () => {
    const rungs = [{ rung: "page", state: "unchecked", reason: "page-file", values: {}, checks: 0, failures: 0 }] as const;
    const outcome: Outcome = { subject: { kind: "round", number: 1 }, federation: 1, rungs, findings: [], comparisons: [], chain: null, code: [], found: [], reward: null, privacyMode: 0, loaded: [], tampered: null, milliseconds: 1 };
    assert.equal(verificationSchema.parse(reportOf(outcome, parseAddress(""), [{ host: "a", requests: 1, bytes: 2 }], new Date(0))).subject, "round/1");
  });

  it("every reason has a sentence in both languages, and an unknown one does not break the page", () => {
    assert.deepEqual(Object.keys(texts.zh.reasons).sort(), Object.keys(texts.en.reasons).sort());
    for (const key of Object.keys(texts.en.reasons)) {
      const [name = "", reason = ""] = key.split(" ");
      const rung = { rung: name as "page", state: "failed" as const, reason, values: { message: "m" }, checks: 0, failures: 0 };
      for (const text of [texts.en, texts.zh]) assert.ok(reasonOf(text, rung).length > 0 && reasonOf(text, rung) !== text.unknownReason, key);
    }
    assert.equal(reasonOf(texts.en, { rung: "page", state: "failed", reason: "what", values: {}, checks: 0, failures: 0 }), texts.en.unknownReason);
  });

  it("writes amounts exactly", () => {
    assert.deepEqual(["0", "1", "1500000000000000000", "123000000000000000000"].map(formatShu), ["0", "0.000000000000000001", "1.5", "123"]);
  });

  it("finds a hash in a manifest with the file it belongs to, and survives one that nests for ever", () => {
    assert.deepEqual(findInManifest({ files: [{ path: "model.bin", sszRoot: hash }], seal: { seatsHash: hash } }, hash), [{ what: "sszRoot", path: "model.bin" }, { what: "seatsHash", path: null }]);
    const deep: { next?: unknown } = {};
    deep.next = deep;
    assert.deepEqual(findInManifest(deep, hash), []);
  });
});
