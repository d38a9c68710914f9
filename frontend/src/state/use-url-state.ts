import { useCallback, useSyncExternalStore } from "react";

const CHANGED = "chongwen:url";

function subscribe(onChange: () => void): () => void {
  addEventListener("popstate", onChange);
  addEventListener(CHANGED, onChange);
  return () => {
    removeEventListener("popstate", onChange);
    removeEventListener(CHANGED, onChange);
  };
}

/** A value in the address bar, so that what is seen can be linked to. */
export function useUrlState(key: string): readonly [string | null, (value: string | null) => void] {
  const value = useSyncExternalStore(subscribe, () => new URLSearchParams(location.search).get(key));
  const setValue = useCallback(
    (next: string | null) => {
      const url = new URL(location.href);
      if (next === null) url.searchParams.delete(key);
      else url.searchParams.set(key, next);
      history.replaceState(null, "", url);
      dispatchEvent(new Event(CHANGED));
    },
    [key],
  );
  return [value, setValue];
}
