import type { Hex } from "viem";
import type { Draft, DraftImage } from "../import.ts";
import { Random } from "../../data/random.ts";
import { DRAWINGS, drawPractice, type Drawing } from "./draw.ts";

const COUNT = 32;
const UNGRADABLE = 202;
const NOTE = { en: "Drawn practice picture: not a photograph, not skin.", zh: "练习用绘图：不是照片，也不是皮肤。" };

const answerTo = (drawing: Drawing): number => (drawing === "hidden" ? UNGRADABLE : DRAWINGS.indexOf(drawing) + 1);

/** What a custodian would write beside its pictures. */
export const practiceDraft = (chainId: number, ledger: string): Draft => ({
  id: "drawn-practice",
  edition: 1,
  chainId,
  ledger,
  dataset: 0,
  practice: true,
  readings: 1,
  title: { en: "Practice with drawings", zh: "用绘图练习" },
  pictures: NOTE,
  question: { en: "What sets this spot apart?", zh: "这个斑点有何特别？" },
  instructions: {
    en: "Every picture is drawn by a program: a brown spot that is even, or differs from an even one in one way. Choose what you see. If you cannot decide, say so; if too much is drawn over it, call it ungradable. Nothing here is a diagnosis, and nothing counts: this is for getting used to the keys.",
    zh: "每幅图都由程序绘制：一个褐色斑点，或者均匀，或者仅在一处不同。请选择您看到的情形。拿不准就选“不确定”；若被遮盖得无法分辨，就选“无法判读”。这里没有诊断，也不计分：只为熟悉按键。",
  },
  classes: [
    { code: 1, name: "even", label: { en: "Even", zh: "均匀" }, description: { en: "round, smooth edge, one colour", zh: "圆形，边缘平滑，颜色单一" } },
    { code: 2, name: "lopsided", label: { en: "Lopsided", zh: "不对称" }, description: { en: "one half larger than the other", zh: "一半大，一半小" } },
    { code: 3, name: "ragged", label: { en: "Ragged edge", zh: "边缘不齐" }, description: { en: "teeth and notches all around", zh: "四周有齿状缺口" } },
    { code: 4, name: "colours", label: { en: "Several colours", zh: "多种颜色" }, description: { en: "patches of other colours inside", zh: "内部有其他颜色的斑块" } },
  ],
});

/** Drawings in seeded order; a few of each kind are gold, which follows from what was drawn. */
export function drawPracticeImages(seed: number): DraftImage[] {
  const random = new Random(seed, "practice-set");
  const kinds = Array.from({ length: COUNT }, (_, i): Drawing => (i === COUNT - 1 ? "hidden" : (DRAWINGS[i % 4] ?? "even")));
  const golden = new Set<Drawing>();
  return random.shuffle(kinds).map((drawing, i) => {
    const isGold = !golden.has(drawing);
    golden.add(drawing);
    return { name: `drawing ${i + 1}`, file: drawPractice(drawing, seed * 1000 + i), gold: isGold ? { answer: answerTo(drawing), level: "drawn" as const } : null };
  });
}

/** Its salt and order are fixed too: this set is for practice, and nothing in it is a secret worth keeping. */
export const PRACTICE_SECRET: Hex = `0x${"7072616374696365".repeat(4)}`;
