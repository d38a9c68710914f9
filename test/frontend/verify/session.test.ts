import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import type { Hex } from "viem";
import { writeFacts } from "../../../protocol/ledger/facts.ts";
import { parseAddress } from "../../../frontend/verify/src/subject.ts";
import type { Outcome } from "../../../frontend/verify/src/worker/question.ts";
import { createSession, type Session, type StreamedFile } from "../../../frontend/verify/src/worker/session.ts";
import { reasonOf, texts } from "../../../frontend/verify/src/text.ts";
import { verdictOf } from "../../../frontend/verify/src/report.ts";
import { buildLedger, type Fixture, type Mistakes } from "../../scripts/audit/fixture.ts";

const fileOf = (path: string, content: Uint8Array | string): StreamedFile => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { path, size: bytes.length, bytes: async () => bytes, stream: () => new Blob([bytes.slice()]).stream() };
};

/** Answers instead of the store's, by path. */
type Overrides = Readonly<Record<string, () => Response>>;

/** The server's artefacts over a network of one host. */
function networkOf({ store }: Fixture, overrides: Overrides, asked: string[]): typeof fetch {
  return async (input) => {
    const { pathname } = new URL(String(input));
    asked.push(pathname);
    const [, , digest = "", ...path] = pathname.split("/");
    const override = overrides[path.join("/")];
    if (override !== undefined) return override();
    try {
      return new Response((await (await store.open(digest as Hex)).read(path.join("/"))).slice());
    } catch {
      return new Response("", { status: 404 });
    }
  };
}

const stateOf = ({ rungs }: Outcome, name: string): string => {
  const found = rungs.find(({ rung }) => rung === name);
  return `${found?.state} ${found?.reason}`;
};

describe("a verification, from the question to the ladder", () => {
  const made: Fixture[] = [];
  let honest: Fixture;
  const build = async (mistakes: Mistakes = {}): Promise<Fixture> => {
    const fixture = await buildLedger(mistakes);
    made.push(fixture);
    return fixture;
  };
  /** A page that was given the recorded ledger. */
  const sessionOf = async (fixture: Fixture, overrides: Overrides = {}, asked: string[] = []): Promise<Session> => {
    const session = createSession({ network: networkOf(fixture, overrides, asked), codeTable: {}, home: "http://page/artefacts/" }, null);
    await session.give(parseAddress(""), [fileOf("ledger.json", writeFacts(fixture.facts))], () => undefined);
    return session;
  };
  const verify = async (fixture: Fixture, fragment: string, overrides: Overrides = {}): Promise<Outcome> => (await sessionOf(fixture, overrides)).verify(parseAddress(fragment));

  before(async () => {
    honest = await build();
  });
  after(() => Promise.all(made.map(({ dir }) => rm(dir, { recursive: true, force: true }))));

  it("recomputes a round against a record, and says that a record is no chain", async () => {
    const outcome = await verify(honest, "#/round/2");
    assert.equal(verdictOf(outcome.findings).verdict, "verified", JSON.stringify(outcome.findings));
    assert.deepEqual(["chain", "code", "record", "artefact", "meaning"].map((name) => stateOf(outcome, name)), ["unchecked recorded", "unchecked no-chain", "unchecked final", "computed intact", "computed recomputed"]);
    assert.equal(outcome.privacyMode, 0);
  });

  it("says that a federation is frozen, and fails at the record when the round moved meanwhile", async () => {
    const frozen = (change: (facts: Fixture["facts"]) => void): Fixture => {
      const facts = structuredClone(honest.facts);
      const change1 = { block: 3n, logIndex: 1, at: 4, until: 20, reason: facts.genesis.reportHash };
      facts.freezes = { until: 20, changes: [change1], moves: [{ block: 2n, logIndex: 0, at: 3, round: 2, move: "reported" }] };
      change(facts);
      return { ...honest, facts };
    };
    const reported = await verify(frozen(({ rounds: [, second] }) => void (second && (second.state = "Reported"))), "#/round/2");
    assert.deepEqual([stateOf(reported, "record"), verdictOf(reported.findings).verdict], ["unchecked reported-frozen", "verified"]);
    const moved = await verify(frozen(({ freezes }) => void freezes?.moves.push({ block: 5n, logIndex: 0, at: 9, round: 2, move: "final" })), "#/round/2");
    assert.deepEqual([stateOf(moved, "record"), verdictOf(moved.findings).verdict], ["failed moved-while-frozen", "mismatch"]);
    for (const text of Object.values(texts)) assert.match(moved.rungs.map((each) => reasonOf(text, each)).join(), /1970-01-01 00:00 UTC/);
  });

  it("opens a seat's reward", async () => {
    const outcome = await verify(honest, "#/seat/1");
    assert.equal(stateOf(outcome, "meaning"), "proven reward-proven");
    assert.ok(BigInt(outcome.reward?.cumulative ?? 0) > 0n);
  });

  it("an aggregate that the operators signed wrongly fails at its meaning: the bytes are the ledger's", async () => {
    const outcome = await verify(await build({ aggregateError: 1 }), "#/round/2");
    assert.deepEqual([stateOf(outcome, "artefact"), stateOf(outcome, "meaning")], ["computed intact", "failed differs"]);
    assert.match(outcome.rungs.find(({ rung }) => rung === "meaning")?.values["expected"] ?? "", /coordinate 7/);
  });

  it("a replayed signature fails at its meaning", async () => {
    const outcome = await verify(await build({ replayBy: 1 }), "#/round/2");
    assert.equal(stateOf(outcome, "meaning"), "failed differs");
    assert.equal(verdictOf(outcome.findings).exitCode, 3);
  });

  it("a flipped bit is judged without asking anybody again, and undone", async () => {
    const asked: string[] = [];
    const session = await sessionOf(honest, {}, asked);
    const outcome = await session.verify(parseAddress("#/round/2"));
    const before = asked.length;
    for (const { artefact, path, bytes } of outcome.loaded) {
      const flipped = await session.flip(artefact, path, Math.floor(bytes / 2));
      assert.equal(flipped === null ? "" : stateOf(flipped, "artefact"), "failed differs", path);
      assert.equal(verdictOf(flipped?.findings ?? []).verdict, "mismatch", path);
      const undone = await session.undo();
      assert.deepEqual(verdictOf(undone?.findings ?? []), { verdict: "verified", exitCode: 0 });
    }
    assert.equal(asked.length, before);
  });

  it("a server that sends other bytes, cuts them, or sends a malformed manifest fails at the artefact", async () => {
    const responses: Overrides[] = [
      { "model.bin": () => new Response("other") },
      { "metrics.json": () => new Response("") },
      { "manifest.json": () => new Response("{}") },
      { "manifest.json": () => new Response('{"files":[') },
      { "manifest.json": () => new Response("<!doctype html>") },
    ];
    for (const override of responses) {
      const outcome = await verify(honest, "#/round/2", override);
      assert.equal(stateOf(outcome, "artefact"), "failed differs", Object.keys(override).join());
      assert.equal(verdictOf(outcome.findings).verdict, "mismatch");
    }
  });

  it("what is missing, silent or erased is not wrong, and not verified", async () => {
    const artefact = honest.facts.rounds[1]?.report?.artefact;
    const statement = JSON.stringify({ format: "chongwen-erasure", version: 1, artefact, erasedAt: 1, basis: "consent withdrawn", statedBy: "Hospital C" });
    const cases = [
      { answer: () => new Response("", { status: 404 }), state: "unchecked missing" },
      { answer: () => new Response("", { status: 503 }), state: "unchecked unavailable" },
      { answer: () => new Response(statement, { status: 410 }), state: "unchecked erased" },
      { answer: () => new Response("gone", { status: 410 }), state: "unchecked missing" },
    ];
    for (const { answer, state } of cases) {
      const outcome = await verify(honest, "#/round/2", { "manifest.json": answer, content: answer });
      assert.equal(stateOf(outcome, "artefact"), state);
      assert.equal(verdictOf(outcome.findings).exitCode, 5, state);
      assert.equal(outcome.rungs.find(({ rung }) => rung === "meaning")?.state, "unchecked");
    }
  });

  it("an entry that the ledger does not have is said to be none", async () => {
    for (const fragment of ["#/round/99", "#/settlement/9"]) {
      const outcome = await verify(honest, fragment);
      assert.equal(verdictOf(outcome.findings).verdict, "mismatch");
      assert.equal(stateOf(outcome, "record"), "failed not-found");
    }
  });

  it("finds a dropped file's place, and a hash that is nowhere is no proof of anything", async () => {
    const session = await sessionOf(honest);
    const report = honest.facts.rounds[0]?.report;
    const model = await (await honest.store.open(report?.artefact as Hex)).read("model.bin");
    const { files } = await session.give(parseAddress(""), [fileOf("my-model.bin", model)], () => undefined);
    assert.deepEqual(files[0]?.found?.map(({ entry, number, what }) => `${entry} ${number} ${what}`), ["round 1 modelRoot"]);
    const outcome = await session.verify(parseAddress(`#/hash/0x${"12".repeat(32)}`));
    assert.equal(stateOf(outcome, "record"), "unchecked nowhere");
    assert.equal(verdictOf(outcome.findings).verdict, "unverified");
  });

  it("a dropped bundle that poses as a round is compared with the one that the ledger names", async () => {
    const other = await build({ aggregateError: 1 });
    const reader = await other.store.open(other.facts.rounds[1]?.report?.artefact as Hex);
    const paths = await reader.list();
    const files = await Promise.all(paths.map(async (path) => fileOf(`posing/${path}`, await reader.read(path))));
    const session = await sessionOf(honest);
    const { outcome } = await session.give(parseAddress(""), files, () => undefined);
    assert.deepEqual(outcome.subject, { kind: "round", number: 2 });
    assert.ok(outcome.findings.some(({ kind, message }) => kind === "mismatch" && message.startsWith("the given bundle is artefact")));
  });

  it("without a ledger a bundle can only agree with itself", async () => {
    const session = createSession({ network: () => Promise.reject(new TypeError("offline")), codeTable: {}, home: null }, null);
    const reader = await honest.store.open(honest.facts.rounds[1]?.report?.artefact as Hex);
    const paths = await reader.list();
    const files = await Promise.all(paths.map(async (path) => fileOf(`bundle/${path}`, await reader.read(path))));
    const { outcome } = await session.give(parseAddress(""), files, () => undefined);
    assert.deepEqual([stateOf(outcome, "artefact"), stateOf(outcome, "meaning"), verdictOf(outcome.findings).verdict], ["computed hashed", "computed alone", "unverified"]);
  });
});
