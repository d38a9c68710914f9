// Nothing that was signed is lost or takes effect twice, whatever dies, lies or moves.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { keccak256, parseGwei, type Hex } from "viem";
import { openOutboxJournal } from "../../../scripts/chain/outbox/journal.ts";
import { honest, type Fault } from "../../support/rpc-proxy.ts";
import { DEPTH, openOutboxWorld } from "./world.ts";

type World = Awaited<ReturnType<typeof openOutboxWorld>>;

const on = (method: string, fault: Fault): Fault => (request, ask) => (request.method === method ? fault(request, ask) : ask());

describe("an outbox", { concurrency: false }, () => {
  let world: World;
  let start: bigint;
  before(async () => void (world = await openOutboxWorld()));
  after(() => world.close());
  beforeEach(async () => {
    world.proxy.behave(honest);
    start = await world.counted();
  });
  const counted = async () => Number((await world.counted()) - start);
  const mine = (blocks = 1) => world.mine(blocks);

  async function withSender<Value>(work: (sender: Awaited<ReturnType<World["sender"]>>) => Promise<Value>, changes: Parameters<World["sender"]>[0] = {}): Promise<Value> {
    const sender = await world.sender(changes);
    try {
      return await work(sender);
    } finally {
      sender.close();
    }
  }

  it("sends each once, in order, and lets go of it when nothing can undo it", () =>
    withSender(async ({ outbox, count, journal }) => {
      assert.deepEqual([await count(), await count(), await count()], [0, 1, 2]);
      await mine();
      await outbox().tend();
      assert.equal(await counted(), 3);
      assert.deepEqual([outbox().waiting().length, journal().open().length], [0, 3]);
      const outcome = outbox().outcomeOf(1);
      assert.ok(typeof outcome === "object" && outcome.succeeded);
      await mine(DEPTH);
      await outbox().tend();
      assert.deepEqual(journal().open(), []);
      assert.deepEqual(outbox().outcomeOf(1), outcome);
    }));

  it("two senders with one key: the second is turned away", () =>
    withSender(async ({ file, account }) => {
      assert.throws(() => openOutboxJournal(file, { chainId: 31_337, account: account.address }), { code: "outbox-busy", retryable: true });
    }));

  it("a journal of another key or another chain is not taken over", () =>
    withSender(async ({ file, account, stop, start: again }) => {
      stop();
      assert.throws(() => openOutboxJournal(file, { chainId: 1, account: account.address }), { code: "outbox-foreign" });
      assert.throws(() => openOutboxJournal(file, { chainId: 31_337, account: world.counter }), { code: "outbox-foreign" });
      again();
    }));

  describe("kill -9", () => {
    for (const point of ["recorded", "broadcast"]) {
      it(`after what was ${point}: the next process finishes it, once`, () =>
        withSender(async ({ key, file, outbox, stop, start: again, journal }) => {
          stop();
          const child = spawn(process.execPath, [path.join(import.meta.dirname, "killed-sender.ts"), world.proxy.url, key, file, world.counter, point], { stdio: ["ignore", "inherit", "inherit"] });
          const [, signal] = await once(child, "exit");
          assert.equal(signal, "SIGKILL");
          again();
          assert.equal(journal().open().length, 1);
          await outbox().tend();
          await mine();
          await outbox().tend();
          assert.deepEqual([await counted(), outbox().waiting().length], [1, 0]);
        }));
    }

    it("the next process takes the next nonce, not that of what only the dead one knew", () =>
      withSender(async ({ outbox, count, restart }) => {
        world.proxy.behave(on("eth_sendRawTransaction", async () => 503));
        await count();
        restart();
        world.proxy.behave(honest);
        assert.equal(await count(), 1);
        await outbox().tend();
        await mine();
        await outbox().tend();
        assert.equal(await counted(), 2);
      }));
  });

  describe("an endpoint", () => {
    it("that takes a transaction and loses the answer", () =>
      withSender(async ({ outbox, count }) => {
        world.proxy.behave(on("eth_sendRawTransaction", async (_, ask) => ((await ask()), 502)));
        await count();
        world.proxy.behave(honest);
        await outbox().tend();
        await mine();
        await outbox().tend();
        assert.equal(await counted(), 1);
      }));

    it("that drops what it took: it bids more, with the same nonce", () =>
      withSender(async ({ outbox, count, clock, journal }) => {
        const dropped: Fault = async (request) => ({ result: keccak256(request.params[0] as Hex) });
        world.proxy.behave(on("eth_sendRawTransaction", dropped));
        await count();
        world.proxy.behave(honest);
        await outbox().tend();
        await mine();
        assert.equal(await counted(), 0);
        clock.at += 46;
        await outbox().tend();
        const [first, second] = journal().attemptsAt(0);
        assert.ok(first && second && second.price * 8n >= first.price * 9n && second.tip * 8n >= first.tip * 9n);
        await mine();
        await outbox().tend();
        assert.equal(await counted(), 1);
      }));

    it("that calls a replacement too cheap: it bids more at once", () =>
      withSender(async ({ outbox, count, journal }) => {
        world.proxy.behave(on("eth_sendRawTransaction", async () => ({ error: { code: -32_000, message: "replacement transaction underpriced" } })));
        await count();
        world.proxy.behave(honest);
        await outbox().tend();
        assert.equal(journal().attemptsAt(0).length, 2);
        await mine();
        await outbox().tend();
        assert.equal(await counted(), 1);
      }));

    it("that says nonce too low of what it never saw", () =>
      withSender(async ({ outbox, count, clock }) => {
        world.proxy.behave(on("eth_sendRawTransaction", async () => ({ error: { code: -32_000, message: "nonce too low" } })));
        assert.equal(await count(), 0);
        world.proxy.behave(honest);
        clock.at += 46;
        await outbox().tend();
        await mine();
        await outbox().tend();
        assert.equal(await counted(), 1);
      }));

    it("that counts a nonce too far ahead: nothing is given up for it", () =>
      withSender(async ({ outbox, count, journal }) => {
        await count();
        world.proxy.behave(on("eth_getTransactionCount", async (request, ask) => (request.params[1] === "latest" ? { result: "0x7" } : ask())));
        await outbox().tend();
        assert.equal(outbox().outcomeOf(0), "waiting");
        assert.equal(journal().attemptsAt(0).length, 1);
        world.proxy.behave(honest);
        await mine();
        await outbox().tend();
        assert.equal(await counted(), 1);
      }));

    it("that shows a receipt of a block which has no such transaction", () =>
      withSender(async ({ outbox, count }) => {
        await count();
        const { hash, number } = await world.chain.getBlock();
        const forged: Fault = async (request, ask) => {
          const real = await ask();
          if ("result" in real && real.result !== null) return real;
          const [transactionHash] = request.params;
          return { result: { transactionHash, blockHash: hash, blockNumber: `0x${number.toString(16)}`, status: "0x1", gasUsed: "0x5208", effectiveGasPrice: "0x1", cumulativeGasUsed: "0x5208", logs: [], type: "0x2", transactionIndex: "0x0" } };
        };
        world.proxy.behave(on("eth_getTransactionReceipt", forged));
        await outbox().tend();
        assert.equal(outbox().outcomeOf(0), "waiting");
        world.proxy.behave(honest);
        await mine();
        await outbox().tend();
        assert.equal(await counted(), 1);
      }));

    it("that hangs, or answers 429: the look fails, nothing else", () =>
      withSender(async ({ outbox, count }) => {
        await count();
        for (const fault of ["hang", 429] as const) {
          world.proxy.behave(async () => fault);
          await assert.rejects(outbox().tend());
        }
        world.proxy.behave(honest);
        await mine();
        await outbox().tend();
        assert.deepEqual([await counted(), outbox().waiting().length], [1, 0]);
      }));
  });

  it("a spike of the gas price: it waits below the cap, says so, and goes on when the chain is cheaper", () =>
    withSender(async ({ outbox, count, warnings, clock }) => {
      const spike: Fault = async (request, ask) => {
        const answer = await ask();
        if (!("result" in answer) || request.params[0] !== "latest") return answer;
        return { result: { ...(answer.result as object), baseFeePerGas: `0x${parseGwei("500").toString(16)}` } };
      };
      world.proxy.behave(on("eth_getBlockByNumber", spike));
      await count();
      assert.match(warnings.join("\n"), /the cap is 100000000000/);
      world.proxy.behave(honest);
      clock.at += 46;
      await outbox().tend();
      assert.match(warnings.join("\n"), /may not bid more/);
      await mine();
      await outbox().tend();
      assert.equal(await counted(), 1);
    }));

  it("a clock that jumps back sends nothing again", () =>
    withSender(async ({ outbox, count, clock, journal }) => {
      await count();
      clock.at -= 1_000_000;
      await outbox().tend();
      assert.equal(journal().attemptsAt(0).length, 1);
      await mine();
      await outbox().tend();
      assert.equal(await counted(), 1);
    }));

  it("a nonce that somebody else's transaction took is given up once nothing can undo that, and not before", () =>
    withSender(async ({ outbox, count, account, warnings }) => {
      world.proxy.behave(on("eth_sendRawTransaction", async () => 503));
      await count();
      world.proxy.behave(honest);
      await world.chain.sendTransaction({ account, to: account.address, nonce: 0 });
      await mine();
      await outbox().tend();
      assert.equal(outbox().outcomeOf(0), "waiting");
      await mine(DEPTH + 1);
      await outbox().tend();
      assert.equal(outbox().outcomeOf(0), "forfeited");
      assert.match(warnings.join("\n"), /took nonce 0/);
      assert.equal(await count(), 1);
      await mine();
      await outbox().tend();
      assert.equal(await counted(), 1);
    }));

  for (const depth of [1, 2, 7, 32]) {
    it(`a reorganisation of depth ${depth} takes it away: it is sent again, and counts once`, () =>
      withSender(async ({ outbox, count, warnings }) => {
        const id = await world.chain.snapshot();
        await count();
        await mine(depth);
        await outbox().tend();
        assert.equal(await counted(), 1);
        await world.chain.revert({ id });
        await mine(depth + 1);
        assert.equal(await counted(), 0);
        await outbox().tend();
        assert.match(warnings.join("\n"), /a reorganisation took block/);
        assert.equal(outbox().outcomeOf(0), "waiting");
        await mine();
        await outbox().tend();
        assert.equal(await counted(), 1);
        assert.equal(typeof outbox().outcomeOf(0), "object");
      }));
  }

  it("a reorganisation that moves it into another block: the new one is known, nothing is sent", () =>
    withSender(async ({ outbox, count }) => {
      const id = await world.chain.snapshot();
      await count();
      const [attempt] = outbox().waiting();
      await mine();
      await outbox().tend();
      const before = outbox().outcomeOf(0);
      await world.chain.revert({ id });
      await mine(2);
      await world.chain.sendRawTransaction({ serializedTransaction: attempt?.raw as Hex });
      await mine();
      const sent = world.proxy.count("eth_sendRawTransaction");
      await outbox().tend();
      const now = outbox().outcomeOf(0);
      assert.ok(typeof before === "object" && typeof now === "object" && before.blockHash !== now.blockHash);
      assert.deepEqual([await counted(), world.proxy.count("eth_sendRawTransaction")], [1, sent]);
    }));
});
