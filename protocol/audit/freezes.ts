/** A frozen federation stands still: what its ledger says of seals, reports and finality is held against when it was frozen. */
import { frozenAt, isLift } from "../ledger/freezes.ts";
import type { Audit } from "./context.ts";

const ENTRY = "freezes";

/** The contract refuses all of it; that it did is checked here once more, from what it said. */
export function auditFreezes({ facts: { freezes }, book, within }: Pick<Audit, "facts" | "book" | "within">): void {
  if (freezes === null) return;
  for (const move of freezes.moves) {
    if (!within.round(move.round)) continue;
    const until = frozenAt(freezes, move);
    book.same(`round ${move.round}`, "freeze", `the federation, when the round was ${move.move} in block ${move.block},`, "not frozen", until === 0 ? "not frozen" : `frozen until ${until}, at ${move.at}`);
  }
  if (!within.whole) return;
  book.same(ENTRY, "until", "end of the last freeze", freezes.changes.at(-1)?.until ?? 0, freezes.until);
  for (const change of freezes.changes) {
    if (!isLift(change)) book.same(ENTRY, `block ${change.block}`, "reason of the council", change.reason ?? "given", change.reason ?? "none");
  }
}
