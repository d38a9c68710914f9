import { deflateSync } from "node:zlib";
import { concatBytes } from "../../../protocol/bytes.ts";
import { chunkOf, headerOf, PNG_SIGNATURE } from "../images/crc.ts";

export type Colour = readonly [number, number, number];

/** Red, green and blue of every pixel, in rows. */
export interface Raster {
  readonly size: number;
  readonly pixels: Uint8Array;
  set(x: number, y: number, colour: Colour): void;
}

export function createRaster(size: number): Raster {
  const pixels = new Uint8Array(3 * size * size);
  return {
    size,
    pixels,
    set(x, y, colour) {
      if (x >= 0 && y >= 0 && x < size && y < size) pixels.set(colour, 3 * (y * size + x));
    },
  };
}

/** A PNG of 8-bit colours without filters. */
export function encodePng({ size, pixels }: Raster): Uint8Array {
  const lines = new Uint8Array(size * (1 + 3 * size));
  for (let row = 0; row < size; row++) lines.set(pixels.subarray(3 * size * row, 3 * size * (row + 1)), row * (1 + 3 * size) + 1);
  return concatBytes([PNG_SIGNATURE, chunkOf("IHDR", headerOf(size, size, 8, 2)), chunkOf("IDAT", deflateSync(lines)), chunkOf("IEND", new Uint8Array())]);
}

/** Five by seven dots a letter, rows from above. */
const LETTERS: Readonly<Record<string, readonly number[]>> = {
  D: [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110],
  R: [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
  A: [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
  W: [0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001],
  N: [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001],
};

export function write(raster: Raster, text: string, left: number, top: number, scale: number, colour: Colour): void {
  for (const [at, letter] of [...text].entries()) {
    for (const [y, bits] of (LETTERS[letter] ?? []).entries()) {
      for (let x = 0; x < 5 * scale; x++) {
        if (((bits >> (4 - Math.floor(x / scale))) & 1) === 0) continue;
        for (let dy = 0; dy < scale; dy++) raster.set(left + at * 6 * scale + x, top + y * scale + dy, colour);
      }
    }
  }
}
