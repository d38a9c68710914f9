/** Works through the bundles of one federation, in the order of rounds, and follows what was reported. */
import type { Follower } from "./follow.ts";
import { isVerdict } from "./handed.ts";
import type { Held, OracleJournal } from "./journal.ts";
import type { OracleObserver } from "./observer.ts";
import { problemOf } from "./problem.ts";
import { lastingNote, type Recorder } from "./record.ts";

export interface WorkerParameters {
  readonly federation: number;
  readonly journal: OracleJournal;
  readonly record: Recorder;
  readonly follow: Follower;
  /** A bundle was refused: its files are not needed any more. */
  readonly done: (bundle: Held["bundle"]) => Promise<void>;
  readonly warn: (message: string) => void;
  readonly observer: OracleObserver;
  /** Milliseconds between two looks at the chain. */
  readonly poll: number;
  readonly signal: AbortSignal;
}

export interface Worker {
  /** Something has come. */
  wake(): void;
  /** Resolves when the step that was under way at the signal is over. */
  readonly stopped: Promise<void>;
}

/** Bundles looked at in one turn: the lowest rounds. What comes behind them waits for them anyway. */
const AT_A_TIME = 4;
/** Milliseconds: when endpoints or peers are back, nobody waits longer for this operator. */
const LONGEST_PAUSE = 15_000;

export function startWorker({ federation, journal, record, follow, done, warn, observer, poll, signal }: WorkerParameters): Worker {
  const sleepers = new Set<() => void>();
  let news = false;

  /** Ends early at the signal; and when something comes, if it may. */
  function rest(milliseconds: number, light: boolean): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, light && news ? 0 : milliseconds);
      signal.addEventListener("abort", wake, { once: true });
      if (light) sleepers.add(wake);
      news = false;
    });
  }

  /** @returns Whether anything moved. @throws what may succeed later */
  async function recordAll(): Promise<boolean> {
    let moved = false;
    for (const held of journal.list(federation, ["waiting", "sealing", "sealed"]).slice(0, AT_A_TIME)) {
      if (signal.aborted) return false;
      try {
        moved = (await record(held)) || moved;
      } catch (error) {
        if (!isVerdict(error)) {
          if (!signal.aborted) journal.change(held.bundle, { problem: lastingNote(journal.find(held.bundle) ?? held) ?? problemOf(error) });
          throw error;
        }
        const problem = problemOf(error);
        journal.change(held.bundle, { state: "refused", problem });
        observer.bundleRefused({ federation, round: held.round, bundle: held.bundle, code: problem.code });
        await done(held.bundle);
        moved = true;
      }
    }
    return moved;
  }

  /** Does it again and again: at once while things move, else after a pause that grows with failures in a row. */
  async function loop(what: string, turn: () => Promise<boolean>): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      let pause = poll;
      try {
        if (await turn()) pause = 0;
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        // A random part keeps several oracles from asking at the same moments.
        pause = Math.min(LONGEST_PAUSE, poll * 2 ** ++failures) * (0.75 + Math.random() / 2);
        const { code, message } = problemOf(error);
        warn(`federation ${federation}: ${what}: ${message}`);
        observer.failed(what, code);
      }
      observer.turned(federation);
      if (!signal.aborted) await rest(pause, failures === 0);
    }
  }

  return {
    wake() {
      news = true;
      for (const wake of sleepers) wake();
    },
    stopped: Promise.all([loop("recording", recordAll), loop("following", follow)]).then(() => undefined),
  };
}
