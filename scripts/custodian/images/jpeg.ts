import { concatBytes } from "../../../protocol/bytes.ts";
import { exifOrientation } from "./orientation.ts";
import { imageRefused, requireSize, type CleanImage } from "./image.ts";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DHT = 0xc4;
const DRI = 0xdd;
const APP1 = 0xe1;
const APP14 = 0xee;
/** Baseline, extended and progressive, by Huffman coding: what browsers show. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2]);
/** JFIF 1.01, square pixels, no thumbnail. */
const JFIF = Uint8Array.of(0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0);

interface Segment {
  readonly marker: number;
  readonly content: Uint8Array;
  readonly end: number;
}

/**
 * Takes a JPEG apart and copies only what makes its pixels: tables, frame, scans. EXIF, XMP, IPTC, thumbnails, profiles, comments, and whatever follows the
 * picture's end are not copied. Every table has the length that its content says, so nothing rides behind it; the scans themselves are not decoded.
 * Source: ITU-T T.81, annex B. @throws image-refused
 */
export function cleanJpeg(file: Uint8Array): CleanImage {
  if (file[0] !== 0xff || file[1] !== SOI) throw imageRefused("This is no JPEG.");
  const parts: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  let size: { width: number; height: number } | null = null;
  let [turn, scans, adobe]: [number, number, Uint8Array | null] = [1, 0, null];
  for (let at = 2; ; ) {
    const segment = segmentAt(file, at);
    const { marker, content } = segment;
    at = segment.end;
    if (marker === EOI) break;
    if (marker === APP1) turn = exifOrientation(content) ?? turn;
    else if (marker === APP14) adobe = adobeOf(content) ?? adobe;
    else if (FRAMES.has(marker)) {
      if (size !== null) throw imageRefused("The JPEG has two frames.");
      size = readFrame(content);
      parts.push(segmentOf(marker, content));
    } else if (marker === DQT || marker === DHT || marker === DRI) {
      requireTable(marker, content);
      parts.push(segmentOf(marker, content));
    } else if (marker === SOS) {
      if (size === null || content.length !== 4 + 2 * (content[0] ?? 0)) throw imageRefused("A scan of the JPEG comes before its frame or has a wrong header.");
      const end = scanEnd(file, at);
      parts.push(segmentOf(marker, content), file.subarray(at, end));
      at = end;
      if (++scans > 100) throw imageRefused("The JPEG has more than 100 scans.");
    } else if (!isMetadata(marker)) throw imageRefused("The JPEG holds a segment that is not known here.");
  }
  if (size === null || scans === 0) throw imageRefused("The JPEG has no picture.");
  // Which colours the components are stands in one of these two; neither can hold anything else.
  parts.splice(1, 0, adobe ?? JFIF);
  parts.push(Uint8Array.of(0xff, EOI));
  return { type: "image/jpeg", bytes: concatBytes(parts), ...size, turn };
}

/** Application segments and comments. */
const isMetadata = (marker: number): boolean => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;

function segmentAt(file: Uint8Array, start: number): Segment {
  let at = start;
  if (file[at] !== 0xff) throw imageRefused("The JPEG ends in the middle, or holds something between its segments.");
  while (file[at + 1] === 0xff) at++;
  const marker = file[at + 1];
  if (marker === undefined) throw imageRefused("The JPEG ends in the middle.");
  if (marker === EOI) return { marker, content: new Uint8Array(), end: at + 2 };
  const length = ((file[at + 2] ?? 0) << 8) | (file[at + 3] ?? 0);
  if (length < 2 || at + 2 + length > file.length) throw imageRefused("A segment of the JPEG is longer than the file.");
  return { marker, content: file.subarray(at + 4, at + 2 + length), end: at + 2 + length };
}

function segmentOf(marker: number, content: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255), content]);
}

function readFrame(content: Uint8Array): { width: number; height: number } {
  const [precision, high = 0, low = 0, wide = 0, narrow = 0, components = 0] = content;
  if (precision !== 8 || ![1, 3, 4].includes(components) || content.length !== 6 + 3 * components) throw imageRefused("The frame of the JPEG is not one that is taken.");
  const size = { width: (wide << 8) | narrow, height: (high << 8) | low };
  requireSize(size.width, size.height);
  return size;
}

function requireTable(marker: number, content: Uint8Array): void {
  const wrong = (): never => {
    throw imageRefused("A table of the JPEG has another length than its content says.");
  };
  if (marker === DRI) {
    if (content.length !== 2) wrong();
    return;
  }
  let at = 0;
  while (at < content.length) {
    const kind = content[at] ?? 0;
    if (marker === DQT) at += kind >> 4 === 0 ? 65 : 129;
    else at += 17 + content.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
  }
  if (at !== content.length) wrong();
}

/** Where the coded pixels that begin here end: at the next marker that is no restart. */
function scanEnd(file: Uint8Array, start: number): number {
  for (let at = start; at + 1 < file.length; at++) {
    const next = file[at + 1] ?? 0;
    if (file[at] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw imageRefused("The JPEG ends in the middle.");
}

/** Adobe's segment, anew with its colour transform alone: without it, some pictures would be shown in wrong colours. */
function adobeOf(content: Uint8Array): Uint8Array | null {
  const name = [0x41, 0x64, 0x6f, 0x62, 0x65];
  const transform = content[11];
  if (content.length < 12 || !name.every((byte, i) => content[i] === byte) || transform === undefined || transform > 2) return null;
  return segmentOf(APP14, Uint8Array.of(...name, 0, 100, 0, 0, 0, 0, transform));
}
