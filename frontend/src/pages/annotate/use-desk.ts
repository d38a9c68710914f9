import { useEffect, useState, useSyncExternalStore } from "react";
import type { Hex } from "viem";
import { CustodianError } from "./client.ts";
import { DeskStore, type DeskState, type Task } from "./desk-store.ts";
import type { Visit } from "./login.ts";
import { PictureShelf } from "./picture-shelf.ts";

const randomSalt = (): Hex => `0x${Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;

export function useDesk(visit: Visit, tier: number): { readonly store: DeskStore; readonly state: DeskState } {
  const open = (): DeskStore =>
    new DeskStore({
      desk: visit.desk,
      tier,
      answer: { taskSet: visit.root, annotator: visit.annotator, sessionKey: visit.sessionKey },
      sign: visit.sign,
      now: () => performance.now(),
      sleep: (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds)),
      randomSalt,
    });
  const [store] = useState(open);
  const state = useSyncExternalStore(store.subscribe, store.state);
  useEffect(() => void store.refresh(), [store]);
  // Unsaved answers live in this page only.
  const unsaved = state.pending > 0;
  useEffect(() => {
    if (!unsaved) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [unsaved]);
  return { store, state };
}

export interface Shown {
  readonly address: string | null;
  readonly problem: string | null;
}

const NOTHING: Shown = { address: null, problem: null };

/** The present picture's address, while the next ones are fetched. Never the picture of another task. */
export function usePicture(visit: Visit, tier: number, next: readonly Task[]): Shown {
  const [shelf] = useState(() => new PictureShelf(visit.desk, tier));
  const [shown, setShown] = useState<Shown & { readonly task: number }>({ ...NOTHING, task: -1 });
  const [current] = next;
  useEffect(() => {
    shelf.keep(next);
    if (current === undefined) return undefined;
    let live = true;
    shelf.get(current).then(
      (address) => live && setShown({ address, problem: null, task: current.task }),
      (error: unknown) => live && setShown({ address: null, problem: error instanceof CustodianError ? error.code : "unreadable", task: current.task }),
    );
    return () => {
      live = false;
    };
  }, [shelf, next, current]);
  useEffect(() => () => shelf.keep([]), [shelf]);
  return current !== undefined && shown.task === current.task ? shown : NOTHING;
}
