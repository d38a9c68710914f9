// Which chain it is: told apart by blocks, so that one chain's data are never taken for another's.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { holdsAnchors, identify, takeAnchors } from "../../indexer/run/identity.ts";
import { Rpc, RpcRefusal } from "../../indexer/run/rpc.ts";
import { addressAt, FakeChain, fakeDeployment, LIBRARY_CARD } from "../frontend/fake-ledger.ts";

let chain = new FakeChain(100);
let empty = false;
const deployment = fakeDeployment();

describe("the chain's identity", () => {
  let server: Server;
  let rpc: Rpc;
  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk)).on("end", () => {
        const { method, params } = JSON.parse(body) as { method: string; params: [string] };
        const number = params[0] === "latest" ? chain.head : Number(params[0]);
        const answers: Record<string, unknown> = {
          eth_chainId: { result: "0x7a69" },
          eth_getBlockByNumber: { result: chain.hashOf(number) === "0x" ? null : { number: `0x${number.toString(16)}`, hash: chain.hashOf(number) } },
          eth_call: { result: empty ? "0x" : `0x${"0".repeat(24)}${LIBRARY_CARD.slice(2)}` },
        };
        response.end(JSON.stringify(answers[method] ?? { error: { message: "not made for it" } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    rpc = new Rpc(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  after(() => server.close());

  it("is the same for the same chain, and another for another instance, contract or version", async () => {
    const first = await identify(rpc, deployment, "1");
    assert.equal(first?.libraryCard, LIBRARY_CARD);
    assert.match(first?.key ?? "", /^[0-9a-f]{12}$/);
    chain.mine(5);
    assert.equal((await identify(rpc, deployment, "1"))?.key, first?.key);
    assert.notEqual((await identify(rpc, deployment, "2"))?.key, first?.key);
    assert.notEqual((await identify(rpc, { ...deployment, contracts: { ...deployment.contracts, rounds: addressAt(55) } }, "1"))?.key, first?.key);
    chain.reorganise(chain.head + 1);
    chain.mine(100);
    assert.notEqual((await identify(rpc, deployment, "1"))?.key, first?.key);
  });
  it("is unknown while the ledger is not there", async () => {
    empty = true;
    assert.equal(await identify(rpc, deployment, "1"), undefined);
    empty = false;
  });
  it("survives a reorganisation that Ponder survives, and no deeper one", async () => {
    chain = new FakeChain(200);
    const anchors = await takeAnchors(rpc, 0);
    assert.deepEqual(anchors.map(({ number }) => number), [0, 199 - 64]);
    chain.reorganise(30);
    chain.mine(40);
    assert.equal(await holdsAnchors(rpc, anchors), true);
    chain.reorganise(120);
    chain.mine(130);
    assert.equal(await holdsAnchors(rpc, anchors), false);
  });
  it("is not doubted because an endpoint does not answer", async () => {
    await assert.rejects(holdsAnchors(new Rpc("http://127.0.0.1:1"), await takeAnchors(rpc, 0)), (error) => !(error instanceof RpcRefusal));
  });
});
