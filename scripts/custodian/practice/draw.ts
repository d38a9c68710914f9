import { Random } from "../../data/random.ts";
import { createRaster, encodePng, write, type Colour } from "./raster.ts";

/** What is drawn, and so what the right answer is. */
export const DRAWINGS = ["even", "lopsided", "ragged", "colours", "hidden"] as const;
export type Drawing = (typeof DRAWINGS)[number];

const SIZE = 256;
const PAPER: Colour = [236, 224, 205];
const INK: Colour = [92, 78, 66];
const BROWNS: readonly Colour[] = [[150, 98, 62], [134, 84, 52], [162, 112, 76]];
const SECOND: readonly Colour[] = [[74, 58, 60], [176, 66, 52], [96, 108, 130]];

const between = (a: number, b: number, share: number): number => Math.round(a * (1 - share) + b * share);
const mix = (a: Colour, b: Colour, share: number): Colour => [between(a[0], b[0], share), between(a[1], b[1], share), between(a[2], b[2], share)];

/**
 * A drawn practice picture: a spot on paper that differs from an even one in exactly one way. It is no photograph and looks like none; “DRAWN” stands in it.
 * @param seed The same seed gives the same drawing.
 */
export function drawPractice(drawing: Drawing, seed: number): Uint8Array {
  const random = new Random(seed, `practice-${drawing}`);
  const unit = (): number => random.uint32() / 2 ** 32;
  const raster = createRaster(SIZE);
  const radius = SIZE * (0.2 + 0.05 * unit());
  const [centreX, centreY] = [SIZE / 2 + 16 * (unit() - 0.5), SIZE / 2 + 16 * (unit() - 0.5)];
  const lean = 2 * Math.PI * unit();
  const teeth = Array.from({ length: 4 }, (_, i) => ({ times: 7 + 4 * i + random.below(3), size: 0.075 * (0.6 + unit()), phase: 2 * Math.PI * unit() }));
  const spots = Array.from({ length: 3 }, (_, i) => ({ angle: lean + 2.1 * i, away: radius * (0.35 + 0.2 * unit()), size: radius * (0.26 + 0.1 * unit()), colour: SECOND[i] ?? INK }));
  const body = BROWNS[random.below(BROWNS.length)] ?? INK;

  const reach = (angle: number): number => {
    if (drawing === "lopsided") return radius * (0.78 + 0.75 * Math.max(0, Math.cos(angle - lean)) ** 2);
    if (drawing === "ragged") return radius * (1 + teeth.reduce((sum, { times, size, phase }) => sum + size * Math.sin(times * angle + phase), 0));
    return radius * (1 + 0.03 * Math.cos(2 * (angle - lean)));
  };
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const [dx, dy] = [x - centreX, y - centreY];
      const inside = reach(Math.atan2(dy, dx)) - Math.hypot(dx, dy);
      const grain = (random.below(9) - 4) / 100;
      let colour = PAPER;
      if (inside > -1) {
        const spot = drawing === "colours" ? spots.find(({ angle, away, size }) => Math.hypot(dx - away * Math.cos(angle), dy - away * Math.sin(angle)) < size) : undefined;
        colour = mix(PAPER, spot?.colour ?? body, Math.min(1, (inside + 1) / 4));
      }
      // Too much drawn over it to tell anything.
      if (drawing === "hidden" && ((x + y) % 9 < 8 || (x - y + SIZE) % 11 < 8)) colour = mix(INK, PAPER, 0.25);
      raster.set(x, y, mix(colour, grain < 0 ? INK : [255, 255, 255], Math.abs(grain)));
    }
  }
  for (let i = 0; i < SIZE; i++) {
    for (const edge of i % 8 < 5 ? [0, 1, SIZE - 2, SIZE - 1] : []) {
      raster.set(i, edge, INK);
      raster.set(edge, i, INK);
    }
  }
  for (let y = SIZE - 34; y < SIZE - 8; y++) for (let x = 6; x < 76; x++) raster.set(x, y, PAPER);
  write(raster, "DRAWN", 12, SIZE - 28, 2, INK);
  return encodePng(raster);
}
