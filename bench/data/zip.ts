// Just enough of zip (PKWARE APPNOTE 6.3) to open what numpy.savez writes: one disk, no encryption, stored or deflated, below 4 GiB.
import { crc32, inflateRawSync } from "node:zlib";

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;

/** The files of an archive by name. Each is checked against its length and CRC-32. */
export function unzip(archive: Buffer): ReadonlyMap<string, Buffer> {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || archive.readUInt32LE(end) !== END) throw new Error("This is no zip archive: it has no end record.");
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== CENTRAL) throw new Error(`The zip directory is broken at byte ${at}.`);
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    files.set(name, readEntry(archive, at, name));
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

function readEntry(archive: Buffer, central: number, name: string): Buffer {
  const [flags, method] = [archive.readUInt16LE(central + 8), archive.readUInt16LE(central + 10)];
  const [crc, packedSize, size, local] = [16, 20, 24, 42].map((offset) => archive.readUInt32LE(central + offset)) as [number, number, number, number];
  if ((flags & ENCRYPTED) !== 0) throw new Error(`${name} is encrypted.`);
  if (archive.readUInt32LE(local) !== LOCAL) throw new Error(`${name} is not where the zip directory says.`);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedSize);
  if (method !== STORED && method !== DEFLATED) throw new Error(`${name} is packed by method ${method}; only 0 and 8 are read.`);
  const content = method === STORED ? packed : inflateRawSync(packed, { maxOutputLength: size });
  if (content.length !== size || crc32(content) !== crc) throw new Error(`${name} is damaged.`);
  return content;
}
