import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BaseError, ContractFunctionExecutionError, ContractFunctionRevertedError, encodeErrorResult, HttpRequestError, InsufficientFundsError, UserRejectedRequestError, zeroAddress } from "viem";
import { explainProblem } from "../../frontend/src/claims/problem.ts";
import { en } from "../../frontend/src/i18n/en.ts";
import { zh } from "../../frontend/src/i18n/zh.ts";
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

describe("a failed claim in plain words", () => {
  it("names what the contract refused", () => {
    assert.equal(explainProblem(reverted(reverts.VaultNothingToClaim)).kind, "nothing-to-claim");
    assert.equal(explainProblem(reverted(reverts.VaultBadProof)).kind, "overtaken");
    assert.equal(explainProblem(reverted(reverts.VaultZeroRecipient)).kind, "reverted");
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
  it("has words for every kind in both languages", () => {
    for (const dictionary of [en, zh]) {
      for (const words of Object.values(dictionary.claim.problems)) assert.ok(words.length > 5);
    }
  });
});
