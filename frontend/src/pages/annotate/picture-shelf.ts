import type { Desk } from "./client.ts";
import type { Task } from "./desk-store.ts";

/** Pictures in memory under `blob:` addresses: the present one and those that come next. What leaves the shelf is let go at once. */
export class PictureShelf {
  readonly #desk: Desk;
  readonly #tier: number;
  readonly #held = new Map<number, { readonly address: Promise<string> }>();

  constructor(desk: Desk, tier: number) {
    this.#desk = desk;
    this.#tier = tier;
  }

  get({ task, image }: Task): Promise<string> {
    const held = this.#held.get(task);
    if (held !== undefined) return held.address;
    const entry = { address: this.#desk.picture(task, this.#tier, image).then((blob) => URL.createObjectURL(blob)) };
    this.#held.set(task, entry);
    // A failed one is asked for again.
    entry.address.catch(() => this.#held.delete(task));
    return entry.address;
  }

  keep(tasks: readonly Task[]): void {
    for (const [task, { address }] of this.#held) {
      if (tasks.some((kept) => kept.task === task)) continue;
      this.#held.delete(task);
      address.then(URL.revokeObjectURL, () => undefined);
    }
    for (const task of tasks) this.get(task).catch(() => undefined);
  }
}
