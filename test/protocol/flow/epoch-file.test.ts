import assert from "node:assert/strict";
import { test } from "node:test";
import { createTable, decodeEpoch, encodeEpoch, encodeFlowIndex, entitlementColumn, fileHash, limbsOf, amountOf, readFlowIndex } from "../../../protocol/flow/index.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { packUints } from "../../../protocol/columns.ts";
import { createRandom } from "../support/random.ts";
import { withCode } from "../support/throws.ts";
import { copyOf, flowOf } from "./support.ts";

test("a file decodes to what was encoded, also from the middle of a buffer", async () => {
  const { files } = await flowOf(300);
  for (const bytes of files) {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    assert.deepEqual(encodeEpoch(decodeEpoch(copyOf(bytes))), bytes);
    assert.deepEqual(encodeEpoch(decodeEpoch(shifted.subarray(3))), bytes);
  }
});

test("a million contributions are 9 bytes each, and their headers", async () => {
  const { files } = await flowOf(20_000);
  const bytes = files.reduce((sum, { length }) => sum + length, 0);
  assert(bytes < 16 * 20_000, `${bytes} bytes`);
});

test("attack_truncatedOrPaddedFile_isRefused", async () => {
  const { files: [bytes] } = await flowOf(60);
  assert(bytes !== undefined);
  for (let length = 0; length < bytes.length; length++) assert.throws(() => decodeEpoch(bytes.slice(0, length)), withCode("flow-invalid"));
  const longer = new Uint8Array(bytes.length + 4);
  longer.set(bytes);
  assert.throws(() => decodeEpoch(longer), withCode("flow-invalid"));
});

test("attack_oversizedHeader_isRefusedBeforeAnythingIsAllocated", async () => {
  const { files: [bytes] } = await flowOf(60);
  assert(bytes !== undefined);
  for (const at of [20, 24, 28]) {
    const damaged = copyOf(bytes);
    new DataView(damaged.buffer).setUint32(at, 0xff_ff_ff_ff, true);
    assert.throws(() => decodeEpoch(damaged), withCode("flow-invalid"));
  }
});

test("attack_otherFormatVersionOrFlags_areRefused", async () => {
  const { files: [bytes] } = await flowOf(60);
  assert(bytes !== undefined);
  const changed = (at: number, value: number): Uint8Array => {
    const damaged = copyOf(bytes);
    damaged[at] = value;
    return damaged;
  };
  assert.throws(() => decodeEpoch(changed(0, 0)), withCode("flow-invalid", /mark/));
  assert.throws(() => decodeEpoch(changed(4, 2)), withCode("version-unknown"));
  assert.throws(() => decodeEpoch(changed(6, 2)), withCode("flow-invalid", /flags/));
  assert.throws(() => decodeEpoch(changed(40, 1)), withCode("flow-invalid", /empty part/));
});

test("attack_seatTwiceInARound_unknownSeat_unknownFate_areRefused", async () => {
  const { files: [bytes] } = await flowOf(60);
  assert(bytes !== undefined);
  const epoch = decodeEpoch(copyOf(bytes));
  const twice = epoch.seats.slice();
  twice[1] = twice[0] ?? 0;
  assert.throws(() => encodeEpoch({ ...epoch, seats: twice }), withCode("flow-invalid", /after seat/));
  const beyond = epoch.seats.slice();
  beyond[(epoch.offsets[1] ?? 1) - 1] = epoch.entitlements.length / 3;
  assert.throws(() => encodeEpoch({ ...epoch, seats: beyond }), withCode("flow-invalid", /names seat/));
  for (const fate of [5, 15, 16, 25, 31, 34, 255]) {
    const fates = epoch.fates.slice();
    fates[0] = fate;
    assert.throws(() => encodeEpoch({ ...epoch, fates }), withCode("flow-invalid", /fate/));
  }
  const offsets = epoch.offsets.slice();
  offsets[1] = (offsets[2] ?? 0) + 1;
  assert.throws(() => encodeEpoch({ ...epoch, offsets }), withCode("flow-invalid"));
});

test("attack_anyByteFlipped_isNeverReadAsAnotherLength_andOnlyEverFailsWithACode", async () => {
  const { files: [bytes] } = await flowOf(100);
  assert(bytes !== undefined);
  const random = createRandom(7);
  const hash = await fileHash(bytes);
  for (let i = 0; i < 500; i++) {
    const damaged = copyOf(bytes);
    const at = Math.floor(random() * damaged.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    assert.notEqual(await fileHash(damaged), hash, "the index's hash finds every change");
    try {
      assert.equal(decodeEpoch(damaged).seats.length, decodeEpoch(copyOf(bytes)).seats.length);
    } catch (error) {
      assert(error instanceof ChongwenError && ["flow-invalid", "version-unknown"].includes(error.code), String(error));
    }
  }
});

test("attack_syntheticFileInARealIndex_isRefused", async () => {
  const { index, files } = await flowOf(60);
  assert.throws(() => createTable({ ...index, synthetic: null }, files), withCode("flow-invalid", /mixes synthetic/));
  assert.throws(() => createTable(index, files.toReversed()), withCode("flow-invalid"));
  assert.throws(() => createTable(index, files.slice(1)), withCode("flow-invalid"));
});

test("an index is read as it was written; a hostile one is refused", async () => {
  const { index } = await flowOf(300);
  assert.deepEqual(readFlowIndex(encodeFlowIndex(index)), index);
  const text = new TextDecoder().decode(encodeFlowIndex(index));
  const read = (changed: string): unknown => readFlowIndex(new TextEncoder().encode(changed));
  assert.throws(() => read(text.slice(0, -9)), withCode("flow-invalid", /not JSON/));
  assert.throws(() => read(text.replace("epoch-1.bin", "../../key")), withCode("flow-invalid"));
  assert.throws(() => read(text.replace('"version":1', '"version":2')), withCode("version-unknown"));
  assert.throws(() => read(text.replace('"institution":0', '"institution":9999')), withCode("flow-invalid", /does not list/));
  assert.throws(() => read(text.replace('"lastRound":', '"lastRound":9')), withCode("flow-invalid"));
  assert.throws(() => readFlowIndex(new Uint8Array(2 ** 24 + 1)), withCode("flow-invalid"));
  assert.throws(() => read(text.replace(/"rows":\d+/, '"rows":1048576').replace(/"rows":\d+,"firstRound":5/, '"rows":1048577,"firstRound":5')), withCode("flow-invalid"));
});

test("amounts of 96 bits survive their limbs, and their column is the one that settlements hash", () => {
  const amounts = [0n, 1n, 2n ** 32n - 1n, 2n ** 64n + 5n, 2n ** 96n - 1n];
  for (const amount of amounts) assert.equal(amountOf(...limbsOf(amount)), amount);
  assert.deepEqual(entitlementColumn(Uint32Array.from(amounts.flatMap((amount) => limbsOf(amount)))), packUints(amounts, 12));
});
