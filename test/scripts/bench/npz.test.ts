// The archives that the real data sets come in: what numpy wrote is read to the byte, and anything else is refused.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32, deflateRawSync } from "node:zlib";
import { readBytes, readStrings } from "../../../bench/data/npy.ts";
import { unzip } from "../../../bench/data/zip.ts";

/** An archive of one file, as APPNOTE lays it out. */
function zip(name: string, content: Buffer, { method = 8, crc = crc32(content), flags = 0 } = {}): Buffer {
  const packed = method === 8 ? deflateRawSync(content) : content;
  const shared = Buffer.alloc(26);
  [20, flags, method, 0, 0].forEach((value, i) => shared.writeUInt16LE(value, 2 * i));
  [crc, packed.length, content.length].forEach((value, i) => shared.writeUInt32LE(value, 10 + 4 * i));
  shared.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), shared, Buffer.from(name), packed]);
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), shared, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  [1, 1].forEach((count, i) => end.writeUInt16LE(count, 8 + 2 * i));
  [central.length, local.length].forEach((value, i) => end.writeUInt32LE(value, 12 + 4 * i));
  return Buffer.concat([local, central, end]);
}

function npy(header: string, body: Buffer): Buffer {
  const text = `${header}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(text.length);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), length, Buffer.from(text, "latin1"), body]);
}

describe("zip", () => {
  const content = Buffer.from("some text, some text, some text");

  it("is read stored and deflated", () => {
    for (const method of [0, 8]) assert.deepEqual(unzip(zip("a.npy", content, { method })), new Map([["a.npy", content]]));
  });

  it("is refused damaged, encrypted, packed another way, or when it is none", () => {
    assert.throws(() => unzip(zip("a", content, { crc: 1 })), /damaged/);
    assert.throws(() => unzip(zip("a", content, { flags: 1 })), /encrypted/);
    assert.throws(() => unzip(zip("a", content, { method: 12 })), /method 12/);
    assert.throws(() => unzip(content), /no zip archive/);
  });
});

describe("npy", () => {
  it("gives shape and values", () => {
    const { shape, values } = readBytes(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", Buffer.from([1, 2, 3, 4, 5, 6])));
    assert.deepEqual([shape, [...values]], [[2, 3], [1, 2, 3, 4, 5, 6]]);
    const texts = Buffer.from(["n", "v", "\0", "m", "e", "l"].flatMap((character) => [character.charCodeAt(0), 0, 0, 0]));
    assert.deepEqual(readStrings(npy("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", texts)), ["nv", "mel"]);
  });

  it("is refused with another type or order, with bytes missing, or when it is none", () => {
    const bytes = Buffer.from([1, 2]);
    assert.throws(() => readBytes(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", bytes)), /not the one expected/);
    assert.throws(() => readBytes(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2,), }", bytes)), /not the one expected/);
    assert.throws(() => readBytes(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", bytes)), /promises 3/);
    assert.throws(() => readBytes(bytes), /no \.npy/);
  });
});
