import type { Hex } from "viem";
import { NO_NOTE, noteHash, secondsBucket, SPECIAL, type AnnotationAnswer, type Note, type Submission, type Work } from "../../../../protocol/annotation/index.ts";
import { CustodianError, isPassing, type Desk } from "./client.ts";

export type Task = Work["next"][number];

/** What the reader has said of the present picture besides the answer itself. */
export interface Draft {
  readonly incidental: boolean;
  readonly note: string;
  readonly confidence: number;
  /** In tiers where an answer is final: chosen, not yet confirmed. */
  readonly chosen: number | null;
}

/** What a screen reader is told, and everyone can read. */
export type Said =
  | { readonly kind: "saved"; readonly answer: number }
  | { readonly kind: "undone" | "hidden" | "noUndo" }
  | { readonly kind: "peers"; readonly agreeing: number; readonly pairs: number };

export interface DeskState {
  readonly phase: "loading" | "ready" | "ended";
  readonly tier: number;
  readonly done: number;
  readonly total: number;
  readonly next: readonly Task[];
  readonly draft: Draft;
  readonly paused: boolean;
  /** Answers given and not yet receipted. */
  readonly pending: number;
  /** Code of what went wrong last; null when all is well. */
  readonly problem: string | null;
  readonly said: Said | null;
}

export interface DeskParameters {
  readonly desk: Desk;
  readonly tier: number;
  readonly answer: Pick<AnnotationAnswer, "taskSet" | "annotator" | "sessionKey">;
  readonly sign: (answer: AnnotationAnswer) => Promise<Hex>;
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly randomSalt: () => Hex;
}

const FRESH: Draft = { incidental: false, note: "", confidence: 0, chosen: null };
const LONGEST_WAIT = 15_000;

/**
 * One reader at work. An answer is signed and sent at once, and the next picture comes without waiting for the receipt; answers that the server does not
 * take yet wait in order and are sent again. Nothing here knows of a browser.
 */
export class DeskStore {
  #state: DeskState;
  readonly #listeners = new Set<() => void>();
  readonly #queue: { submission: Submission; task: Task }[] = [];
  /** What can be taken back, the newest last. */
  readonly #given: { task: Task; answer: number }[] = [];
  #draining = false;
  #closed = false;
  #shownAt = 0;
  #counted = 0;
  readonly #with: DeskParameters;

  constructor(parameters: DeskParameters) {
    this.#with = parameters;
    this.#state = { phase: "loading", tier: parameters.tier, done: 0, total: 0, next: [], draft: FRESH, paused: false, pending: 0, problem: null, said: null };
  }

  readonly state = (): DeskState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  #set(change: Partial<DeskState>): void {
    const before = this.#state.next[0]?.task;
    this.#state = { ...this.#state, ...change };
    if (this.#state.next[0]?.task !== before) [this.#shownAt, this.#counted] = [this.#with.now(), 0];
    for (const listener of this.#listeners) listener();
  }

  /** Fetches what is to be done. */
  async refresh(): Promise<void> {
    for (let wait = 1000; !this.#closed; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        const { done, total, next } = await this.#with.desk.work(this.#with.tier);
        // An answer given meanwhile knows more than this reply.
        if (this.#queue.length === 0) this.#set({ phase: "ready", done, total, next, problem: null });
        return;
      } catch (error) {
        if (!this.#failed(error)) return;
        await this.#with.sleep(wait);
      }
    }
  }

  close(): void {
    this.#closed = true;
  }

  draft(change: Partial<Draft>): void {
    this.#set({ draft: { ...this.#state.draft, ...change } });
  }

  pause(): void {
    const { paused } = this.#state;
    if (paused) this.#shownAt = this.#with.now();
    else this.#counted += this.#with.now() - this.#shownAt;
    this.#set({ paused: !paused });
  }

  /** Answers the present picture, or in a final tier chooses until `confirm`. A recognised person is never a matter of choosing. */
  choose(answer: number): void {
    if (this.#with.tier === 1 || answer === SPECIAL.identifiable) this.#give(answer);
    else this.draft({ chosen: answer });
  }

  confirm(): void {
    const { chosen } = this.#state.draft;
    if (chosen !== null) this.#give(chosen);
  }

  #give(answer: number): void {
    const { next, draft, paused, done } = this.#state;
    const [task, ...rest] = next;
    if (task === undefined || paused) return;
    this.#given.push({ task, answer });
    const seconds = secondsBucket((this.#counted + this.#with.now() - this.#shownAt) / 1000);
    const identifiable = answer === SPECIAL.identifiable;
    this.#set({ next: rest, done: done + 1, draft: FRESH, said: identifiable ? { kind: "hidden" } : this.#with.tier === 1 ? { kind: "saved", answer } : this.#state.said });
    void this.#send(task, answer, task.revision, { seconds, confidence: draft.confidence, incidental: draft.incidental, note: draft.incidental ? draft.note.trim() : "" });
  }

  /** Takes the last answer back and shows its picture again. */
  undo(): void {
    const last = this.#given.pop();
    if (last === undefined || this.#with.tier > 1) return;
    if (last.answer === SPECIAL.identifiable) {
      this.#given.push(last);
      this.#set({ said: { kind: "noUndo" } });
      return;
    }
    const { task } = last;
    const again = { ...task, revision: task.revision + 2 };
    this.#set({ next: [again, ...this.#state.next.filter((other) => other.task !== task.task)], done: this.#state.done - 1, draft: FRESH, said: { kind: "undone" }, paused: false });
    void this.#send(task, SPECIAL.withdrawn, task.revision + 1, { seconds: 0, confidence: 0, incidental: false, note: "" });
  }

  async #send(task: Task, answer: number, revision: number, more: { seconds: number; confidence: number; incidental: boolean; note: string }): Promise<void> {
    const note: Note | null = more.note === "" ? null : { salt: this.#with.randomSalt(), text: more.note };
    const statement = {
      ...this.#with.answer, task: task.task, imageHash: task.image, tier: this.#with.tier, revision, answer: answer as Submission["answer"]["answer"], confidence: more.confidence, seconds: more.seconds,
      incidental: more.incidental, noteHash: note === null ? NO_NOTE : noteHash(note.salt, note.text),
    };
    const entry = { submission: { answer: statement, signature: "0x" as Hex, note }, task };
    // In line before it is signed: answers arrive in the order in which they were given.
    this.#queue.push(entry);
    this.#set({ pending: this.#queue.length });
    await this.#drain();
  }

  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    for (let wait = 1000; !this.#closed; ) {
      const [entry] = this.#queue;
      if (entry === undefined) break;
      try {
        const signature = await this.#with.sign(entry.submission.answer);
        const { peers } = await this.#with.desk.submit({ ...entry.submission, signature });
        this.#queue.shift();
        wait = 1000;
        this.#set({ pending: this.#queue.length, problem: null, ...(peers === null ? {} : { said: { kind: "peers", ...peers } }) });
      } catch (error) {
        if (this.#failed(error)) {
          await this.#with.sleep(wait);
          wait = Math.min(2 * wait, LONGEST_WAIT);
        } else {
          // Refused for good: what the server has counts, and is fetched below.
          this.#queue.length = 0;
          this.#given.length = 0;
          this.#set({ pending: 0 });
        }
      }
    }
    this.#draining = false;
    if (!this.#closed && this.#state.phase !== "ended") {
      const { problem } = this.#state;
      await this.refresh();
      if (problem !== null && this.#state.phase === "ready") this.#set({ problem });
    }
  }

  /** @returns Whether it will pass by itself. */
  #failed(error: unknown): boolean {
    const code = error instanceof CustodianError ? error.code : "unreadable";
    this.#set({ problem: code, ...(code === "login-needed" ? { phase: "ended" as const } : {}) });
    return isPassing(error);
  }
}
