// Receipts: an honest book passes; every way to cheat with one is found.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { annotationAnswer, annotationSession, batchProof, batchRoot, checkReceipts, isSignedBy, verifyBatch, ZERO_HASH, type ReceiptBook } from "../../../protocol/annotation/index.ts";
import { createDomain } from "../../../protocol/index.ts";
import { annotator, answerTo, bookOf, custodian, domain, key, root, word } from "./support.ts";

const problems = async (book: ReceiptBook): Promise<string[]> => (await checkReceipts(book, isSignedBy)).map(({ problem, sequence }) => `${problem} ${sequence ?? "all"}`);
const honest = await bookOf([answerTo(0, 1), answerTo(1, 2), answerTo(1, 1, { revision: 1 }), answerTo(2, 201)]);
const change = (more: Partial<ReceiptBook>): ReceiptBook => ({ ...honest, ...more });
const records = (edit: (copy: ReceiptBook["records"][number][]) => unknown): ReceiptBook["records"] => {
  const copy = structuredClone(honest.records) as ReceiptBook["records"][number][];
  edit(copy);
  return copy;
};

describe("a book of receipts", () => {
  it("of an honest custodian has no problem, nor has an empty one", async () => {
    assert.deepEqual(await problems(honest), []);
    assert.deepEqual(await problems(await bookOf([])), []);
  });
  it("shows an answer dropped from the middle", async () => {
    assert.deepEqual(await problems(change({ records: records((copy) => copy.splice(1, 1)) })), ["sequence 1", "previous 1", "sequence 2", "batch-root all"]);
  });
  it("shows an answer dropped at the end, against a batch that was signed", async () => {
    assert.deepEqual(await problems(change({ records: records((copy) => copy.pop()) })), ["batch-root all"]);
  });
  it("shows two answers exchanged", async () => {
    const found = await problems(change({ records: records((copy) => copy.reverse()) }));
    assert.ok(found.includes("sequence 0") && found.includes("previous 1") && found.includes("batch-root all"), found.join());
  });
  it("shows an answer that was changed after it was signed", async () => {
    const found = await problems(change({ records: records((copy) => Object.assign(copy[1]?.answer ?? {}, { answer: 1 })) }));
    assert.deepEqual(found, ["answer-signature 1", "receipt-answer 1", "batch-root all"].filter((name) => found.includes(name)));
    assert.ok(found.includes("answer-signature 1") && found.includes("receipt-answer 1"));
  });
  it("shows receipts of another key than the custodian's", async () => {
    const other = privateKeyToAccount(key(9)).address;
    assert.deepEqual(await problems(change({ custodian: other })), ["receipt-signature 0", "receipt-signature 1", "receipt-signature 2", "receipt-signature 3", "batch-signature all"]);
  });
  it("shows a session that the annotator did not sign, and answers of a key nobody appointed", async () => {
    const session = { taskSet: root, annotator: annotator.address, sessionKey: custodian.address, expiry: 2000 };
    const signature = await custodian.sign({ hash: annotationSession.digest(domain, session) });
    assert.deepEqual(await problems(change({ delegations: [{ session, signature }] })), ["session all", "session 0", "session 1", "session 2", "session 3"]);
  });
  it("shows answers received after the session had ended", async () => {
    const session = { taskSet: root, annotator: annotator.address, sessionKey: honest.records[0]?.answer.sessionKey ?? ZERO_HASH.slice(0, 42) as `0x${string}`, expiry: 1001 };
    const signature = await annotator.sign({ hash: annotationSession.digest(domain, session) });
    assert.deepEqual(await problems(change({ delegations: [{ session, signature }] })), ["session 2", "session 3"]);
  });
  it("of another chain or ledger is worth nothing here", async () => {
    for (const elsewhere of [createDomain(1, domain.verifyingContract), createDomain(31337, custodian.address)]) {
      const found = await problems(change({ domain: elsewhere }));
      for (const problem of ["session all", "answer-signature 0", "receipt-signature 0", "batch-signature all"]) assert.ok(found.includes(problem), problem);
    }
  });
  it("of another reader is not taken for one's own", async () => {
    const found = await problems(change({ annotator: custodian.address }));
    assert.ok(found.includes("annotator 0") && found.includes("batch-signature all"));
  });
});

describe("an answer's digest", () => {
  it("changes with every field, and with chain and ledger", () => {
    const base = answerTo(0, 1);
    const changes = [
      { taskSet: word(5) }, { task: 1 }, { imageHash: word(5) }, { annotator: custodian.address }, { sessionKey: custodian.address }, { tier: 2 }, { revision: 1 },
      { answer: 2 }, { confidence: 1 }, { seconds: 2 }, { incidental: true }, { noteHash: word(5) },
    ];
    assert.deepEqual(changes.flatMap((change) => Object.keys(change)).sort(), Object.keys(base).sort());
    const digests = [base, ...changes.map((change) => ({ ...base, ...change }))].map((answer) => annotationAnswer.digest(domain, answer));
    digests.push(annotationAnswer.digest(createDomain(1, domain.verifyingContract), base), annotationAnswer.digest(createDomain(31337, custodian.address), base));
    assert.equal(new Set(digests).size, digests.length);
  });
  it("refuses what does not fit its type", () => {
    assert.throws(() => annotationAnswer.digest(domain, answerTo(0, 256)), { code: "statement-invalid" });
    assert.throws(() => annotationAnswer.digest(domain, answerTo(-1, 1)), { code: "statement-invalid" });
  });
});

describe("a batch's root", () => {
  const digests = Array.from({ length: 21 }, (_, i) => word(i + 1));
  it("proves each digest at its place, for every size, and nothing else", () => {
    for (let count = 1; count <= digests.length; count++) {
      const part = digests.slice(0, count);
      const top = batchRoot(part);
      for (let at = 0; at < count; at++) {
        const proof = batchProof(part, at);
        assert.ok(verifyBatch(top, count, at, part[at] ?? ZERO_HASH, proof));
        assert.ok(!verifyBatch(top, count, (at + 1) % (count + 1), part[at] ?? ZERO_HASH, proof));
        assert.ok(!verifyBatch(top, count, at, word(999), proof));
        assert.ok(!verifyBatch(top, count, at, part[at] ?? ZERO_HASH, [...proof, ZERO_HASH]));
      }
    }
  });
  it("differs for other orders and counts, and is zero for none", () => {
    assert.equal(batchRoot([]), ZERO_HASH);
    assert.equal(new Set([batchRoot(digests), batchRoot(digests.toReversed()), batchRoot(digests.slice(1)), batchRoot([...digests, ZERO_HASH])]).size, 4);
  });
  it("takes no inner node for a leaf", () => {
    const [a, b, c, d] = digests as [`0x${string}`, `0x${string}`, `0x${string}`, `0x${string}`];
    const proof = batchProof([a, b, c, d], 0);
    assert.ok(!verifyBatch(batchRoot([a, b, c, d]), 2, 0, batchRoot([a, b]), proof.slice(1)));
  });
});
