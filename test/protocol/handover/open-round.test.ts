import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { hexToBytes, type Hex } from "viem";
import { ChongwenError } from "../../../protocol/index.ts";
import { artefactDigest } from "../../../protocol/unixfs/encode.ts";
import { decodeBundleStatus, encodeBundleStatus, type BundleStatus } from "../../../protocol/handover/bundle-status.ts";
import { decodeOpenRound, encodeOpenRound, OPEN_ROUND_LIMIT } from "../../../protocol/handover/open-round.ts";

interface Refused {
  readonly name: string;
  readonly code: string;
  readonly text: string;
}
interface Vectors {
  readonly openRounds: readonly { readonly name: string; readonly text: string; readonly value: unknown }[];
  readonly refused: readonly Refused[];
  readonly statuses: readonly { readonly text: string; readonly value: BundleStatus }[];
  readonly refusedStatuses: readonly Refused[];
}
const load = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../../protocol/vectors/${name}`, import.meta.url), "utf8"));
const vectors = load("open-round.json") as Vectors;
const bytes = (text: string) => new TextEncoder().encode(text);
const refuses = (decode: (bytes: Uint8Array) => unknown, { code, text }: Refused) =>
  assert.throws(() => decode(bytes(text)), (error: unknown) => error instanceof ChongwenError && error.code === code);
/** As vectors write values: bigints in decimal. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? item.toString() : item)));

describe("the open round", () => {
  for (const { name, text, value } of vectors.openRounds) {
    it(`says the same read and written again: ${name}`, () => {
      const open = decodeOpenRound(bytes(text));
      assert.deepEqual(plain(open), value);
      assert.equal(new TextDecoder().decode(encodeOpenRound(open)), text);
    });
  }
  for (const refused of vectors.refused) it(`is refused: ${refused.name}`, () => refuses(decodeOpenRound, refused));

  it("is refused unread above its limit", () => {
    assert.throws(() => decodeOpenRound(new Uint8Array(OPEN_ROUND_LIMIT + 1)), /json-invalid|more than/);
  });
});

describe("the status of a bundle", () => {
  for (const { text, value } of vectors.statuses) {
    it(`says the same read and written again: ${value.state}`, () => {
      assert.deepEqual(decodeBundleStatus(bytes(text)), value);
      assert.equal(new TextDecoder().decode(encodeBundleStatus(value)), text);
    });
  }
  for (const refused of vectors.refusedStatuses) it(`is refused: ${refused.name}`, () => refuses(decodeBundleStatus, refused));

  it("names the bundle by the digest of its directory", () => {
    const { round } = load("round.json") as { readonly round: { readonly files: Record<string, Hex> } };
    const digest = artefactDigest(new Map(Object.entries(round.files).map(([path, hex]) => [path, hexToBytes(hex)])));
    assert.equal(vectors.statuses[0]?.value.bundle, digest);
  });

  it("cuts what a stranger wrote into a message, without halving a character", () => {
    const problem = { code: "x", message: `${"x".repeat(1999)}😀`, fix: "" };
    const status = { ...vectors.statuses[0]?.value, problem } as BundleStatus;
    assert.equal(decodeBundleStatus(encodeBundleStatus(status)).problem?.message.length, 2000);
  });
});
