/**
 * The deadline that holds for what a freeze of its federation may have met: its own, or a whole window after the freeze if that is later. As `Demands` has it;
 * for rounds the ledger says it itself (`IRounds.deadlineOf`). Pure.
 * @param frozenUntil End of the federation's last freeze, past or to come; 0 when there was none.
 */
export function deadlineThatHolds(stored: number, frozenUntil: number, window: number): number {
  return frozenUntil === 0 ? stored : Math.max(stored, frozenUntil + window);
}
