import { crc32, deflateSync, inflateSync } from "node:zlib";
import { concatBytes } from "../../../protocol/bytes.ts";
import { chunkOf, headerOf, PNG_SIGNATURE } from "./crc.ts";
import { imageRefused, requireSize, type CleanImage } from "./image.ts";

/** Channels and depths by colour type. Source: PNG specification (Third Edition), table 12. */
const COLOURS: Readonly<Record<number, { readonly channels: number; readonly depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly channels: number;
}

/**
 * Takes a PNG apart and writes it anew from what makes its pixels: header, palette, transparency, scan lines. Text, EXIF, XMP, profiles, times, animation,
 * private chunks, whatever stands behind the end of the picture or of its compressed data: none of it is copied.
 * @throws image-refused
 */
export function cleanPng(file: Uint8Array): CleanImage {
  if (!PNG_SIGNATURE.every((byte, i) => file[i] === byte)) throw imageRefused("This is no PNG.");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let header: Header | null = null;
  let [palette, transparency]: [Uint8Array | null, Uint8Array | null] = [null, null];
  const data: Uint8Array[] = [];
  for (let at = PNG_SIGNATURE.length; ; ) {
    if (at + 12 > file.length) throw imageRefused("The PNG ends in the middle.");
    const length = view.getUint32(at);
    if (length > file.length - at - 12) throw imageRefused("A chunk of the PNG is longer than the file.");
    const type = new TextDecoder("latin1").decode(file.subarray(at + 4, at + 8));
    if (crc32(file.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) throw imageRefused(`The checksum of a chunk of the PNG is wrong.`);
    const content = file.subarray(at + 8, at + 8 + length);
    if ((header === null) !== (type === "IHDR")) throw imageRefused("The PNG does not begin with one header.");
    if (type === "IHDR") header = readHeader(content);
    else if (type === "PLTE") palette = content;
    else if (type === "tRNS") transparency = content;
    else if (type === "IDAT") data.push(content);
    else if (type === "IEND") break;
    else if (/^[A-Z]/.test(type)) throw imageRefused("The PNG holds a critical chunk that is not known here.");
    at += 12 + length;
  }
  if (header === null) throw imageRefused("The PNG has no header.");
  requirePalette(header, palette, transparency);
  const lines = readLines(header, data);
  const parts = [PNG_SIGNATURE, chunkOf("IHDR", headerOf(header.width, header.height, header.depth, header.colour))];
  if (palette !== null && header.colour === 3) parts.push(chunkOf("PLTE", palette));
  if (transparency !== null) parts.push(chunkOf("tRNS", transparency));
  parts.push(chunkOf("IDAT", deflateSync(lines)), chunkOf("IEND", new Uint8Array()));
  return { type: "image/png", bytes: concatBytes(parts), width: header.width, height: header.height, turn: 1 };
}

function readHeader(content: Uint8Array): Header {
  if (content.length !== 13) throw imageRefused("The header of the PNG has a wrong length.");
  const view = new DataView(content.buffer, content.byteOffset);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, colour = 0, compression, filter, interlace] = content.subarray(8);
  requireSize(width, height);
  const kind = COLOURS[colour];
  if (kind === undefined || !kind.depths.includes(depth) || compression !== 0 || filter !== 0) throw imageRefused("The header of the PNG has values that no PNG has.");
  if (interlace !== 0) throw imageRefused("Interlaced PNGs are not taken.");
  return { width, height, depth, colour, channels: kind.channels };
}

function requirePalette({ colour, depth }: Header, palette: Uint8Array | null, transparency: Uint8Array | null): void {
  if (palette !== null && (palette.length % 3 !== 0 || palette.length === 0 || palette.length > 768)) throw imageRefused("The palette of the PNG has a wrong length.");
  if (colour === 3 && (palette === null || palette.length > 3 * 2 ** depth)) throw imageRefused("The palette of the PNG is missing or too long.");
  if (transparency === null) return;
  const expected = colour === 0 ? 2 : colour === 2 ? 6 : colour === 3 ? Math.min(transparency.length, (palette?.length ?? 0) / 3) : -1;
  if (transparency.length !== expected) throw imageRefused("The transparency of the PNG does not fit it.");
}

/** Filter byte and pixels of every line. Never inflates more than the header announces: a decompression bomb ends here. */
function readLines({ width, height, depth, channels }: Header, data: readonly Uint8Array[]): Uint8Array {
  const line = 1 + Math.ceil((width * channels * depth) / 8);
  let lines: Uint8Array;
  try {
    lines = inflateSync(concatBytes(data), { maxOutputLength: line * height });
  } catch (cause) {
    throw imageRefused("The pixels of the PNG cannot be read, or are more than its header says.", cause);
  }
  if (lines.length !== line * height) throw imageRefused("The PNG has fewer pixels than its header says.");
  for (let row = 0; row < height; row++) if ((lines[row * line] ?? 9) > 4) throw imageRefused("A line of the PNG has an unknown filter.");
  return lines;
}
