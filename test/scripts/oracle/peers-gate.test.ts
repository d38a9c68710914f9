// What somebody else may send to an operator's service, and what may come back from one: real HTTP, with a chain that only knows who the operators are.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { Hono } from "hono";
import type { Address, Hex, LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { toHex } from "../../../protocol/bytes.ts";
import { bodyHashOf, peerHeader, peerRequestData, type PeerRequest } from "../../../protocol/handover/peer-request.ts";
import { createDomain, toCompactSignature } from "../../../protocol/index.ts";
import type { Kernel } from "../../../scripts/chain/kernel.ts";
import { createPeer, type Peer } from "../../../scripts/oracle/peers/client.ts";
import { createGate } from "../../../scripts/oracle/peers/gate.ts";
import { createLibrary } from "../../../scripts/oracle/peers/library.ts";
import { openPeerMemory, type PeerMemory } from "../../../scripts/oracle/peers/memory.ts";
import { createSignerSet } from "../../../scripts/oracle/peers/signers.ts";
import { createServiceApp, loopbackHost } from "../../../scripts/service/app.ts";
import { listen, type RunningService } from "../../../scripts/service/listen.ts";
import { createDiskStore, digestOf } from "../../../scripts/store/index.ts";

const key = (n: number): LocalAccount => privateKeyToAccount(`0x${n.toString(16).padStart(64, "0")}`);
const [self, peer, third, stranger] = [key(1), key(2), key(3), key(99)];
const domain = createDomain(31_337, "0x00000000000000000000000000000000000000aA".toLowerCase() as Address);
const NOW = 1_800_000_000;

describe("an operator's service that is asked by somebody", () => {
  let dir: string;
  let memory: PeerMemory;
  let service: RunningService;
  let operators: readonly Address[];
  let clock: number;
  let taken: { from: Address; body: string }[];

  async function open(): Promise<void> {
    memory = openPeerMemory(path.join(dir, "peers.sqlite"));
    const kernel = { operators: { read: { currentEpoch: async () => Promise.resolve({ number: 2 }), signersOf: async () => Promise.resolve(operators) } } } as unknown as Kernel;
    const gate = createGate({ self: self.address, domain, signers: createSignerSet(kernel, () => Date.now(), 0), memory, now: () => clock, mostBody: 1_000 });
    const app = createServiceApp({ allowsHost: loopbackHost, allowsOrigin: () => false, perMinute: 1_000, now: () => clock, maxBody: null, warn: () => undefined });
    const routes = new Hono();
    routes.post("/signatures", async (context) => {
      const { from, body } = await gate(context);
      taken.push({ from, body: new TextDecoder().decode(body) });
      return context.json({});
    });
    // As the real routes answer, without what lies behind them.
    routes.onError((error, context) => context.json({ error: { code: "code" in error ? error.code : "unexpected", message: error.message } }, 400));
    app.route("/v1/peers", routes);
    service = await listen(app, 0, "The test");
  }
  async function close(): Promise<void> {
    await service.close();
    memory.close();
  }

  beforeEach(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-peers-"));
    [operators, clock, taken] = [[self.address, peer.address, third.address], NOW, []];
    await open();
  });
  afterEach(async () => {
    await close();
    await rm(dir, { recursive: true, force: true });
  });

  interface Sent {
    readonly by?: LocalAccount;
    readonly request?: Partial<PeerRequest>;
    readonly body?: string;
    readonly header?: string;
  }
  async function headerOf({ by = peer, request = {}, body = "{}" }: Sent = {}): Promise<string> {
    const asked: PeerRequest = { from: by.address, to: self.address, method: "POST", path: "/v1/peers/signatures", bodyHash: bodyHashOf(new TextEncoder().encode(body)), time: NOW, nonce: toHex(randomBytes(32)), ...request };
    return peerHeader(asked, toCompactSignature(await by.signTypedData(peerRequestData(domain, asked))));
  }
  /** @returns The code of the refusal; null when it was taken. */
  async function send(sent: Sent = {}): Promise<string | null> {
    const response = await fetch(`${service.url}/v1/peers/signatures`, { method: "POST", headers: { authorization: sent.header ?? (await headerOf(sent)) }, body: sent.body ?? "{}" });
    return response.ok ? null : ((await response.json()) as { error: { code: string } }).error.code;
  }

  it("takes what another operator signed for it", async () => {
    assert.equal(await send({ body: '{"a":1}', header: await headerOf({ body: '{"a":1}' }) }), null);
    assert.deepEqual(taken, [{ from: peer.address, body: '{"a":1}' }]);
  });

  it("attack_forgedPeerSignature: another's name over one's own signature, a signature over another request, none at all", async () => {
    assert.equal(await send({ by: stranger, request: { from: peer.address } }), "peer-refused");
    assert.equal(await send({ by: third, request: { from: peer.address } }), "peer-refused");
    assert.equal(await send({ header: await headerOf({ request: { path: "/v1/peers/bundles" } }) }), "peer-refused");
    assert.equal(await send({ header: await headerOf({ request: { method: "GET" } }) }), "peer-refused");
    assert.equal(await send({ header: "Bearer nothing" }), "peer-header-invalid");
    assert.equal(await send({ header: `${(await headerOf()).slice(0, -128)}${"00".repeat(64)}` }), "peer-refused");
    assert.deepEqual(taken, []);
  });

  it("attack_replayedRequest: is taken once, also after a restart", async () => {
    const header = await headerOf();
    assert.equal(await send({ header }), null);
    assert.equal(await send({ header }), "peer-replayed");
    await close();
    await open();
    assert.equal(await send({ header }), "peer-replayed");
    clock += 59;
    assert.equal(await send({ header }), "peer-replayed");
    assert.equal(taken.length, 1);
  });

  it("attack_replayedRequest: many at once are one", async () => {
    const header = await headerOf();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => send({ header })));
    assert.deepEqual(answers.filter((code) => code === null).length, 1);
    assert.equal(taken.length, 1);
  });

  it("attack_requestForAnotherOperator", async () => {
    assert.equal(await send({ request: { to: third.address } }), "peer-refused");
  });

  it("attack_oldRequest: and one from the future; the refusal says which clock is wrong", async () => {
    const header = await headerOf();
    for (const [off, code] of [[60, null], [61, "peer-clock"], [3_600, "peer-clock"]] as const) {
      assert.equal(await send({ request: { time: NOW - off } }), code, `${off} s ago`);
      assert.equal(await send({ request: { time: NOW + off } }), code, `in ${off} s`);
    }
    clock += 100;
    const response = await fetch(`${service.url}/v1/peers/signatures`, { method: "POST", headers: { authorization: header }, body: "{}" });
    assert.match(await response.text(), /100 seconds ahead/);
  });

  it("attack_nonOperator", async () => {
    assert.equal(await send({ by: stranger }), "peer-unknown");
  });

  it("attack_formerOperator: who is not in the current epoch any more", async () => {
    assert.equal(await send(), null);
    operators = [self.address, third.address];
    assert.equal(await send(), "peer-unknown");
  });

  it("attack_bodySwapped: and a body that never ends", async () => {
    const header = await headerOf({ body: "{}" });
    assert.equal(await send({ header, body: '{"other":1}' }), "peer-refused");
    assert.equal(await send({ body: "x".repeat(1_001) }), "request-too-large");
    assert.deepEqual(taken, []);
  });

  it("attack_strangerMakesItRead: of a body that nobody vouches for, nothing is read", async () => {
    let pulled = 0;
    const endless = new ReadableStream({ pull: (controller) => void (++pulled < 1_000 ? controller.enqueue(new Uint8Array(65_536)) : controller.close()) });
    const response = await fetch(`${service.url}/v1/peers/signatures`, { method: "POST", headers: { authorization: await headerOf({ by: stranger }) }, body: endless, duplex: "half" } as RequestInit).catch(() => null);
    assert.ok(response === null || response.status === 400);
    assert.ok(pulled < 500, `${pulled} pieces were taken`);
  });
});

describe("another operator's service that answers", () => {
  let dir: string;
  let behave: (request: IncomingMessage, response: ServerResponse) => void;
  let elsewhere = 0;
  const server = createServer((request, response) => behave(request, response));
  let client: Peer;

  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-peers-"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = createPeer({ address: peer.address, url, self, domain, now: () => NOW, fetch });
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(dir, { recursive: true, force: true });
  });

  const soon = (milliseconds = 2_000) => AbortSignal.timeout(milliseconds);
  const statement = { domain, name: "KeySuccession", value: { contributor: 1, key: peer.address } } as const;
  /** Bytes without an end, as fast as they are taken. */
  const flood = (response: ServerResponse): void => {
    const piece = Buffer.alloc(2 ** 20, 0x20);
    const more = (): void => {
      if (!response.destroyed && response.write(piece)) setImmediate(more);
    };
    response.on("drain", more).on("error", () => undefined);
    more();
  };

  it("attack_redirect: is not followed", async () => {
    behave = (request, response) => {
      if (request.url === "/elsewhere") elsewhere++;
      response.writeHead(307, { location: "/elsewhere" }).end();
    };
    await assert.rejects(client.ask(statement, soon()), { code: "peer-silent" });
    assert.equal(elsewhere, 0);
  });

  it("attack_answersAGigabyte: is given up at its limit", async () => {
    behave = (_, response) => flood(response.writeHead(200));
    await assert.rejects(client.ask(statement, soon(10_000)), { code: "peer-answer-invalid" });
    behave = (_, response) => flood(response.writeHead(500));
    await assert.rejects(client.ask(statement, soon(10_000)), { code: "peer-refuses" });
    behave = (_, response) => flood(response.writeHead(200));
    await assert.rejects(async () => {
      for await (const _ of client.file(`0x${"ab".repeat(32)}`, "model.bin", 2 ** 21, soon(10_000)));
    }, { code: "peer-answer-invalid" });
  });

  it("attack_hangs: costs its time limit, before the answer and in the middle of it", async () => {
    behave = () => undefined;
    await assert.rejects(client.ask(statement, soon(200)), { code: "peer-silent" });
    behave = (_, response) => void response.writeHead(200).write('{"signature":"0x');
    await assert.rejects(client.ask(statement, soon(200)), { code: "peer-silent" });
  });

  it("attack_answersNonsense: what is no answer counts as none", async () => {
    for (const text of ["", "no JSON", "[]", "{}", '{"signature":"0x00"}', '{"signature":1}', `{"signature":"0x${"00".repeat(64)}","more":1}`]) {
      behave = (_, response) => void response.writeHead(200).end(text);
      await assert.rejects(client.ask(statement, soon()), ({ code }: { code?: string }) => code === "peer-answer-invalid" || code === "json-invalid", text);
    }
    behave = (_, response) => void response.writeHead(403).end('{"error":{"code":"no","message":"line\\nbreak\\u001b[31m","retryable":false}}');
    await assert.rejects(client.ask(statement, soon()), ({ message }: Error) => !/\p{Cc}/u.test(message) && message.includes("no: line"));
  });

  it("attack_sendsAnotherDirectory: and nothing of it is kept", async () => {
    const store = createDiskStore(path.join(dir, "store"));
    const library = createLibrary({ store, peers: [client], dir: path.join(dir, "fetching"), most: async () => Promise.resolve(10_000), within: 2_000, signal: new AbortController().signal });
    const files = new Map([["a.bin", new Uint8Array(100)], ["updates/1.bin", new Uint8Array(200).fill(1)]]);
    const digest: Hex = await digestOf(files);
    const serve = (served: ReadonlyMap<string, Uint8Array>) => (request: IncomingMessage, response: ServerResponse): void => {
      const wanted = decodeURIComponent(request.url ?? "").replace(`/v1/peers/artefacts/${digest}`, "").slice(1);
      if (wanted === "") response.end(JSON.stringify({ files: [...served.keys()] }));
      else response.end(served.get(wanted));
    };
    const lies: ReadonlyMap<string, Uint8Array>[] = [new Map([["a.bin", new Uint8Array(100)]]), new Map([...files, ["b.bin", new Uint8Array(1)]]), new Map([...files, ["a.bin", new Uint8Array(99)]]), new Map([...files, ["a.bin", new Uint8Array(10_001)]]), new Map([["../../outside", new Uint8Array(1)]])];
    for (const lie of lies) {
      behave = serve(lie);
      await assert.rejects(library.open(digest), { code: "artefact-missing" });
      assert.equal(await store.has(digest), false);
    }
    behave = serve(files);
    assert.deepEqual(await (await library.open(digest)).list(), ["a.bin", "updates/1.bin"]);
    assert.equal(await store.has(digest), true);
  });
});
