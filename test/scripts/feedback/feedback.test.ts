// The feedback service over real HTTP and a real database: honest use, and attacks named after themselves.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import type { PrivateKeyAccount } from "viem";
import { isSignedBy, toWire } from "../../../protocol/annotation/index.ts";
import { feedbackReceipt, modelFeedback, sentSchema, textHash, type FeedbackCounts, type FeedbackSent, type ModelFeedback } from "../../../protocol/feedback/index.ts";
import { createDomain } from "../../../protocol/index.ts";
import { readFeedback, sendFeedback, FeedbackError } from "../../../frontend/src/feedback-client.ts";
import { openFeedbackJournal, type FeedbackJournal } from "../../../scripts/feedback/journal.ts";
import { createFeedbackApp } from "../../../scripts/feedback/server.ts";
import type { RunningService } from "../../../scripts/service/listen.ts";
import { call, fakeClock, fakeLedger, LEDGER, MODEL, person, rulesAt, serveApp, word } from "../service/support.ts";

const [alice, bob, wallet] = [person(1), person(2), person(3)];
const service = person(99);
const ledger = fakeLedger(new Map([[alice.address, 1]]), new Map([[wallet.address, bob.address]]));

let dir: string;
let clock: ReturnType<typeof fakeClock>;
let journal: FeedbackJournal;
let server: RunningService;

async function open(): Promise<void> {
  journal = openFeedbackJournal(path.join(dir, "feedback.sqlite"));
  server = await serveApp(createFeedbackApp({ key: service, ledger, journal, rules: rulesAt(clock), perAccount: 5, perDay: 40 }));
}
async function close(): Promise<void> {
  await server.close();
  journal.close();
}

const said = (user: PrivateKeyAccount, more: Partial<ModelFeedback> = {}): ModelFeedback => ({
  user: user.address, federation: 1, round: 2, modelRoot: MODEL, inputHash: word(7), predictedClass: 3, verdict: 1, textHash: textHash(""), ...more,
});
async function submission(feedback: ModelFeedback, signer: PrivateKeyAccount, text = "", domain = ledger.domain): Promise<unknown> {
  return JSON.parse(toWire({ feedback, text, signature: await signer.sign({ hash: modelFeedback.digest(domain, feedback) }) }));
}
const post = async (feedback: ModelFeedback, signer: PrivateKeyAccount, text = "") => call(server.url, "/feedback", { body: await submission(feedback, signer, text) });
const counts = async (): Promise<FeedbackCounts> => (await call(server.url, "/feedback/1/2")).body as FeedbackCounts;

before(() => void (dir = mkdtempSync(path.join(tmpdir(), "feedback-"))));
after(async () => {
  await close();
  rmSync(dir, { recursive: true });
});
let games = 0;
beforeEach(async () => {
  if (games++ > 0) await close();
  rmSync(dir, { recursive: true });
  clock = fakeClock();
  await open();
});

describe("feedback", () => {
  it("is receipted, in a chain for each user", async () => {
    const receipts: FeedbackSent[] = [];
    for (const input of [7, 8, 9]) receipts.push(sentSchema.parse((await post(said(alice, { inputHash: word(input) }), alice)).body));
    for (const [at, { receipt, signature }] of receipts.entries()) {
      const last = receipts[at - 1];
      assert.equal(receipt.sequence, at);
      assert.equal(receipt.previous, last === undefined ? word(0) : feedbackReceipt.digest(ledger.domain, last.receipt));
      assert.ok(await isSignedBy(service.address, feedbackReceipt.digest(ledger.domain, receipt), signature));
    }
    assert.equal(sentSchema.parse((await post(said(bob), bob)).body).receipt.sequence, 0);
  });

  it("sent twice gives the same receipt, also after a restart", async () => {
    const first = await post(said(alice), alice);
    await close();
    await open();
    assert.deepEqual((await post(said(alice), alice)).body, first.body);
    assert.equal(journal.counts(1, 2).get(1), 1);
  });

  it("many at once form one chain without a gap", async () => {
    const sent = await Promise.all([1, 2, 3, 4, 5].map((input) => post(said(alice, { inputHash: word(input) }), alice)));
    assert.deepEqual(sent.map(({ body }) => sentSchema.parse(body).receipt.sequence).sort(), [0, 1, 2, 3, 4]);
  });

  it("of a contract account is taken when its contract says so", async () => {
    assert.equal((await post(said(wallet), bob)).status, 200);
    assert.equal((await post(said(wallet, { inputHash: word(8) }), alice)).code, "signature-refused");
  });

  it("is told in counts of five and more only, rounded down", async () => {
    const say = (n: number, verdict: number) => post(said(person(100 + n), { verdict }), person(100 + n));
    for (let n = 0; n < 4; n++) await say(n, 1);
    assert.deepEqual(await counts(), { federation: 1, round: 2, k: 5, right: null, wrong: null, unsure: null });
    await say(4, 1);
    await say(5, 2);
    assert.deepEqual(await counts(), { federation: 1, round: 2, k: 5, right: 5, wrong: null, unsure: null });
    await say(6, 1);
    assert.equal((await counts()).right, 5, "one more person is not told of");
  });
});

describe("feedback that is to be paid", () => {
  const ofSettlement = (settlement: number | null): number => journal.statements(1).filter((statement) => statement.settlement === settlement).length;
  const say = async (...at: number[]): Promise<void> => {
    for (const input of at) assert.equal((await post(said(alice, { inputHash: word(input) }), alice)).status, 200);
  };

  it("counts for one settlement only, and for the same one whenever it is asked again", async () => {
    await say(1, 2);
    journal.assign(1, 4);
    await say(3);
    journal.assign(1, 4);
    assert.deepEqual([ofSettlement(4), ofSettlement(null)], [2, 1]);
    journal.assign(2, 9);
    journal.assign(1, 5);
    assert.deepEqual([ofSettlement(4), ofSettlement(5), ofSettlement(9), ofSettlement(null)], [2, 1, 0, 0]);
    await say(4);
    journal.assign(1, 6, 5);
    assert.deepEqual([ofSettlement(4), ofSettlement(5), ofSettlement(6)], [2, 0, 2]);
  });

  it("is kept in the order of its receipts, over a restart", async () => {
    await say(5, 6, 7);
    journal.assign(1, 4);
    await close();
    await open();
    assert.deepEqual(journal.statements(1).map(({ inputHash, settlement, modelRoot, verdict }) => [Number(inputHash), settlement, modelRoot, verdict]), [5, 6, 7].map((input) => [input, 4, MODEL, 1]));
  });
});

describe("the page's client", () => {
  const ask = (more: object = {}) =>
    sendFeedback({
      service: server.url, chainId: 31337, ledger: LEDGER, user: alice.address, signTypedData: (data) => alice.signTypedData(data), federation: 1, round: 2, modelRoot: MODEL,
      input: new Uint8Array([1, 2, 3]), predictedClass: 1, verdict: "wrong", text: "the border", ...more,
    });
  it("signs, sends, checks the receipt, reads counts", async () => {
    const sent = await ask();
    assert.equal(sent.receipt.sequence, 0);
    assert.match(sent.salt, /^0x[0-9a-f]{64}$/);
    assert.deepEqual(await readFeedback(server.url, 1, 2), { federation: 1, round: 2, k: 5, right: null, wrong: null, unsure: null });
  });
  it("names what went wrong", async () => {
    const kind = (more: object) => ask(more).then(() => "none", (error: unknown) => (error instanceof FeedbackError ? `${error.kind} ${error.code ?? ""}`.trim() : String(error)));
    assert.equal(await kind({ modelRoot: word(6) }), "refused model-unknown");
    assert.equal(await kind({ chainId: 1 }), "other-ledger");
    assert.equal(await kind({ service: "http://127.0.0.1:9" }), "unreachable");
  });
});

describe("attacks on feedback", () => {
  it("a statement signed by another", async () => assert.equal((await post(said(alice), bob)).code, "signature-refused"));

  it("a statement for another chain or ledger", async () => {
    for (const domain of [createDomain(1, LEDGER), createDomain(31337, alice.address)]) {
      assert.equal((await call(server.url, "/feedback", { body: await submission(said(alice), alice, "", domain) })).code, "signature-refused");
    }
  });

  it("a second verdict of the same input", async () => {
    await post(said(alice), alice);
    assert.equal((await post(said(alice, { verdict: 2 }), alice)).code, "feedback-given");
    assert.equal(journal.counts(1, 2).get(2), undefined);
  });

  it("a field changed on its way, and a text exchanged", async () => {
    const body = (await submission(said(alice), alice)) as { feedback: object };
    assert.equal((await call(server.url, "/feedback", { body: { ...body, feedback: { ...body.feedback, verdict: 2 } } })).code, "signature-refused");
    assert.equal((await call(server.url, "/feedback", { body: { ...body, text: "something else" } })).code, "request-invalid");
  });

  it("a model that the ledger does not have", async () => {
    assert.equal((await post(said(alice, { modelRoot: word(6) }), alice)).code, "model-unknown");
    assert.equal((await post(said(alice, { round: 9 }), alice)).code, "model-unknown");
  });

  it("flooding by one account, and by many", async () => {
    for (let input = 0; input < 5; input++) assert.equal((await post(said(alice, { inputHash: word(input) }), alice)).status, 200);
    assert.equal((await post(said(alice, { inputHash: word(6) }), alice)).code, "day-is-full");
    for (let n = 0; n < 35; n++) assert.equal((await post(said(person(200 + n)), person(200 + n))).status, 200);
    assert.equal((await post(said(bob), bob)).code, "day-is-full");
    clock.pass(86_401);
    assert.equal((await post(said(bob), bob)).status, 200);
  });

  it("a hundred and more requests in a moment", async () => {
    const statuses = [];
    for (let n = 0; n < 130; n++) statuses.push((await call(server.url, "/feedback")).status);
    assert.equal(statuses.filter((status) => status === 200).length, 120);
    assert.equal(statuses.at(-1), 429);
    clock.pass(60);
    assert.equal((await call(server.url, "/feedback")).status, 200);
  });

  it("bodies that are too large, no JSON, or hold more than they may", async () => {
    assert.equal((await call(server.url, "/feedback", { body: "x".repeat(40_000) })).code, "request-too-large");
    for (const body of ["", "{", "[]", "null", '{"feedback":{}}']) assert.equal((await call(server.url, "/feedback", { body })).code, "request-invalid", body);
    const body = (await submission(said(alice), alice)) as object;
    assert.equal((await call(server.url, "/feedback", { body: { ...body, more: 1 } })).code, "request-invalid");
  });

  it("a page of another origin, and a name that is pointed here (DNS rebinding)", async () => {
    const refused = await call(server.url, "/feedback", { headers: { origin: "http://evil.example" } });
    assert.equal(refused.code, "origin-refused");
    assert.equal(refused.headers.get("access-control-allow-origin"), null);
    const { hostname, port } = new URL(server.url);
    const status = await new Promise((resolve, reject) => {
      request({ hostname, port, path: "/feedback", headers: { host: "evil.example" } }, (response) => resolve(response.resume().statusCode)).on("error", reject).end();
    });
    assert.equal(status, 421);
  });

  it("refusals can be read by the page, and nothing is cached", async () => {
    const refused = await post(said(alice), bob);
    assert.equal(refused.headers.get("access-control-allow-origin"), "http://127.0.0.1:8080");
    assert.equal(refused.headers.get("cache-control"), "no-store");
    assert.equal(refused.headers.get("x-content-type-options"), "nosniff");
  });

  it("addresses beyond the service", async () => {
    for (const at of ["/", "/feedback/1/2/3", "/feedback/../x", "/feedback/a/b", "/feedback/1/99999999999"]) assert.equal((await call(server.url, at)).code, "nothing-there", at);
  });
});
