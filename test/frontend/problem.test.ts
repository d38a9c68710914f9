import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BaseError, ContractFunctionExecutionError, ContractFunctionRevertedError, encodeErrorResult, HttpRequestError, InsufficientFundsError, UserRejectedRequestError, zeroAddress } from "viem";
import { explainProblem, PROBLEM_KINDS } from "../../frontend/src/tx/problem.ts";
import { transactionEn } from "../../frontend/src/tx/text.en.ts";
import { transactionZh } from "../../frontend/src/tx/text.zh.ts";
import { wordsFor } from "../../frontend/src/tx/words.ts";
import * as abis from "../../protocol/abi/index.ts";
import { rewardsVaultAbi } from "../../protocol/abi/index.ts";

const proof = [0, zeroAddress, 1n] as const;
const reverts = {
  VaultNothingToClaim: encodeErrorResult({ abi: rewardsVaultAbi, errorName: "VaultNothingToClaim", args: [0, 5n, 5n] }),
  VaultBadProof: encodeErrorResult({ abi: rewardsVaultAbi, errorName: "VaultBadProof", args: proof }),
  VaultZeroRecipient: encodeErrorResult({ abi: rewardsVaultAbi, errorName: "VaultZeroRecipient" }),
};

function reverted(data: `0x${string}`): ContractFunctionExecutionError {
  const cause = new ContractFunctionRevertedError({ abi: rewardsVaultAbi, data, functionName: "claim" });
  return new ContractFunctionExecutionError(cause, { abi: rewardsVaultAbi, functionName: "claim", args: [0, 5n, []] });
}

const kindAndRevert = (error: unknown) => {
  const { kind, revert } = explainProblem(error);
  return [kind, revert];
};

describe("a failed transaction in plain words", () => {
  it("names what the contract refused", () => {
    assert.deepEqual(kindAndRevert(reverted(reverts.VaultNothingToClaim)), ["reverted", "VaultNothingToClaim"]);
    assert.deepEqual(kindAndRevert(reverted(reverts.VaultBadProof)), ["reverted", "VaultBadProof"]);
    assert.deepEqual(kindAndRevert(reverted(reverts.VaultZeroRecipient)), ["reverted", "VaultZeroRecipient"]);
  });
  it("finds the cause below viem's and wagmi's wrapping", () => {
    const inner = new UserRejectedRequestError(new Error("User rejected the request."));
    assert.equal(explainProblem(new BaseError("outer", { cause: new BaseError("middle", { cause: inner }) })).kind, "rejected");
    assert.equal(explainProblem(new BaseError("outer", { cause: new InsufficientFundsError() })).kind, "no-funds");
    assert.equal(explainProblem(new BaseError("outer", { cause: new HttpRequestError({ url: "http://127.0.0.1" }) })).kind, "unreachable");
  });
  it("reads the codes of wallets that throw plain objects", () => {
    assert.equal(explainProblem({ code: 4001, message: "no" }).kind, "rejected");
    assert.equal(explainProblem({ code: 4902 }).kind, "wrong-chain");
    assert.equal(explainProblem({ code: -32_002 }).kind, "busy-wallet");
  });
  it("admits what it does not know, and keeps the technical words", () => {
    assert.deepEqual(explainProblem(new Error("boom")), { kind: "unknown", detail: "boom" });
    assert.equal(explainProblem(undefined).kind, "unknown");
  });
  it("has words for every kind in both languages, and names what it has no words for", () => {
    for (const text of [transactionEn, transactionZh]) {
      for (const kind of PROBLEM_KINDS) assert.ok(wordsFor({ kind }, text).length > 5);
      assert.equal(wordsFor({ kind: "reverted", revert: "VaultBadProof" }, text), text.reverts["VaultBadProof"]);
      assert.match(wordsFor({ kind: "reverted", revert: "SeatsUnknownSeat" }, text), /SeatsUnknownSeat/);
    }
  });
  it("words only errors that a contract of the kernel can give, the same ones in both languages", () => {
    const names = new Set<string>(Object.values(abis).flatMap((abi) => abi.filter(({ type }) => type === "error").map((item) => ("name" in item ? item.name : ""))));
    assert.deepEqual(Object.keys(transactionZh.reverts).sort(), Object.keys(transactionEn.reverts).sort());
    for (const name of Object.keys(transactionEn.reverts)) assert.ok(names.has(name), name);
  });
});
