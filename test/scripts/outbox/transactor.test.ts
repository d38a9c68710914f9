// Contract calls over an outbox: judged by what has really happened, also before this process was there.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { parseAbi } from "viem";
import { createDurableTransactor } from "../../../scripts/chain/outbox/transactor.ts";
import { honest } from "../../support/rpc-proxy.ts";
import { DEPTH, openOutboxWorld } from "./world.ts";

type World = Awaited<ReturnType<typeof openOutboxWorld>>;

const abi = parseAbi(["function count()", "function count(uint256 many)"]);

describe("a durable transactor", { concurrency: false }, () => {
  let world: World;
  let sender: Awaited<ReturnType<World["sender"]>>;
  let start: bigint;
  before(async () => void (world = await openOutboxWorld()));
  after(() => world.close());
  beforeEach(async (context) => {
    world.proxy.behave(honest);
    start = await world.counted();
    sender = await world.sender();
    if ("after" in context) context.after(() => sender.close());
  });
  const counted = async () => Number((await world.counted()) - start);
  const call = () => ({ kind: "count", address: world.counter, abi, functionName: "count", args: [] }) as const;
  const transactor = (stop = new AbortController()) => createDurableTransactor({ client: sender.client, outboxes: [sender.outbox()], stop: stop.signal, pause: 10 });

  /** Mines while something is waited for. */
  async function mining<Value>(work: Promise<Value>, blocks = 1): Promise<Value> {
    const state = { over: false };
    const done = work.finally(() => void (state.over = true));
    done.catch(() => undefined);
    while (!state.over) {
      await world.mine(blocks);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return done;
  }

  it("gives the receipt, and what each kind cost", async () => {
    const sending = transactor();
    const receipts = await mining(Promise.all([sending.send(sender.account, call()), sending.send(sender.account, call())]));
    assert.deepEqual([receipts.map(({ status }) => status), await counted()], [["success", "success"], 2]);
    assert.deepEqual(Object.keys(sending.gas()), ["count"]);
  });

  it("waits for what an earlier process sent before it tries anything out", async () => {
    await sender.count("earlier");
    sender.restart();
    const stop = new AbortController();
    const sending = transactor(stop).send(sender.account, call());
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(sender.journal().nextNonce(), 1);
    await mining(sending);
    assert.deepEqual([sender.journal().nextNonce(), await counted()], [2, 2]);
  });

  it("stops when told to; the next one finds it done", async () => {
    const stop = new AbortController();
    const sending = transactor(stop).send(sender.account, call());
    sending.catch(() => undefined);
    while (sender.journal().open().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    await assert.rejects(sending, { code: "outbox-stopped", retryable: true });
    sender.restart();
    await world.chain.mine({ blocks: 1 });
    await sender.outbox().tend();
    assert.deepEqual([sender.outbox().waiting(), await counted()], [[], 1]);
  });

  it("starts over with another nonce when somebody else's transaction took its own", async () => {
    world.proxy.behave((request, ask) => (request.method === "eth_sendRawTransaction" ? Promise.resolve(503) : ask()));
    const sending = transactor().send(sender.account, call());
    while (sender.journal().open().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await world.chain.sendTransaction({ account: sender.account, to: sender.account.address, nonce: 0 });
    await world.mine(DEPTH + 2);
    world.proxy.behave(honest);
    await mining(sending);
    assert.deepEqual([await counted(), sender.journal().nextNonce()], [1, 2]);
  });

  it("says what the contract would refuse, and sends nothing", async () => {
    const refused = { ...call(), address: sender.account.address, functionName: "none", abi: parseAbi(["function none() returns (uint256)"]), args: [] } as const;
    await assert.rejects(transactor().send(sender.account, refused), { code: "transaction-failed" });
    assert.equal(sender.journal().nextNonce(), 0);
  });
});
