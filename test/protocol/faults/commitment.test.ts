import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Address } from "viem";
import { encodeAbiParameters, keccak256, parseAbiParameters } from "viem/utils";
import { faultCommitment } from "../../../protocol/faults/commitment.ts";
import { withCode } from "../support/throws.ts";

const [CHALLENGER, VERIFIER]: [Address, Address] = ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"];
const PROOF = Uint8Array.of(1, 2, 3);

describe("the commitment to a proof", () => {
  test("is the hash of the challenger, the target, the verifier and the proof's hash", () => {
    for (const [federation, target] of [[0, 0], [1, 2], [2 ** 32 - 1, 2 ** 32 - 1]] as const) {
      const types = parseAbiParameters("address, uint32, uint32, address, bytes32");
      const expected = keccak256(encodeAbiParameters(types, [CHALLENGER, federation, target, VERIFIER, keccak256(PROOF)]));
      assert.equal(faultCommitment(CHALLENGER, federation, target, VERIFIER, PROOF), expected);
    }
  });

  test("says nothing else: every part changes it", () => {
    const all = [
      faultCommitment(CHALLENGER, 1, 2, VERIFIER, PROOF), faultCommitment(VERIFIER, 1, 2, VERIFIER, PROOF), faultCommitment(CHALLENGER, 2, 2, VERIFIER, PROOF),
      faultCommitment(CHALLENGER, 1, 1, VERIFIER, PROOF), faultCommitment(CHALLENGER, 1, 2, CHALLENGER, PROOF), faultCommitment(CHALLENGER, 1, 2, VERIFIER, PROOF.subarray(1)),
    ];
    assert.equal(new Set(all).size, all.length);
  });

  test("takes addresses and 32-bit numbers only", () => {
    assert.throws(() => faultCommitment("0x12", 1, 2, VERIFIER, PROOF), withCode("column-invalid"));
    assert.throws(() => faultCommitment(CHALLENGER, 1, 2, `${VERIFIER}00`, PROOF), withCode("column-invalid"));
    assert.throws(() => faultCommitment(CHALLENGER, 2 ** 32, 2, VERIFIER, PROOF), withCode("out-of-range", /federation/));
    assert.throws(() => faultCommitment(CHALLENGER, 1, -1, VERIFIER, PROOF), withCode("out-of-range", /target/));
  });
});
