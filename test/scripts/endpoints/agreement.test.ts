// Three endpoints, one of which fails or lies in every way that real ones do: what the client reads and sends does not change.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { createPublicClient, createTestClient, encodeErrorResult, http, parseAbi, parseAbiItem, parseGwei, publicActions, walletActions, type Hex } from "viem";
import { hardhat } from "viem/chains";
import { createAgreedTransport } from "../../../scripts/chain/endpoints/agreement.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { startDevnet, type Devnet } from "../../../scripts/chain/devnet.ts";
import { honest, startRpcProxy, type Fault, type RpcProxy } from "../../support/rpc-proxy.ts";

const on = (method: string, fault: Fault): Fault => (request, ask) => (request.method === method ? fault(request, ask) : ask());

describe("agreement of endpoints", { concurrency: false }, () => {
  let devnet: Devnet;
  let other: Devnet;
  let proxies: RpcProxy[];
  const clock = { at: 0 };
  before(async () => {
    devnet = await startDevnet(0);
    other = await startDevnet(0);
    proxies = await Promise.all([devnet, devnet, devnet].map(({ url }) => startRpcProxy(url)));
  });
  after(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await Promise.all([devnet.close(), other.close()]);
  });
  beforeEach(() => {
    clock.at += 1000;
    for (const proxy of proxies) proxy.behave(honest);
  });

  const chainOf = (url: string) => createTestClient({ mode: "hardhat", chain: hardhat, transport: http(url), cacheTime: 0 }).extend(publicActions).extend(walletActions);
  function client(changes: Partial<Parameters<typeof createAgreedTransport>[0]> = {}) {
    const warnings: string[] = [];
    const transport = createAgreedTransport({ urls: proxies.map(({ url }) => url), agree: 2, timeout: 1_500, freshness: 0, now: () => clock.at, jitter: () => 1, warn: (message) => warnings.push(message), ...changes });
    return { warnings, reading: createPublicClient({ chain: hardhat, transport, cacheTime: 0, pollingInterval: 20 }), transport };
  }

  it("needs more than half", () => {
    for (const agree of [1, 4, 0, 1.5]) assert.throws(() => client({ agree }), RangeError);
  });

  it("takes a proof from whoever offers it, since it is checked, and lets nobody rest who does not", async () => {
    const absent = on("eth_getProof", async () => ({ error: { code: -32_601, message: "no such method" } }));
    const asked = { address: devAccount(0).address, storageKeys: [] };
    proxies[0]?.behave(absent);
    proxies[1]?.behave(absent);
    const { reading } = client();
    for (let i = 0; i < 4; i++) assert.ok((await reading.getProof(asked)).accountProof.length > 0);
    proxies[2]?.behave(absent);
    await assert.rejects(reading.getProof(asked), /no such method/);
    assert.equal(typeof (await reading.getBlockNumber()), "bigint");
  });

  const FAULTS: Readonly<Record<string, Fault>> = {
    "does not answer": async () => "hang",
    "answers 429": async () => 429,
    "answers 500": async () => 500,
    "stands still": async (request, ask) => (request.method === "eth_blockNumber" ? { result: "0x0" } : ask()),
    "runs ahead": async (request, ask) => (request.method === "eth_blockNumber" ? { result: "0xffffff" } : ask()),
    "invents balances": on("eth_getBalance", async () => ({ result: "0x1" })),
    "denies receipts": on("eth_getTransactionReceipt", async () => ({ result: null })),
    "says that what failed succeeded": on("eth_getTransactionReceipt", async (_, ask) => {
      const answer = await ask();
      return "result" in answer ? { result: { ...(answer.result as object), status: "0x0" } } : answer;
    }),
    "cuts logs": on("eth_getLogs", async () => ({ result: [] })),
    "says that calls revert": on("eth_call", async () => ({ error: { code: 3, message: "execution reverted" } })),
    "asks a thousand times the price": async (request, ask) => (["eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_estimateGas"].includes(request.method) ? { result: "0xffffffffff" } : ask()),
    "serves another chain": async (request) => {
      const response = await fetch(other.url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", ...request }) });
      return (await response.json()) as { result: unknown };
    },
  };

  /** Everything a service asks a chain. */
  async function readAll() {
    clock.at += 1000;
    const { reading } = client();
    const chain = chainOf(devnet.url);
    const { hash, number } = await chain.getBlock();
    const [first] = (await chain.getBlock({ blockNumber: 1n })).transactions;
    return {
      chainId: await reading.getChainId(),
      head: [await reading.getBlockNumber(), number],
      block: [(await reading.getBlock()).hash, hash],
      balance: await reading.getBalance({ address: devAccount(1).address }),
      nonce: await reading.getTransactionCount({ address: devAccount(0).address }),
      receipt: (await reading.getTransactionReceipt({ hash: first as Hex })).status,
      logs: (await reading.getLogs({ fromBlock: 0n, event: parseAbiItem("event Transfer(address indexed from, address indexed to, uint256 value)") })).length,
      code: (await reading.getCode({ address: emitter }))?.length,
      call: (await reading.call({ to: emitter, data: "0x" })).data,
      gas: await reading.estimateGas({ account: devAccount(0).address, to: devAccount(1).address, value: 1n }),
      price: (await reading.getGasPrice()) < parseGwei("100"),
    };
  }

  let emitter: Hex;
  before(async () => {
    for (const { url } of [devnet, other]) await chainOf(url).setIntervalMining({ interval: 0 });
    const chain = chainOf(devnet.url);
    // Emits an ERC-20 Transfer of nothing, and answers with one word.
    const runtime = "600060007fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60206000a3600160005260206000f3";
    const size = (runtime.length / 2).toString(16).padStart(2, "0");
    const receipt = await chain.waitForTransactionReceipt({ hash: await chain.deployContract({ abi: [], bytecode: `0x60${size}600c60003960${size}6000f3${runtime}`, account: devAccount(0) }) });
    emitter = receipt.contractAddress as Hex;
    for (let i = 0; i < 3; i++) await chain.waitForTransactionReceipt({ hash: await chain.sendTransaction({ account: devAccount(0), to: emitter }) });
  });

  for (const [name, fault] of Object.entries(FAULTS)) {
    it(`one endpoint ${name}: every answer is that of the others`, async () => {
      const expected = await readAll();
      assert.equal(expected.logs, 3);
      assert.equal(expected.head[0], expected.head[1]);
      for (const liar of proxies) {
        for (const proxy of proxies) proxy.behave(proxy === liar ? fault : honest);
        assert.deepEqual(await readAll(), expected);
      }
    });
  }

  it("two endpoints that tell the same lie against one are believed: that is what the number is for", async () => {
    for (const proxy of proxies.slice(0, 2)) proxy.behave(FAULTS["invents balances"] as Fault);
    assert.equal(await client().reading.getBalance({ address: devAccount(1).address }), 1n);
  });

  it("three endpoints that say three things are believed by nobody", async () => {
    for (const [i, proxy] of proxies.entries()) proxy.behave(on("eth_getBalance", async () => ({ result: `0x${i + 1}` })));
    await assert.rejects(client().reading.getBalance({ address: devAccount(1).address }), (error: Error) => /endpoints-disagree|No 2 endpoints say the same/.test(String(error.cause ?? error)));
  });

  it("two that are silent are one too many; when they are back, all is well", async () => {
    const { reading } = client();
    for (const proxy of proxies.slice(1)) proxy.behave(async () => 503);
    await assert.rejects(reading.getBlockNumber(), /must say the same/);
    for (const proxy of proxies) proxy.behave(honest);
    await assert.rejects(reading.getBlockNumber(), /must say the same/);
    clock.at += 61;
    assert.equal(typeof (await reading.getBlockNumber()), "bigint");
  });

  it("one that lied rests, longer each time, and is said", async () => {
    const { reading, warnings } = client();
    const [liar] = proxies;
    liar?.behave(FAULTS["invents balances"] as Fault);
    for (let i = 0; i < 6; i++) await reading.getBalance({ address: devAccount(1).address });
    const asked = liar?.count("eth_getBalance");
    for (let i = 0; i < 6; i++) await reading.getBalance({ address: devAccount(1).address });
    assert.equal(liar?.count("eth_getBalance"), asked);
    assert.match(warnings.join("\n"), /contradicts the others on eth_getBalance/);
  });

  it("a budget is kept, and what is left over goes on", async () => {
    const { reading } = client({ perMinute: 5 });
    for (let i = 0; i < 5; i++) await reading.getBalance({ address: devAccount(1).address, blockNumber: 1n });
    await assert.rejects(async () => {
      for (let i = 0; i < 5; i++) await reading.getBalance({ address: devAccount(1).address, blockNumber: 1n });
    }, /must say the same/);
    clock.at += 60;
    await reading.getBalance({ address: devAccount(1).address, blockNumber: 1n });
  });

  it("a transaction goes to all; one that takes it is enough", async () => {
    const { reading } = client();
    for (const proxy of proxies.slice(0, 2)) proxy.behave(on("eth_sendRawTransaction", async () => ({ error: { code: -32_000, message: "no" } })));
    const account = devAccount(3);
    const raw = await account.signTransaction({ type: "eip1559", chainId: hardhat.id, nonce: 0, to: account.address, gas: 21_000n, maxFeePerGas: parseGwei("10"), maxPriorityFeePerGas: 1n });
    const hash = await reading.sendRawTransaction({ serializedTransaction: raw });
    clock.at += 61;
    assert.equal((await reading.waitForTransactionReceipt({ hash })).status, "success");
    for (const proxy of proxies) proxy.behave(on("eth_sendRawTransaction", async () => ({ error: { code: -32_000, message: "nonce too low" } })));
    await assert.rejects(reading.sendRawTransaction({ serializedTransaction: raw }), /nonce too low/i);
  });

  it("endpoints that know a transaction from their peers have answered: none of them rests for it", async () => {
    const { reading } = client();
    const account = devAccount(4);
    const raw = await account.signTransaction({ type: "eip1559", chainId: hardhat.id, nonce: 0, to: account.address, gas: 21_000n, maxFeePerGas: parseGwei("10"), maxPriorityFeePerGas: 1n });
    for (const proxy of proxies.slice(0, 2)) proxy.behave(on("eth_sendRawTransaction", async () => ({ error: { code: -32_000, message: "already known" } })));
    await reading.sendRawTransaction({ serializedTransaction: raw });
    assert.ok((await reading.getBalance({ address: account.address })) > 0n);
  });

  it("a contract's refusal is an answer like any other, with its reason", async () => {
    const { reading } = client();
    const abi = parseAbi(["function none() view returns (uint256)", "error Nope(uint256 why)"]);
    const refusal = encodeErrorResult({ abi, errorName: "Nope", args: [7n] });
    proxies[0]?.behave(on("eth_call", async () => ({ result: "0x" })));
    for (const proxy of proxies.slice(1)) proxy.behave(on("eth_call", async () => ({ error: { code: 3, message: "execution reverted", data: refusal } as { code: number; message: string } })));
    await assert.rejects(reading.simulateContract({ address: emitter, abi, functionName: "none" }), /Nope\(uint256 why\)[\s\S]*\(7\)/);
  });
});
