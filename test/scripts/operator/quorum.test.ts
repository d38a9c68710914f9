// How signatures of several operators come together: whoever is dead, slow or lying costs its own signature and nothing else.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hex } from "viem";
import { zeroHash } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createDomain, digestOf, recoverSigner, toCompactSignature, type Report } from "../../../protocol/index.ts";
import type { Kernel } from "../../../scripts/chain/kernel.ts";
import { signStruct } from "../../../scripts/chain/sign.ts";
import { collectQuorum, type Operator, type OperatorElsewhere, type SignatureRequest } from "../../../scripts/operator/quorum.ts";

const domain = createDomain(31_337, "0x00000000000000000000000000000000000000aa");
const report: Report = { federation: 1, round: 2, attempt: 0, sealHash: zeroHash, modelRoot: zeroHash, metricsHash: zeroHash, excluded: 0n, artefact: zeroHash };
const request: SignatureRequest<"Report"> = { domain, name: "Report", value: report };
const keys = [1, 2, 3, 4].map((n) => privateKeyToAccount(`0x${n.toString(16).padStart(64, "0")}`)).sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
type Key = (typeof keys)[number];
const [first, second, third, fourth] = keys as [Key, Key, Key, Key];
const stranger = privateKeyToAccount(`0x${"77".repeat(32)}`);

/** As much of a kernel as is read here: four operators, three must sign. */
const kernel = { operators: { read: { currentEpoch: async () => Promise.resolve({ number: 1, threshold: 3 }), signersOf: async () => Promise.resolve(keys.map(({ address }) => address)) } } } as unknown as Kernel;
const signed = async (key: Key, value: Report = report): Promise<Hex> => toCompactSignature(await signStruct(key, domain, "Report", value));
const elsewhere = (key: Key, ask: OperatorElsewhere["ask"] = async () => signed(key)): Operator => ({ address: key.address, ask });
const agrees = async (): Promise<void> => Promise.resolve();
const never = async (): Promise<Hex> => new Promise(() => undefined);

async function signersOf(signatures: Hex): Promise<string[]> {
  const digest = digestOf(domain, "Report", report);
  return Promise.all((signatures.slice(2).match(/.{128}/g) ?? []).map(async (signature) => recoverSigner(digest, `0x${signature}`)));
}

describe("a quorum of several services", () => {
  it("is in the order of the epoch, whoever answers first", async () => {
    const slow = elsewhere(first, async () => new Promise((resolve) => setTimeout(() => resolve(signed(first)), 50)));
    const { signers, signatures } = await collectQuorum(kernel, [elsewhere(fourth), elsewhere(second), slow], request, agrees);
    assert.equal(signers, 0b1011);
    assert.deepEqual(await signersOf(signatures), [first, second, fourth].map(({ address }) => address));
  });

  it("does not wait for one that is silent, and tells it that it is no longer needed", async () => {
    let told: AbortSignal | null = null;
    const silent = elsewhere(second, async (_, signal) => {
      told = signal;
      return never();
    });
    const { signers } = await collectQuorum(kernel, [elsewhere(first), silent, elsewhere(third), { account: fourth }], request, agrees, { within: 60_000 });
    assert.equal(signers, 0b1101);
    assert.equal((told as AbortSignal | null)?.aborted, true);
  });

  it("gives up after its time limit when too few answer", async () => {
    const before = Date.now();
    await assert.rejects(collectQuorum(kernel, [elsewhere(first), elsewhere(second, never), elsewhere(third, never), elsewhere(fourth)], request, agrees, { within: 100 }), { code: "quorum-missing", retryable: true });
    assert.ok(Date.now() - before < 5_000);
  });

  it("gives up at once when nobody is left to wait for", async () => {
    const refuses = async (): Promise<Hex> => Promise.reject(new Error("the model differs"));
    const asked = collectQuorum(kernel, [elsewhere(first), elsewhere(second, refuses), elsewhere(third, refuses), elsewhere(fourth)], request, agrees);
    await assert.rejects(asked, ({ message }: Error) => message.includes(second.address) && message.includes("the model differs"));
  });

  const wrong: readonly [string, OperatorElsewhere["ask"]][] = [
    ["attack_signatureOverSomethingElse", async () => signed(second, { ...report, attempt: 1 })],
    ["attack_signatureByAStranger", async () => signed(stranger)],
    ["attack_signatureOfAnotherOperator", async () => signed(first)],
    ["attack_signatureThatIsNone", async () => Promise.resolve<Hex>(`0x${"00".repeat(64)}`)],
    ["attack_signatureInHighS", async () => Promise.resolve<Hex>(`0x${"11".repeat(32)}${"7f".repeat(32)}`)],
  ];
  for (const [name, ask] of wrong) {
    it(`${name}: counts as a refusal, and the others go on without it`, async () => {
      const { signers, signatures } = await collectQuorum(kernel, [elsewhere(first), elsewhere(second, ask), elsewhere(third), elsewhere(fourth)], request, agrees);
      assert.equal(signers, 0b1101);
      assert.deepEqual(await signersOf(signatures), [first, third, fourth].map(({ address }) => address));
      await assert.rejects(collectQuorum(kernel, [elsewhere(first), elsewhere(second, ask), elsewhere(third)], request, agrees), ({ message }: Error) => message.includes(`First refusal, by ${second.address}`));
    });
  }

  it("asks each operator of this process only until enough have signed, and writes down before each signature", async () => {
    const noted: string[] = [];
    const checked: string[] = [];
    const here = (key: Key): Operator => ({ account: key, signing: () => void noted.push(key.address) });
    await collectQuorum(kernel, keys.map(here), request, async ({ account }) => void checked.push(account.address));
    assert.deepEqual(noted, keys.slice(0, 3).map(({ address }) => address));
    assert.deepEqual(checked, noted);
    const full: Operator = { account: first, signing: () => { throw new Error("the disk is full"); } };
    await assert.rejects(collectQuorum(kernel, [full, { account: second }, { account: third }], request, agrees), /the disk is full/);
  });
});
