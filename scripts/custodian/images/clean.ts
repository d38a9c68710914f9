import { cleanJpeg } from "./jpeg.ts";
import { imageRefused, MAX_FILE, type CleanImage } from "./image.ts";
import { cleanPng } from "./png.ts";

/** A picture of a kind that is known here, without anything but its pixels. What stands written *in* the pixels stays: readers report it. @throws image-refused */
export function cleanImage(file: Uint8Array): CleanImage {
  if (file.length > MAX_FILE) throw imageRefused(`A picture has at most ${MAX_FILE / 1e6} MB.`);
  if (file[0] === 0x89) return cleanPng(file);
  if (file[0] === 0xff && file[1] === 0xd8) return cleanJpeg(file);
  throw imageRefused("Only PNG and JPEG are taken.");
}

/** What a stored picture is, by its first byte. */
export const typeOf = (bytes: Uint8Array): CleanImage["type"] => (bytes[0] === 0x89 ? "image/png" : "image/jpeg");
