import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { encodeJson, type Json } from "../../../protocol/index.ts";
import { type EnvelopeContext, openEnvelope, parseEnvelope, sealEnvelope } from "../../../protocol/privacy/envelope.ts";
import { createRegister, decodeRegister, encodeRegister, keyIdsOf, requireIndependentAuditors } from "../../../protocol/privacy/escrow.ts";
import { decodeSlip, encodeSlip, type KeySlip, openSlip, sealSlip, slipProblem } from "../../../protocol/privacy/key-slip.ts";
import { seededBytes } from "../support/bytes.ts";
import { accountOf, type Escrow, makeEscrow } from "../support/escrow.ts";
import { LEDGER } from "../support/round.ts";
import { withCode } from "../support/throws.ts";

const context: EnvelopeContext = { chainId: 31_337, ledger: LEDGER, federation: 1, round: 4, seat: 7, updateRoot: `0x${"5a".repeat(32)}` };
const payload = Uint8Array.from({ length: 1_000 }, (_, i) => i);
const hexOf = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString("hex");

let escrow: Escrow;
let sealed: Awaited<ReturnType<Escrow["seal"]>>;
const slipOf = (): KeySlip => decodeSlip(escrow.slips.get(sealed.id) ?? new Uint8Array(), sealed.id);
before(async () => {
  escrow = await makeEscrow();
  sealed = await escrow.seal(payload, context);
});

describe("the library behind the wrapping", () => {
  it("derives keys as RFC 9180 does in its appendix A.1", async () => {
    const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
    const from = (hex: string) => new Uint8Array(Buffer.from(hex, "hex")).buffer;
    // RFC 9180, A.1.1: ikmE and ikmR give pkEm and pkRm.
    const ephemeral = await suite.kem.deriveKeyPair(from("7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234"));
    assert.equal(hexOf(await suite.kem.serializePublicKey(ephemeral.publicKey)), "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
    const recipient = await suite.kem.deriveKeyPair(from("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037"));
    assert.equal(hexOf(await suite.kem.serializePublicKey(recipient.publicKey)), "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
  });
});

describe("an envelope", () => {
  it("opens for every reader that the register names, to the same bytes", async () => {
    for (const key of [escrow.keys.first, escrow.keys.second, escrow.keys.auditor]) {
      const opened = await escrow.readerOf(key).open(sealed.bytes, context, escrow.register);
      assert.deepEqual(opened.payload, payload);
      assert.equal(opened.slipProblem, null);
    }
  });

  it("opens for nobody else, and not without its slip", async () => {
    await assert.rejects(escrow.readerOf(escrow.keys.stranger).open(sealed.bytes, context, escrow.register), withCode("envelope-key-missing"));
    const other = await sealEnvelope(payload, context, keyIdsOf(escrow.register), seededBytes("no slip"));
    await assert.rejects(escrow.readerOf(escrow.keys.first).open(other.bytes, context, escrow.register), withCode("envelope-key-missing"));
  });

  it("shows nothing of the payload, and is another one each time", async () => {
    const zeros = await sealEnvelope(new Uint8Array(4_096), context, keyIdsOf(escrow.register), seededBytes("a"));
    assert(!hexOf(zeros.bytes).includes("00".repeat(16)));
    assert.notDeepEqual(zeros.bytes, (await sealEnvelope(new Uint8Array(4_096), context, keyIdsOf(escrow.register), seededBytes("b"))).bytes);
  });

  it("attack_movedToAnotherChainLedgerFederationRoundSeatOrRoot", async () => {
    const reader = escrow.readerOf(escrow.keys.auditor);
    for (const change of [{ chainId: 1 }, { ledger: accountOf(9) }, { federation: 2 }, { round: 5 }, { seat: 8 }, { updateRoot: `0x${"5b".repeat(32)}` as const }]) {
      await assert.rejects(reader.open(sealed.bytes, { ...context, ...change }, escrow.register), withCode("envelope-invalid"));
    }
  });

  /** Rewrites the header, as somebody would who wants to keep ciphertext and key. */
  const withHeader = (change: Record<string, Json>): Uint8Array => {
    const { header, ciphertext } = parseEnvelope(sealed.bytes);
    const bytes = encodeJson({ ...header, ledger: header.ledger.toLowerCase(), ...change } as unknown as Json);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return new Uint8Array(Buffer.concat([length, bytes, ciphertext]));
  };

  it("attack_rewrittenHeader: context, readers, nonce and commitment are all authenticated", async () => {
    assert.deepEqual(withHeader({}), sealed.bytes);
    const { header } = parseEnvelope(sealed.bytes);
    const changes: Record<string, Json>[] = [
      { seat: 8 }, { round: 5 }, { recipients: header.recipients.slice(1) }, { recipients: [...header.recipients].toReversed() },
      { recipients: [escrow.keys.stranger.keyId, ...header.recipients.slice(1)] }, { nonce: `0x${"00".repeat(12)}` },
    ];
    for (const change of changes) await assert.rejects(openEnvelope(parseEnvelope(withHeader(change)), sealed.objectKey), withCode("envelope-invalid"), JSON.stringify(change));
    await assert.rejects(openEnvelope(parseEnvelope(withHeader({ keyCommitment: `0x${"00".repeat(32)}` })), sealed.objectKey), withCode("envelope-invalid", /commits/));
  });

  it("attack_secondKey: a ciphertext that opens under another key is refused by its commitment", async () => {
    await assert.rejects(openEnvelope(parseEnvelope(sealed.bytes), new Uint8Array(32).fill(1)), withCode("envelope-invalid", /commits/));
  });

  it("attack_flippedBit: anywhere", async () => {
    for (let at = 0; at < sealed.bytes.length; at += 7) {
      const flipped = sealed.bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      await assert.rejects((async () => await openEnvelope(parseEnvelope(flipped), sealed.objectKey))(), withCode("envelope-invalid"), `byte ${at}`);
    }
  });

  it("attack_truncatedOrProlonged", () => {
    for (const length of [0, 3, 4, 50, sealed.bytes.length - 17, sealed.bytes.length - 1]) assert.throws(() => parseEnvelope(sealed.bytes.subarray(0, length)), withCode("envelope-invalid"));
    assert.throws(() => parseEnvelope(new Uint8Array([...sealed.bytes, 0])), withCode("envelope-invalid"));
    assert.throws(() => parseEnvelope(Uint8Array.of(255, 255, 255, 255, 1)), withCode("envelope-invalid"));
  });

  it("attack_headerThatIsNoneOfOurs: newer versions, other ciphers, surplus fields, huge sizes, no readers", () => {
    for (const change of [{ version: 2 }, { alg: "none" }, { patient: "name" }, { bytes: 2 ** 40 }, { bytes: 999 }, { recipients: [] }, { nonce: "0x00" }] as Record<string, Json>[]) {
      assert.throws(() => parseEnvelope(withHeader(change)), withCode("envelope-invalid"), JSON.stringify(change));
    }
  });

  it("takes 50 MB", async () => {
    const large = new Uint8Array(50 * 2 ** 20).fill(7);
    const { bytes, objectKey } = await sealEnvelope(large, context, keyIdsOf(escrow.register), seededBytes("large"));
    const opened = await openEnvelope(parseEnvelope(bytes), objectKey);
    assert.equal(opened.length, large.length);
    assert.equal(Buffer.compare(opened, large), 0);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await assert.rejects(openEnvelope(parseEnvelope(bytes), objectKey), withCode("envelope-invalid"));
  });
});

describe("a key slip", () => {
  it("can be made again by whoever opened it", async () => {
    assert.deepEqual(await sealSlip(sealed.objectKey, sealed.id, escrow.publicKeys), slipOf());
    assert.equal(await slipProblem(slipOf(), sealed.objectKey, escrow.publicKeys), null);
  });

  it("attack_auditorGetsAnotherKeyThanTheOperators", async () => {
    const wrong = await sealSlip(new Uint8Array(32).fill(9), sealed.id, escrow.publicKeys);
    const at = slipOf().keys.findIndex(({ keyId }) => keyId === escrow.keys.auditor.keyId);
    const slip = { ...slipOf(), keys: slipOf().keys.map((key, i) => (i === at ? (wrong.keys[i] ?? key) : key)) };
    assert.match((await slipProblem(slip, sealed.objectKey, escrow.publicKeys)) ?? "", new RegExp(escrow.keys.auditor.keyId));
    escrow.slips.set(sealed.id, encodeSlip(slip));
    const { slipProblem: seenByOperator } = await escrow.readerOf(escrow.keys.first).open(sealed.bytes, context, escrow.register);
    assert.notEqual(seenByOperator, null, "the operator sees it though it opens its own");
    await assert.rejects(escrow.readerOf(escrow.keys.auditor).open(sealed.bytes, context, escrow.register), withCode("envelope-invalid", /commits/));
    escrow.slips.set(sealed.id, encodeSlip(await sealSlip(sealed.objectKey, sealed.id, escrow.publicKeys)));
  });

  it("attack_swappedReaders: one reader's wrapping under another's name", async () => {
    const [a, b, ...rest] = slipOf().keys;
    assert(a !== undefined && b !== undefined);
    const slip = { ...slipOf(), keys: [{ ...b, keyId: a.keyId }, { ...a, keyId: b.keyId }, ...rest] };
    for (const key of [escrow.keys.first, escrow.keys.second, escrow.keys.auditor].filter(({ keyId }) => keyId === a.keyId || keyId === b.keyId)) {
      await assert.rejects(openSlip(slip, key), withCode("key-slip-invalid"));
    }
    assert.equal(await slipProblem({ ...slipOf(), keys: slipOf().keys.slice(1) }, sealed.objectKey, escrow.publicKeys), "2 keys for 3 readers");
  });

  it("attack_slipOfAnotherEnvelope", async () => {
    const other = await escrow.seal(payload, { ...context, seat: 8 });
    assert.throws(() => decodeSlip(escrow.slips.get(other.id) ?? new Uint8Array(), sealed.id), withCode("key-slip-invalid"));
    const forged = { ...decodeSlip(escrow.slips.get(other.id) ?? new Uint8Array(), other.id), envelope: sealed.id };
    await assert.rejects(openSlip(forged, escrow.keys.first), withCode("key-slip-invalid"));
  });

  it("is refused when it is malformed", () => {
    for (const change of [{ version: 2 }, { keys: [{ keyId: "0x", encapsulated: "0x", wrapped: "0x" }] }, { patient: "name" }]) {
      assert.throws(() => decodeSlip(encodeJson({ ...slipOf(), ...change } as unknown as Json), sealed.id), withCode("key-slip-invalid"));
    }
    assert.throws(() => decodeSlip(new TextEncoder().encode("{"), sealed.id), withCode("json-invalid"));
  });
});

describe("the register of readers", () => {
  it("comes back from its file", () => assert.deepEqual(decodeRegister(encodeRegister(escrow.register)), escrow.register));

  it("attack_operatorsAloneRead: nobody to audit, or an auditor who is an operator", () => {
    const [one, ...others] = escrow.register.recipients;
    assert(one !== undefined);
    const operators = escrow.register.recipients.filter(({ role }) => role === "operator");
    assert.throws(() => createRegister(operators), withCode("escrow-invalid", /no auditor/));
    assert.throws(() => createRegister(escrow.register.recipients.filter(({ role }) => role === "auditor")), withCode("escrow-invalid", /no operator/));
    const posing = escrow.register.recipients.map((recipient) => (recipient.role === "auditor" ? { ...recipient, account: accountOf(1) } : recipient));
    assert.throws(() => createRegister(posing), withCode("escrow-invalid", /is an operator/));
    assert.throws(() => requireIndependentAuditors(escrow.register, [accountOf(3)]), withCode("escrow-invalid"));
    assert.throws(() => createRegister([one, one, ...others]), withCode("escrow-invalid"));
  });
});
