import { useMemo } from "react";
import { useUrlState } from "../../state/use-url-state.ts";
import { parseState, writeChange } from "./state.ts";
import type { FlowChange, FlowState } from "./state.ts";

const KEYS = ["flow", "zoom", "measure", "institutions", "datasets", "from", "to", "follow", "pick", "items"] as const;

export function useFlowState(): readonly [FlowState, (change: FlowChange) => void] {
  const urls = {
    flow: useUrlState("flow"),
    zoom: useUrlState("zoom"),
    measure: useUrlState("measure"),
    institutions: useUrlState("institutions"),
    datasets: useUrlState("datasets"),
    from: useUrlState("from"),
    to: useUrlState("to"),
    follow: useUrlState("follow"),
    pick: useUrlState("pick"),
    items: useUrlState("items"),
  } as const;
  // One string for all, so that the state is the same object until one of them changes.
  const address = JSON.stringify(KEYS.map((key) => [key, urls[key][0]]));
  const state = useMemo(() => {
    const values = new Map(JSON.parse(address) as [string, string | null][]);
    return parseState((key) => values.get(key) ?? null);
  }, [address]);
  const change = (to: FlowChange): void => {
    for (const [key, value] of writeChange(to)) urls[key as keyof typeof urls][1](value);
  };
  return [state, change];
}
