// Attacks on the custodian's server, each named after itself.
import assert from "node:assert/strict";
import { appendFileSync, readdirSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { annotationSession, SPECIAL, toWire } from "../../../protocol/annotation/index.ts";
import { createDomain } from "../../../protocol/index.ts";
import { call, LEDGER, PAGE, person, word } from "../service/support.ts";
import { alice, bob, enter, ledger, mallory, messageFor, openWorld, tryLogin, wallet, type Reader, type World } from "./support.ts";

let world: World;
let reader: Reader;
before(async () => {
  world = await openWorld();
});
after(() => world.close());
beforeEach(async () => {
  // Limits refill; sessions of a day ago are over.
  world.clock.pass(86_400);
  reader = await enter(world, alice.address, alice);
});

describe("attacks on the login", () => {
  it("a login replayed", async () => {
    const message = await messageFor(world, alice.address);
    const body = { message, signature: await alice.signMessage({ message }) };
    assert.equal((await call(world.url, "/login", { body })).status, 200);
    assert.equal((await call(world.url, "/login", { body })).code, "login-refused");
  });
  it("a nonce that is stolen from another's attempt, invented, or too old", async () => {
    const message = await messageFor(world, alice.address);
    const nonce = /Nonce: (\w+)/.exec(message)?.[1] ?? "";
    assert.equal((await call(world.url, "/login", { body: { message, signature: await mallory.signMessage({ message }) } })).code, "signature-refused");
    assert.equal((await tryLogin(world, alice.address, alice, { nonce })).code, "login-refused", "used, though it failed");
    assert.equal((await tryLogin(world, alice.address, alice, { nonce: "a".repeat(48) })).code, "login-refused");
    const old = await messageFor(world, alice.address, { expirationTime: new Date((world.clock.now() + 7200) * 1000) });
    world.clock.pass(301);
    assert.equal((await call(world.url, "/login", { body: { message: old, signature: await alice.signMessage({ message: old }) } })).code, "login-refused");
  });
  it("a signature for another chain, page, origin, or custodian", async () => {
    for (const more of [{ chainId: 1 }, { domain: "evil.example" }, { uri: "http://evil.example" }, { resources: ["http://127.0.0.1:1"] }, { resources: [] }]) {
      assert.equal((await tryLogin(world, alice.address, alice, more)).code, "login-refused", JSON.stringify(more));
    }
    const message = await messageFor(world, alice.address);
    const signature = await alice.signMessage({ message });
    assert.equal((await call(world.url, "/login", { body: { message, signature }, headers: { origin: "http://evil.example" } })).code, "origin-refused");
    const silent = await fetch(new URL("/login", world.url), { method: "POST", body: JSON.stringify({ message, signature }) });
    assert.equal(silent.status, 401, "no origin, no login");
  });
  it("a message of the future, of long ago, or that never ends", async () => {
    const at = (seconds: number): Date => new Date((world.clock.now() + seconds) * 1000);
    for (const more of [{ issuedAt: at(3600) }, { issuedAt: at(-3600) }, { expirationTime: at(-1) }]) assert.equal((await tryLogin(world, alice.address, alice, more)).code, "login-refused");
    const endless = (await messageFor(world, alice.address)).replace(/\nExpiration Time: .*/, "");
    assert.equal((await call(world.url, "/login", { body: { message: endless, signature: await alice.signMessage({ message: endless }) } })).code, "login-refused");
  });
  it("a message with more in it than it says", async () => {
    const message = `${await messageFor(world, alice.address)}\nChain ID: 31337`;
    assert.equal((await call(world.url, "/login", { body: { message, signature: await alice.signMessage({ message }) } })).code, "login-refused");
  });
  it("an account that signs for another, also for a contract", async () => {
    assert.equal((await tryLogin(world, alice.address, mallory)).code, "signature-refused");
    assert.equal((await tryLogin(world, wallet.address, mallory)).code, "signature-refused");
  });
  it("an account that is no member", async () => assert.equal((await tryLogin(world, mallory.address, mallory)).code, "not-admitted"));
  it("logins without end", async () => {
    const codes = [];
    for (let i = 0; i < 40; i++) codes.push((await call(world.url, "/login/nonce", { body: "" })).status);
    assert.ok(codes.includes(429));
  });
  it("a token that is invented, empty, of a session that ended, or left", async () => {
    for (const token of ["", "x", "A".repeat(43)]) assert.equal((await call(world.url, `/sets/${world.root}/work`, { token })).code, "login-needed");
    await call(world.url, "/logout", { token: reader.token, body: "" });
    assert.equal((await reader.get("work")).code, "login-needed");
    const late = await enter(world, alice.address, alice);
    world.clock.pass(8 * 3600 + 1);
    assert.equal((await late.get("work")).code, "login-needed");
  });
});

describe("attacks on pictures", () => {
  it("a picture without login", async () => {
    for (const at of ["work", "receipts", "standing", "tasks/0/picture"]) {
      const answered = await call(world.url, `/sets/${world.root}/${at}`);
      assert.equal(answered.code, "login-needed", at);
      assert.match(answered.headers.get("cache-control") ?? "", /no-store/);
    }
    assert.equal((await call(world.url, `/sets/${world.root}`)).code, "login-needed");
  });
  it("a path that leads out of the folder", async () => {
    const send = (at: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const { hostname, port, host } = new URL(world.url);
        // Not fetch, which would tidy the path.
        request({ hostname, port, path: at, headers: { host, origin: PAGE, authorization: `Bearer ${reader.token}` } }, (response) => resolve(response.resume().statusCode ?? 0)).on("error", reject).end();
      });
    for (const at of ["../../key", "..%2f..%2fkey", "%2e%2e/key", "0/../../../key", "0%00", "-1/picture", "1e3/picture", "0x0/picture", "99999999/picture", "4294967296/picture"]) {
      assert.ok([403, 404].includes(await send(`/sets/${world.root}/tasks/${at}`)), at);
    }
    for (const at of ["/key", "/journal.sqlite", "/pictures/", "//etc/passwd", "/sets/../key", `/sets/${"0x00"}/work`]) assert.equal(await send(at), 404, at);
  });
  it("a picture of another tier than one may read in", async () => {
    assert.equal((await reader.picture(0, 3)).code, "tier-refused");
    assert.equal((await reader.picture(0, 2)).code, "not-your-task");
  });
  it("all pictures in a moment", async () => {
    const codes = [];
    for (let i = 0; i < 70; i++) codes.push((await reader.picture(i % 32)).status);
    assert.ok(codes.filter((code) => code === 200).length <= 60 && codes.includes(429));
  });
  it("a file exchanged on the disk is not shown under the old hash", async () => {
    const [{ task, image } = { task: -1, image: "0x" }] = (await reader.work()).next;
    appendFileSync(path.join(world.dir, "pictures", image.slice(2)), "x");
    assert.equal((await reader.picture(task)).code, "picture-withheld");
    assert.equal(world.warnings.length, 1);
  });
  it("a name that is pointed here (DNS rebinding), and a page elsewhere", async () => {
    assert.equal((await call(world.url, "/about", { headers: { origin: "https://evil.example" } })).code, "origin-refused");
    const { hostname, port } = new URL(world.url);
    const status = await new Promise((resolve, reject) => {
      request({ hostname, port, path: "/about", headers: { host: "evil.example" } }, (response) => resolve(response.resume().statusCode)).on("error", reject).end();
    });
    assert.equal(status, 421);
  });
});

describe("attacks on answers", () => {
  it("an answer in another's name", async () => {
    const other = await enter(world, bob.address, bob);
    const [{ task } = { task: -1 }] = (await other.work()).next;
    assert.equal((await reader.post(other.answer(task, 1), null, other.session)).code, "signature-refused");
    assert.equal((await reader.post({ ...reader.answer(task, 1), annotator: bob.address })).code, "signature-refused");
  });
  it("an answer with a session key that the reader never appointed, of another reader, or whose time is over", async () => {
    const other = await enter(world, bob.address, bob);
    const [{ task } = { task: -1 }] = (await reader.work()).next;
    const stranger = person(900);
    assert.equal((await reader.post(reader.answer(task, 1, { sessionKey: stranger.address }), null, stranger)).code, "signature-refused");
    assert.equal((await reader.post(reader.answer(task, 1, { sessionKey: other.session.address }), null, other.session)).code, "signature-refused");
    assert.equal((await reader.post(reader.answer(task, 1), null, stranger)).code, "signature-refused");
    world.clock.pass(3601);
    assert.equal((await reader.post(reader.answer(task, 1))).code, "signature-refused");
  });
  it("a session that another signed, for another ledger, or for ever", async () => {
    const delegate = async (signer = alice, domain = ledger.domain, seconds = 3600) => {
      const statement = { taskSet: world.root, annotator: alice.address, sessionKey: person(901).address, expiry: Math.floor(world.clock.now()) + seconds };
      return call(world.url, `/sets/${world.root}/sessions`, { token: reader.token, body: toWire({ session: statement, signature: await signer.sign({ hash: annotationSession.digest(domain, statement) }) }) });
    };
    assert.equal((await delegate(mallory)).code, "signature-refused");
    assert.equal((await delegate(alice, createDomain(1, LEDGER))).code, "signature-refused");
    assert.equal((await delegate(alice, ledger.domain, 90_000)).code, "request-invalid");
    assert.equal((await delegate(alice, ledger.domain, -1)).code, "request-invalid");
    assert.equal((await delegate()).status, 200);
  });
  it("two different answers of the same revision, and revisions left out", async () => {
    const [{ task } = { task: -1 }] = (await reader.work()).next;
    assert.equal((await reader.post(reader.answer(task, 1))).status, 200);
    assert.equal((await reader.post(reader.answer(task, 2))).code, "answer-given");
    assert.equal((await reader.post(reader.answer(task, 2, { revision: 2 }))).code, "answer-given");
  });
  it("two different answers at the same time", async () => {
    const [{ task } = { task: -1 }] = (await reader.work()).next;
    const codes = (await Promise.all([1, 2, 3, 4].map((answer) => reader.post(reader.answer(task, answer))))).map(({ status }) => status);
    assert.deepEqual(codes.sort(), [200, 409, 409, 409]);
  });
  it("a class, picture, tier or note that does not fit", async () => {
    const [{ task } = { task: -1 }] = (await reader.work()).next;
    assert.equal((await reader.post(reader.answer(task, 9))).code, "answer-refused");
    assert.equal((await reader.post(reader.answer(task, 1, { imageHash: word(3) }))).code, "answer-refused");
    assert.equal((await reader.post(reader.answer(task, 1, { noteHash: word(3) }))).code, "answer-refused");
    assert.equal((await reader.post(reader.answer(task, 1), { salt: word(1), text: "unsigned" })).code, "answer-refused");
    assert.equal((await reader.post(reader.answer(task, 1, { tier: 3 }))).code, "tier-refused");
    assert.equal((await reader.post(reader.answer(task, 1, { tier: 2 }))).code, "not-your-task");
    assert.equal((await reader.post(reader.answer(99, 1))).code, "not-your-task");
    assert.equal((await reader.post(reader.answer(task, 200))).code, "request-invalid");
    assert.equal((await reader.post({ ...reader.answer(task, 1), taskSet: word(4) })).code, "signature-refused");
    assert.equal((await reader.post(reader.answer(task, SPECIAL.withdrawn))).code, "answer-refused");
  });
  it("a reader who verifies what they read themselves", async () => {
    const own = world.custody.journal.rows(world.root).find(({ annotator, tier }) => annotator === alice.address.toLowerCase() && tier === 1);
    assert.ok(own !== undefined);
    assert.equal((await reader.post(reader.answer(own.task, own.answer, { tier: 2 }))).code, "not-your-task");
  });
  it("bodies that are too large, or no JSON", async () => {
    const post = (body: string) => call(world.url, `/sets/${world.root}/answers`, { token: reader.token, body });
    assert.equal((await post("x".repeat(40_000))).code, "request-too-large");
    for (const body of ["", "{", "null", "[]", '{"answer":{"__proto__":1}}']) assert.equal((await post(body)).code, "request-invalid");
  });
  it("asking which pictures are gold", async () => {
    const { gold } = world.custody.journal.sets()[0] ?? assert.fail();
    const said = [];
    for (const at of ["", "/work", "/receipts", "/standing"]) said.push(JSON.stringify((await call(world.url, `/sets/${world.root}${at}`, { token: reader.token })).body));
    for (const text of said) {
      assert.ok(!text.includes(gold.salt.slice(2)) && !/"(level|histo|drawn|entries)"/.test(text));
    }
    assert.deepEqual(JSON.parse(said[3] ?? ""), { gold: null, peers: null, terms: null });
    // Gold is told, picture by picture, in the same words as all else.
    const { set } = world.custody.journal.sets()[0] ?? assert.fail();
    assert.equal(new Set(set.tasks.map((task) => Object.keys(task).join())).size, 1);
  });
});

it("nothing that stays on the disk lets anyone in: no token, no nonce", () => {
  assert.deepEqual(readdirSync(world.dir).filter((name) => !name.startsWith("journal.sqlite")), ["pictures"]);
});
