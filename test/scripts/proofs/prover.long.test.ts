// Proofs of a real chain, through endpoints that lie: what the prover says is what the contracts hold, or it says nothing.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { createPublicClient, http, type Hex, type PublicClient } from "viem";
import { ROUND_STATES } from "../../../protocol/ledger/states.ts";
import { decodeHead, decodeRound, decodeSettlement, federationSlots, roundSlots, settlementSlots } from "../../../protocol/proofs/slots.ts";
import { createAgreedTransport } from "../../../scripts/chain/endpoints/agreement.ts";
import { requireProven } from "../../../scripts/chain/proofs/believed.ts";
import { createProver, type ProofPolicy } from "../../../scripts/chain/proofs/prover.ts";
import { proposeSettlement } from "../../../scripts/operator/settle.ts";
import { honest, startRpcProxy, type Fault, type RpcProxy } from "../../support/rpc-proxy.ts";
import { startWorld, type World } from "../watch/world.ts";

const on = (method: string, fault: Fault): Fault => (request, ask) => (request.method === method ? fault(request, ask) : ask());
const unsupported = on("eth_getProof", async () => ({ error: { code: -32_601, message: "the method eth_getProof does not exist" } }));
const failure = (code: string) => (error: unknown) => error instanceof Error && "code" in error && (assert.equal(error.code, code), true);

interface Proof {
  accountProof: Hex[];
  storageProof: { key: Hex; value: Hex; proof: Hex[] }[];
}
/** Changes what an endpoint answers to eth_getProof. */
const forging = (change: (proof: Proof) => void): Fault =>
  on("eth_getProof", async (_, ask) => {
    const answer = await ask();
    if ("result" in answer) change(answer.result as Proof);
    return answer;
  });

describe("prover", { concurrency: false }, () => {
  let world: World;
  let proxies: RpcProxy[];
  let client: PublicClient;
  const warnings: string[] = [];
  before(async () => {
    world = await startWorld();
    await world.report(await world.seal(await world.contribute()));
    await world.finaliseAll();
    await world.seal(await world.contribute());
    proxies = await Promise.all([0, 1, 2].map(() => startRpcProxy(world.url)));
    client = createPublicClient({ transport: http(proxies[0]?.url, { retryCount: 0 }), cacheTime: 0 });
  });
  after(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await world.close();
  });
  beforeEach(() => {
    warnings.length = 0;
    for (const proxy of proxies) proxy.behave(honest);
  });

  const prover = (policy: ProofPolicy = "offered", asked: Pick<PublicClient, "request"> = client) => createProver({ client: asked, deployment: world.kernel.deployment, policy, warn: (message) => void warnings.push(message) });
  const agreed = () => createPublicClient({ transport: createAgreedTransport({ urls: proxies.map(({ url }) => url), agree: 2, freshness: 0, jitter: () => 1, warn: () => undefined }), cacheTime: 0 });
  const behave = (fault: Fault, ...which: readonly number[]) => which.forEach((i) => proxies[i]?.behave(fault));

  it("finds in storage what the contracts answer: the layout is the deployed one", async () => {
    const { kernel, federation } = world;
    const word = async (address: Hex, slot: bigint) => BigInt((await kernel.client.getStorageAt({ address, slot: `0x${slot.toString(16)}` })) ?? "0x0");
    for (const round of [0, 1, 2]) {
      const [hash, state] = roundSlots(federation, round);
      const said = await kernel.rounds.read.roundOf([federation, round]);
      const { state: name, ...stored } = decodeRound(await word(kernel.rounds.address, hash), await word(kernel.rounds.address, state));
      assert.equal(name, ROUND_STATES[said.state]);
      for (const [field, value] of Object.entries(stored)) assert.equal(value, said[field as keyof typeof stored], `${field} of round ${round}`);
    }
    const [head, config] = federationSlots(federation);
    const stored = decodeHead(await word(kernel.rounds.address, head), await word(kernel.rounds.address, config));
    const said = await kernel.rounds.read.headOf([federation]);
    assert.deepEqual([stored.last, stored.tip], [said.last, said.tip]);
    const account = await Promise.all(settlementSlots(federation).map((slot) => word(kernel.settlement.address, slot)));
    const { nextIndex, settledThrough } = await kernel.settlement.read.accountOf([federation]);
    const { nextIndex: index, settledThrough: through } = decodeSettlement(account as [bigint, bigint, bigint, bigint, bigint]);
    assert.deepEqual([index, through], [nextIndex, settledThrough]);
  });

  it("proves rounds, the head, the operators and every contract's code on a real chain", async () => {
    const { kernel, federation } = world;
    const vault = await kernel.treasury.read.vaultOf([federation]);
    const found = await prover("required").ledger({ federation, rounds: [0, 1, 2, 3], vault });
    const { proven, header } = found ?? assert.fail();
    assert.deepEqual([0, 1, 2, 3].map((round) => proven.rounds.get(round)?.state), ["Final", "Final", "Sealed", "None"]);
    assert.equal(proven.rounds.get(1)?.hash, (await kernel.rounds.read.roundOf([federation, 1])).hash);
    assert.equal(proven.epoch.number, (await kernel.operators.read.currentEpoch()).number);
    assert.equal(header.hash, (await kernel.client.getBlock({ blockNumber: header.number })).hash);
    assert.equal(proven.vault?.credited, 0n);
  });

  it("says once that no endpoint offers proofs, or refuses to go on where they are required", async () => {
    behave(unsupported, 0, 1, 2);
    for (const asked of [client, agreed()]) {
      warnings.length = 0;
      const lenient = prover("offered", asked);
      assert.equal(await lenient.rounds(world.federation, [1]), null);
      assert.equal(await lenient.rounds(world.federation, [1]), null);
      assert.deepEqual(warnings.map((warning) => /believed, not proven/.test(warning)), [true]);
      await assert.rejects(prover("required", asked).rounds(world.federation, [1]), failure("proofs-not-offered"));
    }
  });

  it("asks those of several endpoints that offer proofs, and holds it against none that it does not", async () => {
    behave(unsupported, 0, 1);
    for (let i = 0; i < 3; i++) assert.equal((await prover("required", agreed()).rounds(world.federation, [1]))?.rounds.get(1)?.state, "Final");
  });

  it("takes no proof from one of several endpoints that forges it, and the right one from another", async () => {
    behave(forging((proof) => proof.storageProof.forEach((entry) => entry.proof.pop())), 1);
    for (let i = 0; i < 3; i++) assert.equal((await prover("required", agreed()).rounds(world.federation, [1]))?.rounds.get(1)?.state, "Final");
  });

  it("refuses a forged proof, a stale block's, another account's, and a header with a wrong field", async () => {
    // Blocks without a transaction share a state: what was true then is true now.
    const [first] = await world.kernel.rounds.getEvents.RoundSealed({ federation: world.federation, round: 1 }, { fromBlock: world.kernel.deployment.fromBlock });
    const stale = toHex(first?.blockNumber ?? 0n);
    const lies: readonly (readonly [Fault, string])[] = [
      [forging(({ storageProof }) => storageProof.forEach((entry) => entry.proof.splice(0, 1))), "proof-invalid"],
      [forging(({ accountProof }) => accountProof.reverse()), "proof-invalid"],
      [forging((proof) => (proof.storageProof = [])), "proof-invalid"],
      [on("eth_getProof", (request, ask) => ask({ params: [request.params[0], request.params[1], stale] })), "proof-invalid"],
      [on("eth_getProof", (request, ask) => ask({ params: [world.kernel.seats.address, request.params[1], request.params[2]] })), "proof-invalid"],
      [on("eth_getBlockByNumber", async (_, ask) => ({ result: { ...((await ask()) as { result: object }).result, stateRoot: `0x${"11".repeat(32)}` } })), "header-invalid"],
      [on("eth_getBlockByNumber", async () => ({ result: null })), "header-invalid"],
    ];
    for (const [i, [lie, code]] of lies.entries()) {
      behave(lie, 0);
      await assert.rejects(prover().rounds(world.federation, [1]), failure(code), `lie ${i}`);
    }
  });

  it("stops who would sign on a round that the endpoint invents", async () => {
    const { federation } = world;
    const { hash } = await world.state(1);
    const believed = (change: object) => new Map([[1, { hash, states: ["Final"] as const, ...change }]]);
    await requireProven(prover(), federation, believed({}));
    for (const change of [{ hash: `0x${"22".repeat(32)}` as Hex }, { states: ["Void"] as const }, { attempt: 7 }]) {
      await assert.rejects(requireProven(prover(), federation, believed(change)), (error: unknown) => failure("proof-contradicts")(error) && (error as { retryable?: boolean }).retryable === true);
    }
  });

  it("lets no operator sign a settlement where proofs are required and nobody offers them", async () => {
    behave(unsupported, 0);
    const { setting, federation, store } = world;
    const settle = (policy: ProofPolicy) =>
      proposeSettlement({ ...setting, prover: prover(policy) }, { federation, lastRound: 1, scoringId: 1, store, scored: [{ round: 1, parentRound: 0, seats: [0], weights: [1], roots: [] }], previousMembers: new Uint8Array() });
    await assert.rejects(settle("required"), failure("proofs-not-offered"));
    assert.equal((await world.kernel.settlement.read.accountOf([federation])).state, 0);
  });
});

const toHex = (value: bigint): Hex => `0x${value.toString(16)}`;
