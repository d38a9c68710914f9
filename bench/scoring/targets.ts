// What each measure of the scenarios should reach: the promises of the issue, in fair shares. Stated here once, for every data set and setting.
export interface Target {
  readonly better: "lower" | "higher";
  readonly target: number;
  readonly reference: string;
}

const atMost = (target: number, reference: string): Target => ({ better: "lower", target, reference });
const atLeast = (target: number, reference: string): Target => ({ better: "higher", target, reference });

const LOSS = "log-loss Shapley paid a 60 % flipper 51–89 % of a pool, balanced accuracy 17–23 %";
const COPYCAT = "2CP: the copycat of an update earns the same again";

const ATTACKERS: Readonly<Record<string, Target>> = {
  "flip-60": atMost(0.3, LOSS),
  "flip-60-targeted": atMost(0.3, LOSS),
  zero: atMost(0, "a zero free-rider got 2 % of a pool by Shapley alone"),
  "replay-global": atMost(0, "cosine alone paid a replay 8–12 % of a pool"),
  "replay-own": atMost(0, "cosine alone paid a replay 8–12 % of a pool"),
  "replay-other": atMost(0, "cosine alone paid a replay 8–12 % of a pool"),
  "average-of-others": atMost(0.3, "no number published"),
  noise: atMost(0.1, "no number published"),
  // One honest round of three.
  "honest-then-noise": atMost(0.34, "no number published"),
  "sign-flip": atMost(0.1, "no number published"),
  "scale-10": atMost(0, "no number published"),
  copy: atMost(1, COPYCAT),
  "copy-with-noise": atMost(1, COPYCAT),
  "split-one-organisation": atMost(1, "no rule is fair to all and proof against false names: arXiv 2605.07663"),
  "split-two-organisations": atMost(1, "no rule is fair to all and proof against false names: arXiv 2605.07663"),
};

export const TARGETS: Readonly<Record<string, Target>> = {
  ...Object.fromEntries(["equal", "unlike"].flatMap((setting) => Object.entries(ATTACKERS).map(([name, target]) => [`${setting}.${name}`, target]))),
  "equal.honest.min": atLeast(0.6, "macro-AUC Shapley: 0.45 to 1.85"),
  "equal.honest.max": atMost(1.6, "macro-AUC Shapley: 0.45 to 1.85"),
  "unlike.honest.min": atLeast(0.01, "Shapley alone often paid 0 to cancer-rich sites"),
  "unlike.honest.max": atMost(2.5, "Shapley alone paid 57–100 % of a pool to one of four sites"),
};

/** 2CP's shares of the pool by flip rate (arXiv 2011.07516), times its four participants. */
export const PUBLISHED_CURVE: Readonly<Record<number, number>> = { 0: 1.008, 0.1: 0.956, 0.2: 1.056, 0.3: 0.74, 0.4: 0.244 };
