/** How often somebody may do something: a budget that refills evenly (token bucket). Its memory is bounded, whoever comes. */
export interface Limit {
  /** Takes one. @returns False when nothing is left. */
  take(who: string): boolean;
}

export interface LimitParameters {
  /** At once. */
  readonly burst: number;
  /** Refilled in a minute. */
  readonly perMinute: number;
  /** Seconds. */
  readonly now: () => number;
  /** Remembered askers; beyond it the one that asked longest ago is forgotten. */
  readonly most?: number;
}

export function createLimit({ burst, perMinute, now, most = 10_000 }: LimitParameters): Limit {
  const budgets = new Map<string, { left: number; at: number }>();
  return {
    take(who) {
      const at = now();
      const known = budgets.get(who);
      const left = known === undefined ? burst : Math.min(burst, known.left + (Math.max(0, at - known.at) * perMinute) / 60);
      budgets.delete(who);
      budgets.set(who, { left: left >= 1 ? left - 1 : left, at });
      const [oldest] = budgets.keys();
      if (budgets.size > most && oldest !== undefined) budgets.delete(oldest);
      return left >= 1;
    },
  };
}
