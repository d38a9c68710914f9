/** `localStorage`, where the browser allows it: the page works without. */
import type { Shelf } from "../tx/store.ts";

export function readRemembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Private mode or a full disk: the choice lasts until the page is closed.
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // As above.
  }
}

export const shelf: Shelf = { getItem: readRemembered, setItem: remember, removeItem: forget };
