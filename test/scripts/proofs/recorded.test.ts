// The prover over an endpoint that answers as a chain of anvil did: see test/protocol/proofs. On a chain that runs: prover.long.test.ts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RpcRequestError, type Hex, type PublicClient } from "viem";
import { requireProven, type BelievedRound } from "../../../scripts/chain/proofs/believed.ts";
import { createProver, type ProofPolicy } from "../../../scripts/chain/proofs/prover.ts";
import { deployment, question, recorded } from "../../protocol/proofs/support.ts";

type Answer = (params: readonly unknown[]) => unknown;
const proofOf: Answer = ([address, keys]) => {
  const { accountProof, storageProof } = Object.entries(recorded.proofs).find(([known]) => known.toLowerCase() === String(address).toLowerCase())?.[1] ?? assert.fail();
  return { accountProof, storageProof: storageProof.filter(({ key }) => (keys as Hex[]).some((wanted) => BigInt(wanted) === BigInt(key))) };
};
const unsupported: Answer = () => {
  throw new RpcRequestError({ body: {}, url: "http://127.0.0.1:1", error: { code: -32_601, message: "no such method" } });
};

function proverOf(proof: Answer = proofOf, policy: ProofPolicy = "offered") {
  const asked: string[] = [];
  const warnings: string[] = [];
  const request = async ({ method, params }: { readonly method: string; readonly params: readonly unknown[] }) => {
    asked.push(method);
    return method === "eth_getProof" ? proof(params) : recorded.block;
  };
  const client = { request } as unknown as Pick<PublicClient, "request">;
  return { asked, warnings, prover: createProver({ client, deployment, policy, warn: (message) => void warnings.push(message) }) };
}

const failure = (code: string) => (error: unknown) => error instanceof Error && "code" in error && (assert.equal(error.code, code), true);
const { federation } = question;
const hash = recorded.said.rounds["4"]?.["hash"] as Hex;
const final = { hash, states: ["Final"] } as const;

describe("prover over recorded answers", () => {
  it("proves what an operator is about to sign on", async () => {
    const { prover, asked } = proverOf();
    await requireProven(prover, federation, new Map<number, BelievedRound>([[4, final], [1, { hash: null, states: ["Final", "Void"] }]]));
    assert.deepEqual(asked, ["eth_getBlockByNumber", "eth_getProof"]);
    assert.equal((await prover.ledger(question))?.proven.rounds.get(4)?.hash, hash);
  });

  it("stops a signature on a round that an endpoint invents", async () => {
    const { prover } = proverOf();
    for (const lie of [{ ...final, hash: `0x${"22".repeat(32)}` as Hex }, { ...final, states: ["Reported"] as const }, { ...final, attempt: 1 }]) {
      await assert.rejects(requireProven(prover, federation, new Map([[4, lie]])), failure("proof-contradicts"));
    }
  });

  it("says once that no endpoint offers proofs, or signs nothing where they are required", async () => {
    const { prover, warnings } = proverOf(unsupported);
    for (let i = 0; i < 3; i++) await requireProven(prover, federation, new Map([[4, final]]));
    assert.equal(warnings.length, 1);
    await assert.rejects(requireProven(proverOf(unsupported, "required").prover, federation, new Map([[4, final]])), failure("proofs-not-offered"));
  });

  it("asks again for a proof that does not hold, and gives up when none does", async () => {
    let count = 0;
    const { prover } = proverOf((params) => (++count < 3 ? { accountProof: ["0x80"], storageProof: [] } : proofOf(params)));
    await requireProven(prover, federation, new Map([[4, final]]));
    assert.equal(count, 3);
    await assert.rejects(proverOf(() => null).prover.rounds(federation, [4]), failure("proof-invalid"));
  });

  it("takes no other failure of an endpoint for one that offers no proofs", async () => {
    const { prover } = proverOf(() => {
      throw new RpcRequestError({ body: {}, url: "http://127.0.0.1:1", error: { code: -32_000, message: "missing trie node" } });
    });
    await assert.rejects(prover.rounds(federation, [4]), /missing trie node/);
  });

  it("asks nothing of anybody without a prover", async () => {
    await requireProven(null, federation, new Map([[4, final]]));
    await requireProven(undefined, federation, new Map([[4, final]]));
  });
});
