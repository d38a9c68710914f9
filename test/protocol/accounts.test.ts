import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { bytesToHex, hexToBytes, stringToBytes, type Hex } from "viem";
import { decodeInvitation, encodeAssertion, encodeInvitation, readPublicKey, requireVerified, rpIdHash } from "../../protocol/accounts/index.ts";
import { createAuthenticator, randomHash } from "../support/authenticator.ts";

interface Vectors {
  readonly invitation: { readonly link: string; readonly officer: Hex; readonly value: { readonly organisation: number; readonly expiry: string } };
  readonly acceptance: { readonly qx: Hex; readonly qy: Hex };
  readonly batch: { readonly digest: Hex };
  readonly assertion: { readonly spki: Hex; readonly authenticatorData: Hex; readonly clientDataJSON: string; readonly derSignature: Hex; readonly encoded: Hex };
}
const vectors = JSON.parse(readFileSync(new URL("../../protocol/vectors/accounts.json", import.meta.url), "utf8")) as Vectors;
const recorded = () => ({
  authenticatorData: hexToBytes(vectors.assertion.authenticatorData),
  clientDataJSON: stringToBytes(vectors.assertion.clientDataJSON),
  signature: hexToBytes(vectors.assertion.derSignature),
});
const refused = (work: () => unknown, code: string) => assert.throws(work, { code });

describe("a passkey's answer", () => {
  it("of the vectors is truly of its key, over the batch", () => {
    const { spki, authenticatorData, clientDataJSON, derSignature } = vectors.assertion;
    const signed = Buffer.concat([hexToBytes(authenticatorData), createHash("sha256").update(clientDataJSON).digest()]);
    const key = createPublicKey({ key: Buffer.from(hexToBytes(spki)), format: "der", type: "spki" });
    assert.ok(verify("sha256", signed, key, hexToBytes(derSignature)));
    const { challenge } = JSON.parse(clientDataJSON) as { challenge: string };
    assert.equal(bytesToHex(Buffer.from(challenge, "base64url")), vectors.batch.digest);
  });

  it("is encoded with s in its low form, and the offsets of challenge and type", () => {
    const encoded = encodeAssertion(recorded());
    assert.equal(encoded, vectors.assertion.encoded);
    const word = (i: number): bigint => BigInt(`0x${encoded.slice(2 + 64 * i, 66 + 64 * i)}`);
    assert.ok(word(1) <= 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n);
    assert.deepEqual([word(2), word(3)], [23n, 1n]);
  });

  it("is refused when it was damaged, or says that nobody was verified", () => {
    const honest = recorded();
    const flipped = (at: number) => honest.signature.with(at, (honest.signature[at] ?? 0) ^ 0xff);
    for (const signature of [flipped(0), flipped(1), flipped(2), flipped(3), honest.signature.subarray(0, 40), new Uint8Array()]) {
      refused(() => encodeAssertion({ ...honest, signature }), "passkey-invalid");
    }
    refused(() => encodeAssertion({ ...honest, clientDataJSON: stringToBytes('{"type":"webauthn.create","challenge":"x"}') }), "passkey-invalid");
    for (const flags of [0x00, 0x01, 0x04]) refused(() => requireVerified(honest.authenticatorData.with(32, flags)), "passkey-invalid");
  });

  it("with short integers encodes too", () => {
    // DER drops leading zeros: one signature of 128 has one.
    const passkey = createAuthenticator();
    for (let i = 0; i < 300; i++) assert.equal(passkey.sign(randomHash()).slice(2).length % 64, 0);
  });

  it("comes with a key of P-256 or none", () => {
    assert.deepEqual(readPublicKey(hexToBytes(vectors.assertion.spki)), { qx: vectors.acceptance.qx, qy: vectors.acceptance.qy });
    refused(() => readPublicKey(hexToBytes(vectors.assertion.spki).with(10, 0)), "passkey-invalid");
    refused(() => readPublicKey(new Uint8Array(91)), "passkey-invalid");
  });

  it("names its site by SHA-256", () => {
    assert.equal(rpIdHash("localhost"), "0x49960de5880e8c687434170f6476605b8fe4aeb9a28632c7995cf3ba831d9763");
  });
});

describe("an invitation's link", () => {
  it("is read back as it was written", () => {
    const read = decodeInvitation(vectors.invitation.link);
    assert.equal(encodeInvitation(read), vectors.invitation.link);
    assert.deepEqual([read.invitation.organisation, read.invitation.expiry, read.officer], [7, BigInt(vectors.invitation.value.expiry), vectors.invitation.officer]);
  });

  it("that is cut off, changed or of another version is refused", () => {
    const { link } = vectors.invitation;
    for (const text of ["", link.slice(0, 150), `${link}!`, `B${link.slice(1)}`, "x".repeat(5000)]) refused(() => decodeInvitation(text), "invitation-malformed");
  });
});
