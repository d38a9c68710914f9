import type { Progress } from "../output/progress.ts";
import type { ActionLine, CheckLine, Observer } from "../watch/observer.ts";

/** Everything that the watcher said and did. */
export interface Logbook {
  readonly observer: Observer;
  /** Last result for a subject. */
  checkOf(subject: string): CheckLine | undefined;
  /** The last action of a kind since the scene before ended. */
  lastAction(action: string): ActionLine | null;
  /** SHU that the watcher collected since it was last asked. */
  takeAward(): bigint;
  /** What belongs to a scene, which ends here. @param subject What was wrong in it. */
  scene(subject: string): { found: Pick<CheckLine, "subject" | "result" | "reason" | "where" | "fetched" | "computed"> | null; transactions: (ActionLine & { seconds: number })[] };
}

export function createLogbook(progress: Progress): Logbook {
  const checks = new Map<string, CheckLine>();
  let actions: (ActionLine & { seconds: number })[] = [];
  let award = 0n;
  const started = performance.now();
  return {
    observer: {
      checked(line) {
        checks.set(line.subject, line);
        progress.done(`watcher: ${line.subject} ${line.result}${line.reason === "" ? "" : `: ${line.reason}`}`);
      },
      acted(line) {
        actions.push({ ...line, seconds: Math.round((performance.now() - started) / 100) / 10 });
        if (line.action === "collect") award += BigInt(/^\d+/.exec(line.note)?.[0] ?? "0");
        progress.done(`watcher: ${line.action} (${line.gas} gas) ${line.transaction}`);
      },
      warned: (subject, message) => progress.note(`watcher: ${subject}: ${message}`),
      ended: (subject, fate) => progress.done(`watcher: ${subject} ${fate}`),
    },
    checkOf: (subject) => checks.get(subject),
    lastAction: (action) => actions.findLast((line) => line.action === action) ?? null,
    takeAward() {
      const taken = award;
      award = 0n;
      return taken;
    },
    scene(subject) {
      const check = checks.get(subject);
      const transactions = actions;
      actions = [];
      if (check === undefined) return { found: null, transactions };
      const { result, reason, where, fetched, computed } = check;
      return { found: { subject, result, reason, where, fetched: Math.round(fetched), computed: Math.round(computed) }, transactions };
    },
  };
}
