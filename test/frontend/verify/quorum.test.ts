import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEndpoint } from "../../../frontend/verify/src/chain/endpoint.ts";
import { createQuorum, neededOf } from "../../../frontend/verify/src/chain/quorum.ts";
import { essenceOf } from "../../../protocol/ledger/essence.ts";
import { chainProblem, chainRung } from "../../../frontend/verify/src/worker/chain-rungs.ts";
import { honest, networkOf, type Answers } from "./chain.ts";

const quorumOf = (hosts: Readonly<Record<string, Answers>>, names = Object.keys(hosts), needed: number | null = null) => {
  const network = networkOf(hosts);
  return createQuorum(names.map((name) => createEndpoint(`https://${name}/`, network)), 31_337, needed);
};
const liar: Answers = (method, params) => (method === "eth_call" ? `0x${"00".repeat(31)}08` : honest(method, params));
const call = { method: "eth_call", params: [{}, "0x64"] };

describe("several endpoints", () => {
  it("need a majority, and more when the reader asks for more", () => {
    assert.deepEqual([1, 2, 3, 4, 5].map((count) => neededOf(count, null)), [1, 2, 2, 3, 3]);
    assert.deepEqual([neededOf(5, 1), neededOf(5, 4), neededOf(3, 9)], [3, 4, 3]);
  });

  it("an endpoint that lies is outvoted and named", async () => {
    const quorum = await quorumOf({ a: honest, b: liar, c: honest });
    assert.equal(await quorum.request(call), `0x${"00".repeat(31)}07`);
    assert.deepEqual(quorum.witnesses().map(({ said }) => said), ["agrees", "differs", "agrees"]);
    const rung = chainRung(quorum, false);
    assert.deepEqual([rung.state, rung.reason], ["agreed", "k-of-n-but"]);
    assert.match(rung.values["others"] ?? "", /https:\/\/b\/ \(differs: eth_call\)/);
  });

  it("endpoints that disagree, one against one, give no answer at all", async () => {
    const quorum = await quorumOf({ a: honest, b: liar });
    await assert.rejects(quorum.request(call), { code: "endpoints-disagree" });
    const rung = chainProblem(await quorum.request(call).catch((error: unknown) => error));
    assert.deepEqual([rung.state, rung.reason], ["failed", "disagree"]);
  });

  it("two liars cannot outvote two honest ones", async () => {
    const quorum = await quorumOf({ a: honest, b: honest, c: liar, d: liar });
    await assert.rejects(quorum.request(call), { code: "endpoints-disagree" });
  });

  it("the wrong chain is left out, and alone is an error", async () => {
    const other: Answers = (method, params) => (method === "eth_chainId" ? "0x1" : honest(method, params));
    await assert.rejects(quorumOf({ a: other }), { code: "chain-mismatch" });
    const quorum = await quorumOf({ a: honest, b: other, c: honest });
    await quorum.request(call);
    assert.deepEqual(quorum.witnesses().map(({ said }) => said), ["agrees", "wrong-chain", "agrees"]);
    assert.equal(chainProblem(await quorumOf({ a: other }).catch((error: unknown) => error)).state, "failed");
  });

  it("silence is unreachable and not a contradiction", async () => {
    await assert.rejects(quorumOf({}, ["a", "b"]), { code: "chain-unreachable" });
    await assert.rejects(quorumOf({ a: honest }, ["a", "b"]), { code: "chain-unreachable" });
    assert.deepEqual(chainProblem(await quorumOf({}, ["a"]).catch((error: unknown) => error)).state, "unchecked");
  });

  it("a refusal that all give is an answer; one that only one gives is a contradiction", async () => {
    const refusing: Answers = (method, params) => (method === "eth_call" ? new Error("execution reverted") : honest(method, params));
    await assert.rejects((await quorumOf({ a: refusing, b: refusing })).request(call), { name: "EndpointError", message: /reverted/ });
    await assert.rejects((await quorumOf({ a: honest, b: refusing })).request(call), { code: "endpoints-disagree" });
  });

  it("everything is asked as of the lowest head", async () => {
    const ahead: Answers = (method, params) => (method === "eth_blockNumber" ? "0x70" : honest(method, params));
    assert.equal((await quorumOf({ a: honest, b: ahead })).block, 100n);
  });

  it("honest clients that write answers differently still agree", () => {
    const log = { address: "0xAB", topics: ["0x1"], data: "0x", blockNumber: "0x1", blockHash: "0x2", transactionHash: "0x3", logIndex: "0x0" };
    assert.equal(essenceOf("eth_getLogs", [log]), essenceOf("eth_getLogs", [{ ...log, address: "0xab", removed: false, blockTimestamp: "0x9" }]));
    assert.notEqual(essenceOf("eth_getLogs", [log]), essenceOf("eth_getLogs", [{ ...log, data: "0x01" }]));
    assert.notEqual(essenceOf("eth_getLogs", [log]), essenceOf("eth_getLogs", []));
  });

  it("garbage instead of JSON-RPC, HTTP errors and endless answers are refused", async () => {
    const answering = (response: () => Response) => createEndpoint("https://a/", async () => response()).request(call);
    await assert.rejects(answering(() => new Response("<html>")), { name: "EndpointError" });
    await assert.rejects(answering(() => new Response("[]")), { name: "EndpointError", message: /no answer/ });
    await assert.rejects(answering(() => new Response("", { status: 502 })), { name: "EndpointError", message: /502/ });
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 2 ** 20;
        controller.enqueue(new Uint8Array(2 ** 20));
      },
    });
    await assert.rejects(answering(() => new Response(endless)), { name: "EndpointError", message: /more than/ });
    assert.ok(sent < 40 * 2 ** 20, `${sent} bytes were taken`);
  });

  it("one endpoint is believed and called unchecked, unless it is the reader's own", async () => {
    const quorum = await quorumOf({ "rpc.example": honest });
    assert.deepEqual([chainRung(quorum, false).state, chainRung(quorum, false).reason], ["unchecked", "one-endpoint"]);
    assert.deepEqual([chainRung(quorum, true).state, chainRung(quorum, true).reason], ["agreed", "own-node"]);
    const local = await quorumOf({ "127.0.0.1:8545": honest });
    assert.equal(chainRung(local, false).reason, "this-computer");
    const posing = await quorumOf({ "127.0.0.1.example": honest });
    assert.equal(chainRung(posing, false).reason, "one-endpoint");
  });
});
