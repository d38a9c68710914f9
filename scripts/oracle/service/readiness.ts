/** Whether the service can do its work now, and why not. */
export interface Readiness {
  /** @param problem Null: it is well. */
  set(part: string, problem: string | null): void;
  problems(): readonly { readonly part: string; readonly problem: string }[];
}

export function createReadiness(): Readiness {
  const parts = new Map<string, string>([["service", "It is starting."]]);
  return {
    set(part, problem) {
      if (problem === null) parts.delete(part);
      else parts.set(part, problem);
    },
    problems: () => [...parts].map(([part, problem]) => ({ part, problem })),
  };
}
