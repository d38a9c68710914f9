// Pictures come in with names in every corner of the format, and leave without.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { deflateSync } from "node:zlib";
import { describe, it } from "node:test";
import { concatBytes } from "../../../protocol/bytes.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { cleanImage } from "../../../scripts/custodian/images/clean.ts";
import { chunkOf, headerOf, PNG_SIGNATURE } from "../../../scripts/custodian/images/crc.ts";
import { importSet } from "../../../scripts/custodian/import.ts";
import { drawPractice, DRAWINGS } from "../../../scripts/custodian/practice/draw.ts";
import { practiceDraft } from "../../../scripts/custodian/practice/set.ts";
import { launchBrowser, missingBrowser } from "../../e2e/browser.ts";
import { openWorld } from "./support.ts";
import { LEDGER } from "../service/support.ts";

const NAME = "Zhang-Wei-19630412";
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const holds = (bytes: Uint8Array, needle: string): boolean => Buffer.from(bytes).includes(needle) || Buffer.from(bytes).includes(Buffer.from(needle, "utf16le"));
const refuses = (bytes: Uint8Array, why: RegExp): void =>
  assert.throws(() => cleanImage(bytes), (error) => error instanceof ChongwenError && error.code === "image-refused" && why.test(error.message) && !holds(text(error.message), NAME));

const HEADER = headerOf(4, 4, 8, 2);
const LINES = new Uint8Array(4 * 13).fill(100).map((value, i) => (i % 13 === 0 ? 0 : value));
const png = (...chunks: Uint8Array[]): Uint8Array => concatBytes([PNG_SIGNATURE, chunkOf("IHDR", HEADER), ...chunks, chunkOf("IEND", new Uint8Array())]);
const IDAT = chunkOf("IDAT", deflateSync(LINES));
const bare = cleanImage(png(IDAT)).bytes;

describe("a PNG", () => {
  it("leaves every name behind: text, EXIF, XMP, time, profile, private and animation chunks, compressed text, behind the end, behind the pixels", () => {
    const chunks = [
      chunkOf("tEXt", text(`Author\0${NAME}`)), chunkOf("zTXt", concatBytes([text("Author\0\0"), deflateSync(text(NAME))])), chunkOf("iTXt", text(`XML:com.adobe.xmp\0\0\0\0\0<x>${NAME}</x>`)),
      chunkOf("eXIf", text(`MM\0*${NAME}`)), chunkOf("tIME", text("1234567")), chunkOf("iCCP", text(`${NAME}\0\0x`)), chunkOf("naMe", text(NAME)), chunkOf("acTL", text(NAME)), chunkOf("sPLT", text(NAME)), chunkOf("pHYs", text(NAME.slice(0, 9))),
    ];
    const hidden = chunkOf("IDAT", concatBytes([deflateSync(LINES), text(NAME)]));
    const file = concatBytes([png(...chunks, hidden), text(`PK\u0003\u0004${NAME}`)]);
    assert.ok(holds(file, NAME));
    const { bytes } = cleanImage(file);
    assert.ok(!holds(bytes, NAME));
    assert.deepEqual(bytes, bare);
  });
  it("cleaned twice is the same", () => assert.deepEqual(cleanImage(bare).bytes, bare));
  it("that is malformed is refused", () => {
    refuses(text("GIF89a"), /PNG and JPEG/);
    refuses(png(IDAT).subarray(0, 40), /middle|longer/);
    refuses(concatBytes([PNG_SIGNATURE, IDAT]), /header/);
    refuses(png(chunkOf("IHDR", HEADER), IDAT), /header/);
    refuses(png(chunkOf("IDAT", text("no zlib"))), /pixels/);
    refuses(png(chunkOf("IDAT", deflateSync(LINES.subarray(1)))), /fewer pixels/);
    refuses(png(chunkOf("XXXX", text(NAME)), IDAT), /critical/);
    refuses(concatBytes([PNG_SIGNATURE, chunkOf("IHDR", headerOf(0, 4, 8, 2))]), /0 × 4/);
    refuses(concatBytes([PNG_SIGNATURE, chunkOf("IHDR", headerOf(4, 4, 7, 2))]), /values/);
    const wrong = png(IDAT);
    wrong[45] = (wrong[45] ?? 0) ^ 1;
    refuses(wrong, /checksum/);
    const filter = LINES.slice();
    filter[0] = 9;
    refuses(png(chunkOf("IDAT", deflateSync(filter))), /filter/);
  });
  it("decompression bomb: more pixels than the header says are never unpacked", () => {
    const bomb = deflateSync(new Uint8Array(60_000_000));
    const before = process.memoryUsage().arrayBuffers;
    refuses(png(chunkOf("IDAT", bomb)), /more than its header says/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000);
    refuses(concatBytes([PNG_SIGNATURE, chunkOf("IHDR", headerOf(30_000, 30_000, 8, 6)), IDAT]), /30000/);
  });
  it("of any bytes at all is cleaned or refused, nothing else", () => {
    for (let at = 0; at < bare.length; at++) {
      for (const flip of [1, 128, 255]) {
        const broken = bare.slice();
        broken[at] = (broken[at] ?? 0) ^ flip;
        try {
          cleanImage(broken);
        } catch (error) {
          assert.ok(error instanceof ChongwenError && error.code === "image-refused", String(error));
        }
      }
    }
  });
});

const segment = (marker: number, content: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255), content]);
const exif = (orientation: number): Uint8Array => concatBytes([text("Exif\0\0"), Uint8Array.of(0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0), text(NAME)]);
const DQT = segment(0xdb, new Uint8Array(65).fill(1).fill(0, 0, 1));
const SOF = segment(0xc0, Uint8Array.of(8, 0, 8, 0, 8, 1, 1, 0x11, 0));
const DHT = segment(0xc4, concatBytes([Uint8Array.of(0), Uint8Array.of(1, ...new Array<number>(15).fill(0)), Uint8Array.of(0)]));
const SOS = concatBytes([segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0)), Uint8Array.of(0x00, 0xff, 0x00, 0x12)]);
const EOI = Uint8Array.of(0xff, 0xd9);
const jpeg = (...parts: Uint8Array[]): Uint8Array => concatBytes([Uint8Array.of(0xff, 0xd8), ...parts]);

describe("a JPEG", () => {
  it("leaves every name behind: EXIF, XMP, IPTC, comment, thumbnail, profile, behind the end; and keeps how it is to be turned", () => {
    const file = jpeg(
      segment(0xe0, text(`JFIF\0${NAME}`)), segment(0xe1, exif(6)), segment(0xe1, text(`http://ns.adobe.com/xap/1.0/\0${NAME}`)), segment(0xe2, text(`ICC_PROFILE\0${NAME}`)),
      segment(0xed, text(`Photoshop 3.0\0${NAME}`)), segment(0xee, text(`Adobe\0\0\0\0\0\0\u0001${NAME}`)), segment(0xfe, text(NAME)), DQT, SOF, DHT, SOS, EOI, jpeg(segment(0xe1, exif(1))), text(NAME),
    );
    assert.ok(holds(file, NAME));
    const clean = cleanImage(file);
    assert.ok(!holds(clean.bytes, NAME));
    assert.deepEqual([clean.width, clean.height, clean.turn, clean.type], [8, 8, 6, "image/jpeg"]);
    assert.deepEqual(cleanImage(clean.bytes).bytes, clean.bytes);
  });
  it("with a table that hides something behind it, or in an unknown segment, is refused", () => {
    refuses(jpeg(segment(0xdb, concatBytes([new Uint8Array(65), text(NAME)])), SOF, DHT, SOS, EOI), /table/);
    refuses(jpeg(DQT, SOF, segment(0xc4, concatBytes([new Uint8Array(17), text(NAME)])), SOS, EOI), /table/);
    refuses(jpeg(DQT, SOF, DHT, segment(0xf0, text(NAME)), SOS, EOI), /not known/);
    refuses(jpeg(DQT, concatBytes([SOF, text(NAME)]), DHT, SOS, EOI), /between/);
    refuses(jpeg(DQT, segment(0xc0, concatBytes([Uint8Array.of(8, 0, 8, 0, 8, 1, 1, 0x11, 0), text(NAME)])), DHT, SOS, EOI), /frame/);
  });
  it("that is malformed or too large is refused", () => {
    refuses(jpeg(DQT, SOF, DHT, SOS), /middle/);
    refuses(jpeg(EOI), /no picture/);
    refuses(jpeg(SOS, EOI), /before its frame/);
    refuses(jpeg(DQT, segment(0xc0, Uint8Array.of(8, 255, 255, 255, 255, 1, 1, 0x11, 0)), DHT, SOS, EOI), /65535/);
    refuses(jpeg(DQT, SOF, SOF, DHT, SOS, EOI), /two frames/);
    refuses(jpeg(segment(0xc3, Uint8Array.of(8)), EOI), /not known/);
    refuses(jpeg(Uint8Array.of(0xff, 0xe1, 0xff, 0xff), EOI), /longer/);
  });
  it("orientation that is out of range, or points nowhere, is taken as none", () => {
    for (const bad of [segment(0xe1, exif(0)), segment(0xe1, exif(9)), segment(0xe1, text("Exif\0\0MM\0*\xff\xff\xff\xff")), segment(0xe1, text("Exif"))]) assert.equal(cleanImage(jpeg(bad, DQT, SOF, DHT, SOS, EOI)).turn, 1);
  });
});

describe("the practice set", () => {
  it("is drawn the same from the same seed, each kind differently", () => {
    assert.deepEqual(drawPractice("even", 5), drawPractice("even", 5));
    assert.equal(new Set(DRAWINGS.map((drawing) => Buffer.from(drawPractice(drawing, 5)).toString("base64"))).size, DRAWINGS.length);
  });
});

it("a name planted in every corner is found nowhere of what a custodian keeps", async () => {
  const world = await openWorld();
  try {
    const file = png(chunkOf("tEXt", text(`Author\0${NAME}`)), IDAT);
    const image = { name: `${NAME}.png`, file, gold: null };
    const imported = await importSet({ ...practiceDraft(31337, LEDGER), id: "planted", readings: 2 }, [image, { ...image, name: "again" }, { name: `${NAME}.jpg`, file: text(NAME), gold: null }], world.custody);
    assert.deepEqual([imported.tasks, imported.refused.length], [1, 2]);
    world.custody.journal.close();
    for (const at of readdirSync(world.dir, { recursive: true, encoding: "utf8", withFileTypes: false })) {
      const file = path.join(world.dir, at);
      assert.ok(!at.includes(NAME));
      if (!at.endsWith("pictures")) assert.ok(!holds(readFileSync(file), NAME), at);
    }
  } finally {
    await world.close().catch(() => undefined);
  }
});

/** In the page: a PNG and a JPEG that the browser itself writes. */
const DRAW = `(async () => {
  const canvas = new OffscreenCanvas(40, 30);
  const context = canvas.getContext("2d");
  for (let i = 0; i < 40; i++) {
    context.fillStyle = "hsl(" + i * 9 + " 80% 50%)";
    context.fillRect(i, 0, 1, 30);
  }
  const bytes = async (type) => [...new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer())];
  return [await bytes("image/jpeg"), await bytes("image/png")];
})()`;
/** In the page: all pixels of a picture. */
const PIXELS = `async (data, type) => {
  const bitmap = await createImageBitmap(new Blob([Uint8Array.from(data)], { type }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return [...context.getImageData(0, 0, bitmap.width, bitmap.height).data].join();
}`;

it("a browser shows what was cleaned, as it was", { skip: missingBrowser() ?? false }, async () => {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    // Chromium writes the JPEG; its pixels must be the same after cleaning.
    const [original, drawn] = await page.evaluate<number[][]>(DRAW);
    for (const bytes of [original, drawn]) {
      const file = Uint8Array.from(bytes ?? []);
      const clean = cleanImage(file);
      const pixels = (data: Uint8Array) => page.evaluate<string>(`(${PIXELS})(${JSON.stringify([...data])}, ${JSON.stringify(clean.type)})`);
      assert.equal(await pixels(clean.bytes), await pixels(file));
    }
  } finally {
    await browser.close();
  }
});
