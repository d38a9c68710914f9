// Arrays as numpy.save writes them, version 1.0 (NEP 1): a header that is a Python literal, then the elements. Only what the data sets hold is read.
const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
const HEADER = /^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \((\d+(?:, \d+)*),?\), \} *\n$/;

interface Npy {
  readonly type: string;
  readonly shape: readonly number[];
  readonly body: Buffer;
}

function parse(file: Buffer, type: RegExp): Npy {
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error("This is no .npy file of version 1.0.");
  const bodyAt = 10 + file.readUInt16LE(8);
  const header = HEADER.exec(file.toString("latin1", 10, bodyAt));
  const [, found = "", shape = ""] = header ?? [];
  if (header === null || !type.test(found)) throw new Error(`A .npy header is not the one expected: ${file.toString("latin1", 10, bodyAt).trim()}`);
  return { type: found, shape: shape.split(", ").map(Number), body: file.subarray(bodyAt) };
}

function elements(shape: readonly number[], bytes: number, body: Buffer): number {
  const count = shape.reduce((product, size) => product * size, 1);
  if (body.length !== count * bytes) throw new Error(`A .npy file holds ${body.length} bytes where its header promises ${count * bytes}.`);
  return count;
}

export interface Bytes {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

/** dtype `|u1` */
export function readBytes(file: Buffer): Bytes {
  const { shape, body } = parse(file, /^\|u1$/);
  elements(shape, 1, body);
  return { shape, values: body };
}

/** dtype `<Un`: fixed-width UTF-32, padded with zeros */
export function readStrings(file: Buffer): readonly string[] {
  const { type, shape, body } = parse(file, /^<U[1-9]\d*$/);
  const width = 4 * Number(type.slice(2));
  return Array.from({ length: elements(shape, width, body) }, (_, i) => {
    const codes = Array.from({ length: width / 4 }, (_, k) => body.readUInt32LE(i * width + 4 * k));
    return String.fromCodePoint(...codes.filter((code) => code !== 0));
  });
}
