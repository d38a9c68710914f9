import { useUrlState } from "./use-url-state.ts";

/** The federation that the address bar names, else the first. */
export function useFederationNumber(): readonly [number, (federation: number) => void] {
  const [chosen, choose] = useUrlState("federation");
  const federation = chosen !== null && /^[1-9]\d{0,8}$/.test(chosen) ? Number(chosen) : 1;
  return [federation, (next) => choose(String(next))];
}
