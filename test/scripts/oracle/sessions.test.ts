// Signing in to an oracle, and what somebody may try who has no key, another's message, or a role that allows less.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Address, Hex } from "viem";
import { createOracleApp } from "../../../scripts/oracle/app.ts";
import type { Intake } from "../../../scripts/oracle/intake.ts";
import type { FederationLedger } from "../../../scripts/oracle/ledger.ts";
import { createNonces } from "../../../scripts/oracle/sessions/nonces.ts";
import type { Role } from "../../../scripts/oracle/sessions/roles.ts";
import { createSessions } from "../../../scripts/oracle/sessions/sessions.ts";
import type { RunningService } from "../../../scripts/service/listen.ts";
import { Refused } from "../../../scripts/service/refusal.ts";
import { fakeClock, person, serveApp } from "../service/support.ts";
import { enter, invite, jsonOf, messageOf, signIn, type Fields } from "./sign-in.ts";
import { ask, TOKEN, type Answer } from "./support.ts";

const [aggregator, contributor, stranger] = [person(1), person(2), person(3)];
const DIGEST: Hex = `0x${"ab".repeat(32)}`;

describe("sessions of an oracle", () => {
  const clock = fakeClock();
  const roles = new Map<Address, Role>();
  const silent = { on: false };
  /** Who handed over what: `null` for the token. */
  const handed: (Address | null | undefined)[] = [];
  let service: RunningService;
  let url: string;
  before(async () => {
    const status = (bundle: Hex, federation: number | null) => ({ bundle, state: "waiting" as const, federation, round: 1, reportHash: null, artefact: null, asHanded: null, problem: null });
    // What is behind the door is another test's.
    const intake: Intake = {
      put: async (bundle, _file, _body, _declared, owner) => (handed.push(owner), status(bundle, 1)),
      complete: async (bundle, owner) => (handed.push(owner), status(bundle, 1)),
      status: async (bundle) => status(bundle, bundle === DIGEST ? 1 : 2),
    };
    const ledgers = [1, 2].map((federation) => ({ federation, openRound: async () => null, report: async () => null }) as unknown as FederationLedger);
    const sessions = createSessions({
      chainId: 31_337, origin: () => service.url, now: clock.now, seconds: 3_600,
      roles: async (account) => {
        if (silent.on) throw new Refused("ledger-silent", "The chain does not answer.");
        return roles.get(account) ?? null;
      },
    });
    service = await serveApp(createOracleApp({ intake, ledgers, token: TOKEN, sessions, rules: { now: clock.now, warn: () => undefined } }));
    ({ url } = service);
  });
  after(() => service.close());
  beforeEach(() => {
    silent.on = false;
    // So that nobody has asked too often.
    clock.pass(600);
    roles.clear();
    roles.set(aggregator.address, { kind: "aggregator" }).set(contributor.address, { kind: "contributor", federations: [1] });
  });

  const whoami = (token: string | null): Promise<Answer> => ask(url, "/v1/sessions", { token });
  const refused = async (answer: Promise<Answer> | Answer, status: number, code: string): Promise<void> => {
    const { status: actual, code: named, message } = await answer;
    assert.deepEqual([actual, named], [status, code], message);
  };
  /** A message signed by the aggregator with other fields than it should have. */
  async function withFields(changes: Partial<Fields>, account = aggregator): Promise<Answer> {
    const message = await messageOf(aggregator, await invite(url), clock.now(), changes);
    return enter(url, message, await account.signMessage({ message }));
  }

  it("are opened by a signature, say what they may, and end", async () => {
    const token = await signIn(url, aggregator, clock.now());
    assert.match(token, /^[\w-]{43}$/);
    assert.deepEqual(jsonOf(await whoami(token)), { account: aggregator.address, role: "aggregator", federations: null, expiresAt: clock.now() + 3_600 });
    assert.equal((await ask(url, `/v1/bundles/${DIGEST}/metrics.json`, { method: "PUT", body: "{}", token })).status, 200);
    assert.equal((await ask(url, `/v1/bundles/${DIGEST}`, { method: "POST" })).status, 202);
    assert.deepEqual(handed.splice(0), [aggregator.address, null]);
    assert.equal((await ask(url, "/v1/sessions", { method: "DELETE", token })).status, 204);
    await refused(whoami(token), 401, "token-refused");
    const other = await signIn(url, aggregator, clock.now());
    clock.pass(3_600);
    await refused(whoami(other), 401, "token-refused");
  });

  it("take times as other libraries write them", async () => {
    const message = (await messageOf(aggregator, await invite(url), clock.now())).replaceAll(/\.\d{3}Z/g, "Z");
    assert.equal((await enter(url, message, await aggregator.signMessage({ message }))).status, 201);
  });

  it("attack: a nonce that was used, that nobody gave, or that is too old", async () => {
    const message = await messageOf(aggregator, await invite(url), clock.now());
    const signature = await aggregator.signMessage({ message });
    const both = await Promise.all([enter(url, message, signature), enter(url, message, signature)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [201, 401], "the same message at the same moment");
    await refused(enter(url, message, signature), 401, "login-refused");
    const { nonce } = await invite(url);
    for (const made of ["12345678", "0".repeat(72), `f${nonce.slice(1)}`, `${nonce.slice(0, -1)}${nonce.endsWith("0") ? "1" : "0"}`]) await refused(withFields({ nonce: made }), 401, "login-refused");
    const late = await messageOf(aggregator, await invite(url), clock.now() + 250);
    clock.pass(301);
    await refused(enter(url, late, await aggregator.signMessage({ message: late })), 401, "login-refused");
  });

  it("attack: a message for another service, another address of this one, or another chain", async () => {
    const host = new URL(url).host;
    for (const fields of [{ domain: "evil.example" }, { domain: "evil.example", uri: "https://evil.example/v1/sessions" }, { uri: `https://${host}/v1/sessions` }, { uri: `${url}/v1/bundles` }, { scheme: "https" }, { chainId: 1 }]) await refused(withFields(fields), 401, "login-refused");
  });

  it("attack: a message of tomorrow, of yesterday, or without an end", async () => {
    const at = (seconds: number) => new Date((clock.now() + seconds) * 1000);
    for (const fields of [{ issuedAt: at(120) }, { issuedAt: at(-500) }, { expirationTime: at(0) }, { expirationTime: at(-10) }, { notBefore: at(60) }]) await refused(withFields(fields), 401, "login-refused");
    for (const line of ["Issued At", "Expiration Time"]) {
      const whole = await messageOf(aggregator, await invite(url), clock.now());
      const message = whole.split("\n").filter((text) => !text.startsWith(line)).join("\n");
      await refused(enter(url, message, await aggregator.signMessage({ message })), 401, "login-refused");
    }
  });

  it("attack: a message that was changed after it was signed, or is signed by another", async () => {
    const message = await messageOf(stranger, await invite(url), clock.now());
    await refused(enter(url, message.replace(stranger.address, aggregator.address), await stranger.signMessage({ message })), 401, "signature-refused");
    await refused(withFields({}, stranger), 401, "signature-refused");
    const good = await messageOf(aggregator, await invite(url), clock.now());
    for (const signature of ["0x", "0x00", `0x${"00".repeat(65)}`, `0x${"ff".repeat(65)}`, `0x${"11".repeat(64)}`, "nothing"] as Hex[]) await refused(enter(url, good, signature), 401, "signature-refused");
    // Nothing of that spent the nonce: its owner still gets in.
    assert.equal((await enter(url, good, await aggregator.signMessage({ message: good }))).status, 201);
    for (const text of [`${good}\nResources:\n- https://evil.example`, good.replace("Version: 1", "Version: 2"), `\n${good}`, good.replace("\nURI", "\r\nURI"), ""]) {
      await refused(enter(url, text, await aggregator.signMessage({ message: text })), 401, "login-refused");
    }
  });

  it("attack: an account that may nothing here", async () => {
    const message = await messageOf(stranger, await invite(url), clock.now());
    await refused(enter(url, message, await stranger.signMessage({ message })), 403, "role-refused");
  });

  it("attack: a session that somebody else chose", async () => {
    const chosen = "x".repeat(43);
    const message = await messageOf(aggregator, await invite(url), clock.now());
    const body = JSON.stringify({ message, signature: await aggregator.signMessage({ message }) });
    const answer = await ask(url, "/v1/sessions", { method: "POST", token: chosen, body, headers: { cookie: `session=${chosen}` } });
    assert.equal(answer.status, 201);
    assert.notEqual(jsonOf<{ token: string }>(answer).token, chosen);
    await refused(whoami(chosen), 401, "token-refused");
    await refused(ask(url, "/v1/sessions", { method: "POST", token: null, body: JSON.stringify({ ...JSON.parse(body) as object, token: chosen }) }), 400, "request-invalid");
  });

  it("attack: guessing tokens is refused as often as it is tried, and keeps nobody else out", async () => {
    const token = await signIn(url, aggregator, clock.now());
    const codes = new Set<string | null>();
    await Promise.all(Array.from({ length: 620 }, async (_, i) => codes.add((await whoami(`${token.slice(0, -3)}${String(i).padStart(3, "0")}`)).code)));
    assert.deepEqual(codes, new Set(["token-refused", "too-many-requests"]));
    assert.equal((await whoami(token)).status, 200, "at the same address");
    assert.notEqual((await ask(url, "/v1/federations/1/round")).code, "too-many-requests", "with the oracle's token");
  });

  it("attack: a huge message, and what is no message", async () => {
    await refused(ask(url, "/v1/sessions", { method: "POST", token: null, body: JSON.stringify({ message: "x".repeat(10_000), signature: "0x" }) }), 413, "request-too-large");
    await refused(ask(url, "/v1/sessions", { method: "POST", token: null, body: new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(65_536)) }) }), 413, "request-too-large");
    const long = { message: `${"x".repeat(4_097)}`, signature: "0x" };
    for (const body of ["", "{", "null", "[]", "7", '{"message":1,"signature":2}', JSON.stringify(long), "\u0000", '{"__proto__":{}}']) await refused(ask(url, "/v1/sessions", { method: "POST", token: null, body }), 400, "request-invalid");
    // Words that make a careless pattern slow.
    const started = performance.now();
    await enter(url, `${"a".repeat(2_000)} wants you to sign in with your Ethereum account:\n${"0".repeat(2_000)}`, "0x");
    assert.ok(performance.now() - started < 500);
  });

  it("attack: ten thousand nonces take no memory, and crowd out none", async () => {
    const nonces = createNonces(clock.now, { most: 100 });
    const { nonce: first } = nonces.make();
    for (let i = 0; i < 10_000; i++) nonces.make();
    assert.ok(nonces.spend(first));
    for (let i = 1; i < 100; i++) assert.ok(nonces.spend(nonces.make().nonce));
    // Rather nobody gets in than that one that was used is forgotten.
    assert.throws(() => nonces.spend(nonces.make().nonce), { code: "too-many-requests" });
    assert.equal(nonces.spend(first), false);
    clock.pass(301);
    assert.ok(nonces.spend(nonces.make().nonce));
    assert.equal(nonces.spend(first), false);
  });

  it("attack: an account that signs in again and again keeps its newest few sessions", async () => {
    const tokens: string[] = [];
    for (let i = 0; i < 6; i++) tokens.push(await signIn(url, aggregator, clock.now()));
    const other = await signIn(url, contributor, clock.now());
    assert.deepEqual(await Promise.all(tokens.map(async (token) => (await whoami(token)).status)), [401, 401, 200, 200, 200, 200]);
    assert.equal((await whoami(other)).status, 200);
  });

  it("attack: a contributor hands over, or reads another federation", async () => {
    const token = await signIn(url, contributor, clock.now());
    await refused(ask(url, `/v1/bundles/${DIGEST}/metrics.json`, { method: "PUT", body: "{}", token }), 403, "role-refused");
    await refused(ask(url, `/v1/bundles/${DIGEST}`, { method: "POST", token }), 403, "role-refused");
    assert.deepEqual(handed, []);
    await refused(ask(url, "/v1/federations/2/round", { token }), 403, "role-refused");
    await refused(ask(url, "/v1/federations/2/rounds/1/model", { token }), 403, "role-refused");
    await refused(ask(url, "/v1/federations/1/round", { token }), 409, "round-not-open");
    assert.equal((await ask(url, `/v1/bundles/${DIGEST}`, { token })).status, 200);
    await refused(ask(url, `/v1/bundles/0x${"cd".repeat(32)}`, { token }), 404, "bundle-unknown");
  });

  it("attack: a session outlives the seat, or the chain's silence is taken for a yes", async () => {
    const token = await signIn(url, contributor, clock.now());
    silent.on = true;
    await refused(whoami(token), 503, "ledger-silent");
    silent.on = false;
    roles.delete(contributor.address);
    await refused(ask(url, "/v1/federations/1/round", { token }), 403, "role-refused");
  });

  it("attack: the oracle's token poses as a session, and a session without one is none", async () => {
    await refused(whoami(TOKEN), 401, "token-refused");
    await refused(ask(url, "/v1/sessions", { method: "DELETE", token: null }), 401, "token-refused");
  });
});
