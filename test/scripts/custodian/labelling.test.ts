// Honest labelling: work, pictures, answers, undo, verification, disputes, gold, closing.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createHash } from "node:crypto";
import { bookSchema, checkReceipts, isSignedBy, noteHash, SPECIAL, standingSchema, submittedSchema } from "../../../protocol/annotation/index.ts";
import { alice, bob, carol, custodianKey, enter, ledger, openWorld, wallet, type Reader, type World } from "./support.ts";
import { word } from "../service/support.ts";

describe("labelling", () => {
  let world: World;
  let reader: Reader;
  before(async () => void (world = await openWorld()));
  after(() => world.close());

  it("shows a logged-in reader pictures that are what their hashes say, never to be kept", async () => {
    reader = await enter(world, alice.address, alice);
    const { next, total, done } = await reader.work();
    assert.deepEqual([next.length, total, done], [3, 32, 0]);
    for (const { task, image } of next) {
      const picture = await reader.picture(task);
      assert.equal(picture.status, 200);
      assert.equal(`0x${createHash("sha256").update(picture.body as Uint8Array).digest("hex")}`, image);
      assert.equal(picture.headers.get("content-type"), "image/png");
      assert.match(picture.headers.get("cache-control") ?? "", /no-store/);
      assert.equal(picture.headers.get("cross-origin-resource-policy"), "same-origin");
    }
  });

  it("keeps an answer, gives the same receipt when it comes again, and goes on", async () => {
    const [first] = (await reader.work()).next;
    assert.ok(first !== undefined);
    const answer = reader.answer(first.task, 1);
    const once = await reader.post(answer);
    assert.deepEqual((await reader.post(answer)).body, once.body);
    const { done, next } = await reader.work();
    assert.equal(done, 1);
    assert.ok(!next.some(({ task }) => task === first.task));
    assert.equal(submittedSchema.parse(once.body).peers, null, "a first reader is told nothing of others");
  });

  it("lets an answer be taken back and given anew", async () => {
    const [{ task } = { task: -1 }] = (await reader.work()).next;
    assert.equal((await reader.post(reader.answer(task, 2))).status, 200);
    assert.equal((await reader.post(reader.answer(task, SPECIAL.withdrawn, { revision: 1 }))).status, 200);
    const back = (await reader.work()).next[0];
    assert.deepEqual([back?.task, back?.revision], [task, 2]);
    assert.equal((await reader.post(reader.answer(task, 3, { revision: 2 }))).status, 200);
  });

  it("takes a note for the custodian with an incidental finding, and gives it to nobody else", async () => {
    const note = { salt: word(9), text: "something at the left edge" };
    const [{ task } = { task: -1 }] = (await reader.work()).next;
    assert.equal((await reader.post(reader.answer(task, 1, { incidental: true, noteHash: noteHash(note.salt, note.text) }), note)).status, 200);
    assert.deepEqual(world.custody.journal.notes(world.root).map(({ text }) => text), [note.text]);
    assert.ok(!JSON.stringify((await reader.get("receipts")).body).includes(note.text));
  });

  it("withholds a picture in which a person was recognised, from everyone, at once", async () => {
    const other = await enter(world, bob.address, bob);
    const [{ task } = { task: -1 }] = (await reader.work()).next;
    assert.equal((await other.picture(task)).status, 200);
    assert.equal((await reader.post(reader.answer(task, SPECIAL.identifiable))).status, 200);
    for (const who of [reader, other]) assert.equal((await who.picture(task)).code, "picture-withheld");
    assert.equal((await other.work()).total, 31);
    assert.equal((await other.post(other.answer(task, 1))).code, "picture-withheld");
    assert.ok(world.custody.journal.release(world.root, task));
    assert.equal((await other.picture(task)).status, 200);
  });

  it("gives receipts that check, and they survive a restart", async () => {
    const book = async () => bookSchema.parse((await reader.get("receipts")).body);
    const kept = await book();
    const check = (records: typeof kept) => checkReceipts({ domain: ledger.domain, custodian: custodianKey.address, annotator: alice.address, ...records }, (account, digest, signature) => ledger.signed(account, digest, signature));
    assert.ok(kept.records.length >= 6);
    assert.deepEqual(await check(kept), []);
    await world.restart();
    assert.equal((await reader.get("work")).code, "login-needed");
    reader = await enter(world, alice.address, alice);
    assert.deepEqual((await book()).records, kept.records);
    assert.deepEqual(await check(await book()), []);
    await reader.next(1);
    assert.deepEqual(await check(await book()), []);
  });

  it("lets a second reader verify without the first one's answer, and tells agreement after", async () => {
    const second = await enter(world, bob.address, bob);
    const { next, total } = await second.work(2);
    assert.ok(total >= 4);
    const firsts = new Map(world.custody.journal.rows(world.root).filter(({ tier }) => tier === 1).map(({ task, answer }) => [task, answer]));
    const [{ task } = { task: -1 }] = next;
    const same = submittedSchema.parse((await second.post(second.answer(task, firsts.get(task) ?? 0, { tier: 2 }))).body);
    assert.deepEqual(same.peers, { agreeing: 1, pairs: 1 });
    const [{ task: other } = { task: -1 }] = (await second.work(2)).next;
    const different = submittedSchema.parse((await second.post(second.answer(other, ((firsts.get(other) ?? 0) % 4) + 1, { tier: 2 }))).body);
    assert.deepEqual(different.peers, { agreeing: 0, pairs: 1 });
    assert.equal((await second.post(second.answer(other, firsts.get(other) ?? 0, { tier: 2, revision: 1 }))).code, "answer-final");
    // Disputed now: the top tier has it.
    const judge = await enter(world, carol.address, carol);
    assert.deepEqual((await judge.work(3)).next.map(({ task: disputed }) => disputed), [other]);
  });

  it("takes contract accounts, whose contract says who signs", async () => {
    const contract = await enter(world, wallet.address, bob);
    await contract.next(1);
    const { records } = bookSchema.parse((await contract.get("receipts")).body);
    assert.ok(records.every(({ receipt }) => receipt.annotator === wallet.address));
    assert.ok(await isSignedBy(contract.session.address, records[0]?.receipt.answerHash ?? "0x", records[0]?.signature ?? "0x"));
  });

  it("tells gold in practice to who has finished, and then lets nothing be changed", async () => {
    const finisher = await enter(world, wallet.address, bob);
    assert.deepEqual(standingSchema.parse((await finisher.get("standing")).body), { gold: null, peers: null, terms: null });
    while ((await finisher.work()).next.length > 0) {
      world.clock.pass(1);
      await finisher.next(1);
    }
    const { gold, peers } = standingSchema.parse((await finisher.get("standing")).body);
    // One “even”, three other classes, one ungradable.
    assert.deepEqual(gold, { right: 1, wrong: 4, abstained: 0 });
    assert.ok(peers !== null && peers.pairs > 0);
    const [row] = world.custody.journal.recordsOf(world.root, wallet.address);
    assert.equal((await finisher.post(finisher.answer(row?.answer.task ?? -1, 2, { revision: 1 }))).code, "answer-final");
  });

  it("a closed set takes nothing more, and tells", async () => {
    world.custody.journal.closeSet(world.root, 1);
    const [{ task } = { task: -1 }] = (await reader.work()).next;
    assert.equal((await reader.post(reader.answer(task, 1))).code, "set-closed");
    assert.notEqual(standingSchema.parse((await reader.get("standing")).body).gold, null);
  });
});
