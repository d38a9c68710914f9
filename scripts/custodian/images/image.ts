import { ChongwenError } from "../../../protocol/errors.ts";

/** A picture without anything but its pixels. */
export interface CleanImage {
  readonly type: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 1..8 as in EXIF: how it is to be turned before it is looked at. The tag itself is not kept. */
  readonly turn: number;
}

export const MAX_PIXELS = 50_000_000;
export const MAX_FILE = 40_000_000;

/** A file that is not served, because it cannot be shown to be a picture and nothing else. */
export function imageRefused(message: string, cause?: unknown): ChongwenError {
  return new ChongwenError({ code: "image-refused", message, fix: "Open the picture in an image program and save it anew as PNG or JPEG.", docs: "docs/annotation.md", cause });
}

/** @throws image-refused */
export function requireSize(width: number, height: number): void {
  if (width < 1 || height < 1 || width > 30_000 || height > 30_000 || width * height > MAX_PIXELS) throw imageRefused(`A picture of ${width} × ${height} is not taken.`);
}
