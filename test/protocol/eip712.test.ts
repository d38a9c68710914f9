import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { encodeAbiParameters, hashTypedData, keccak256, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  configHash, createDomain, digestOf, encodeType, fromCompactSignature, hashOf, recoverSigner, sealHash, toCompactSignature, typedDataOf, TYPES,
  type StructName,
} from "../../protocol/index.ts";
import { DEV_KEYS, LEDGER } from "./support/round.ts";
import { SAMPLES } from "./support/structs.ts";
import { withCode } from "./support/throws.ts";

const NAMES = Object.keys(TYPES) as StructName[];
const DOMAIN = createDomain(31_337, LEDGER);
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

test("the types are those of KernelHash.sol, text for text", () => {
  const source = readFileSync(new URL("../../contracts/libraries/KernelHash.sol", import.meta.url), "utf8").replaceAll(/"\s*"/g, "");
  for (const name of ["FederationConfig", "Contribution", "Seal", "Report", "SettlementStatement"] as const) assert(source.includes(`"${encodeType(name)}"`), name);
});

test("the types of the other signatures are those in the interfaces", () => {
  const read = (name: string) => readFileSync(new URL(`../../contracts/interfaces/${name}.sol`, import.meta.url), "utf8");
  assert(read("IRewardsVault").includes(encodeType("Claim")));
  assert(read("IContributors").includes(encodeType("KeyProof")));
  assert(read("IContributors").includes(encodeType("KeySuccession")));
});

for (const name of NAMES) {
  test(`${name}: struct hash, digest and typed data agree with viem's own`, () => {
    assert.equal(digestOf(DOMAIN, name, SAMPLES[name]), hashTypedData(typedDataOf(DOMAIN, name, SAMPLES[name])));
    const values = Object.values(SAMPLES[name]) as (string | number | bigint | boolean)[];
    const encoded = encodeAbiParameters(
      [{ type: "bytes32" }, ...TYPES[name].map(({ type }) => ({ type }))],
      [keccak256(new TextEncoder().encode(encodeType(name))), ...values],
    );
    assert.equal(hashOf(name, SAMPLES[name]), keccak256(encoded), "fields in declaration order");
  });

  test(`${name}: every field, and the domain, changes the digest`, () => {
    const change = (value: string | number | bigint | boolean) => {
      if (typeof value === "bigint") return value === 0n ? 1n : value - 1n;
      if (typeof value === "number") return value === 0 ? 1 : value - 1;
      return typeof value === "boolean" ? !value : value.length === 42 ? LEDGER : `0x${"ee".repeat(32)}`;
    };
    const digests = [
      digestOf(DOMAIN, name, SAMPLES[name]),
      digestOf(createDomain(1, LEDGER), name, SAMPLES[name]),
      digestOf(createDomain(31_337, "0x0000000000000000000000000000000000000001"), name, SAMPLES[name]),
      ...TYPES[name].map(({ name: field }) => {
        const value = (SAMPLES[name] as Record<string, string | number | bigint | boolean>)[field]!;
        return digestOf(DOMAIN, name, { ...SAMPLES[name], [field]: change(value) });
      }),
    ];
    assert.equal(new Set(digests).size, digests.length);
  });
}

test("values that do not fit their Solidity type are refused", () => {
  assert.throws(() => hashOf("Contribution", { ...SAMPLES.Contribution, rho: 2 ** 48 }), withCode("out-of-range", /Contribution/));
  assert.throws(() => hashOf("Contribution", { ...SAMPLES.Contribution, normSq: -1n }), withCode("out-of-range"));
  assert.throws(() => hashOf("Report", { ...SAMPLES.Report, artefact: "0x12" }), withCode("out-of-range"));
  assert.throws(() => configHash({ ...SAMPLES.FederationConfig, poolPerRound: 2n ** 96n }), withCode("out-of-range"));
});

test("sealHash is keccak256(abi.encode(struct hash, weights hash))", () => {
  const weightsHash: Hex = `0x${"77".repeat(32)}`;
  const words = [{ type: "bytes32" }, { type: "bytes32" }];
  assert.equal(sealHash(SAMPLES.Seal, weightsHash), keccak256(encodeAbiParameters(words, [hashOf("Seal", SAMPLES.Seal), weightsHash])));
});

describe("compact signatures", () => {
  const digests = Array.from({ length: 16 }, (_, round) => digestOf(DOMAIN, "Contribution", { ...SAMPLES.Contribution, round }));

  test("both parities go to 64 bytes and back, and recover", async () => {
    const parities = new Set<string>();
    for (const [i, digest] of digests.entries()) {
      const account = privateKeyToAccount(DEV_KEYS[i % 5]!);
      const full = await account.sign({ hash: digest });
      const compact = toCompactSignature(full);
      parities.add(full.slice(-2));
      assert.equal(compact.length, 130);
      assert.equal(fromCompactSignature(compact), full);
      assert.equal(await recoverSigner(digest, compact), account.address);
      assert.notEqual(await recoverSigner(digests[(i + 1) % 16]!, compact), account.address);
    }
    assert.equal(parities.size, 2);
  });

  const word = (value: bigint) => value.toString(16).padStart(64, "0");
  test("the malleable twin of a signature is refused in every form", async () => {
    const full = await privateKeyToAccount(DEV_KEYS[0]!).sign({ hash: digests[0]! });
    const s = BigInt(`0x${full.slice(66, 130)}`);
    const twin: Hex = `0x${full.slice(2, 66)}${word(ORDER - s)}${full.endsWith("1b") ? "1c" : "1b"}`;
    assert.throws(() => toCompactSignature(twin), withCode("signature-invalid", /malleable/));
    // The lowest high s does not use the top bit: it would fit the compact form.
    const high: Hex = `0x${full.slice(2, 66)}${word(ORDER / 2n + 1n)}`;
    assert.throws(() => fromCompactSignature(high), withCode("signature-invalid", /malleable/));
    await assert.rejects(recoverSigner(digests[0]!, high), withCode("signature-invalid"));
    assert.doesNotThrow(() => fromCompactSignature(`0x${full.slice(2, 66)}${word(ORDER / 2n)}`));
  });

  test("zero and too large r or s, other lengths, other v and non-hex are refused", async () => {
    const one = word(1n);
    for (const compact of [`0x${word(0n)}${one}`, `0x${one}${word(0n)}`, `0x${word(ORDER)}${one}`, `0x${one}`, `0x${one}${one}00`, `0x${"zz".repeat(64)}`, "0x"] as Hex[]) {
      assert.throws(() => fromCompactSignature(compact), withCode("signature-invalid"));
    }
    for (const full of [`0x${one}${one}1d`, `0x${one}${one}00`, `0x${one}${one}`, `0x${word(0n)}${one}1b`] as Hex[]) {
      assert.throws(() => toCompactSignature(full), withCode("signature-invalid"));
    }
    // r = 5 is the x-coordinate of no point of the curve.
    await assert.rejects(recoverSigner(digests[0]!, `0x${word(5n)}${one}`), withCode("signature-invalid", /No key/));
  });
});
