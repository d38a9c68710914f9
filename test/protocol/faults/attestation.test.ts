import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hashTypedData, keccak256, toBytes } from "viem/utils";
import { attestationDigest, attestationHash, attestationTypedData, type Attestation } from "../../../protocol/faults/attestation.ts";
import { createDomain, digestOf } from "../../../protocol/index.ts";
import { SAMPLES } from "../support/structs.ts";
import { withCode } from "../support/throws.ts";

const ATTESTATION: Attestation = { federation: 1, round: 2, attempt: 3, reportHash: `0x${"04".repeat(32)}` };
const DOMAIN = createDomain(31337, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

describe("attestations", () => {
  test("the digest is that of the typed data", () => {
    assert.equal(attestationDigest(DOMAIN, ATTESTATION), hashTypedData(attestationTypedData(DOMAIN, ATTESTATION)));
    const typeHash = keccak256(toBytes("Attestation(uint32 federation,uint32 round,uint8 attempt,bytes32 reportHash)"));
    const words = [1, 2, 3].map((value) => value.toString(16).padStart(64, "0")).join("");
    assert.equal(attestationHash(ATTESTATION), keccak256(`${typeHash}${words}${"04".repeat(32)}`));
  });

  test("every field, and the domain, changes it", () => {
    const changes = [{}, { federation: 9 }, { round: 9 }, { attempt: 9 }, { reportHash: `0x${"05".repeat(32)}` as const }];
    const digests = changes.map((change) => attestationDigest(DOMAIN, { ...ATTESTATION, ...change }));
    const elsewhere = attestationDigest({ ...DOMAIN, chainId: 1 }, ATTESTATION);
    assert.equal(new Set([...digests, elsewhere, digestOf(DOMAIN, "Report", SAMPLES.Report)]).size, 7);
  });

  test("a field that does not fit is refused", () => {
    for (const change of [{ federation: 2 ** 32 }, { attempt: 256 }, { reportHash: "0x04" as const }]) {
      assert.throws(() => attestationHash({ ...ATTESTATION, ...change }), withCode("out-of-range"));
    }
  });
});
