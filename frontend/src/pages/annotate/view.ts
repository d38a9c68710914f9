import type { Action } from "./keys.ts";

/** How the picture is looked at. Changes nothing of it. */
export interface View {
  /** Percent. */
  readonly zoom: number;
  /** Share of the picture's size that its middle is moved. */
  readonly x: number;
  readonly y: number;
  readonly light: number;
  readonly contrast: number;
}

export const PLAIN_VIEW: View = { zoom: 100, x: 0, y: 0, light: 100, contrast: 100 };

const within = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const STEP = 0.1;

/** @returns Null when the action is none of the view's. */
export function changeView(view: View, action: Action): View | null {
  const moved = (x: number, y: number): View => {
    const most = (view.zoom / 100 - 1) / 2;
    return { ...view, x: within(view.x + x, -most, most), y: within(view.y + y, -most, most) };
  };
  const zoomed = (zoom: number): View => {
    const most = (zoom / 100 - 1) / 2;
    return { ...view, zoom, x: within(view.x, -most, most), y: within(view.y, -most, most) };
  };
  switch (action) {
    case "zoomIn":
      return zoomed(within(view.zoom + 50, 100, 800));
    case "zoomOut":
      return zoomed(within(view.zoom - 50, 100, 800));
    case "reset":
      return PLAIN_VIEW;
    case "left":
      return moved(STEP, 0);
    case "right":
      return moved(-STEP, 0);
    case "up":
      return moved(0, STEP);
    case "down":
      return moved(0, -STEP);
    case "darker":
      return { ...view, light: within(view.light - 10, 40, 200) };
    case "brighter":
      return { ...view, light: within(view.light + 10, 40, 200) };
    case "softer":
      return { ...view, contrast: within(view.contrast - 10, 40, 250) };
    case "harder":
      return { ...view, contrast: within(view.contrast + 10, 40, 250) };
    default:
      return null;
  }
}

/** The eight orientations of EXIF as CSS. Source: Exif 2.32, tag 0x0112. */
const TURNS: readonly string[] = ["", "scaleX(-1)", "rotate(180deg)", "scaleY(-1)", "rotate(90deg) scaleY(-1)", "rotate(90deg)", "rotate(270deg) scaleY(-1)", "rotate(270deg)"];

export const transformOf = ({ zoom, x, y }: View, turn: number): string => `translate(${x * 100}%, ${y * 100}%) scale(${zoom / 100}) ${TURNS[turn - 1] ?? ""}`.trim();
export const filterOf = ({ light, contrast }: View): string => (light === 100 && contrast === 100 ? "none" : `brightness(${light}%) contrast(${contrast}%)`);
