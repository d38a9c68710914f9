/** Part of a federation that is looked at: one round, several, one settlement with the rounds it covers, or, when none is named, everything. */
export interface Scope {
  readonly round?: number | undefined;
  /** Ascending. */
  readonly rounds?: readonly number[] | undefined;
  readonly settlement?: number | undefined;
}

interface Covering {
  readonly index: number;
  readonly firstRound: number;
  readonly lastRound: number;
}

export interface ScopeTest {
  readonly whole: boolean;
  round(round: number): boolean;
  settlement(index: number): boolean;
}

export const isWhole = ({ round, rounds, settlement }: Scope): boolean => round === undefined && rounds === undefined && settlement === undefined;

/** @param settlements Those of the ledger: a settlement brings along the rounds that it covers. */
export function withinScope(scope: Scope, settlements: readonly Covering[]): ScopeTest {
  const whole = isWhole(scope);
  const named = new Set(scope.rounds);
  const covering = settlements.find(({ index }) => index === scope.settlement);
  return {
    whole,
    round: (round) => whole || round === scope.round || named.has(round) || (covering !== undefined && round >= covering.firstRound && round <= covering.lastRound),
    settlement: (index) => whole || index === scope.settlement,
  };
}
