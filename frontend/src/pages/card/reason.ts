import type { Line } from "../../claims/statement.ts";
import type { CardText } from "./text.en.ts";

/** Why a line stands in the history, in one phrase. Pure. */
export function reasonOf(line: Line, { reasons }: CardText["history"]): string {
  const { federation, seat, settlement, recipient } = line;
  const [inFederation, ofSeat] = [String(federation), String(seat)];
  if (line.kind === "entitlement") {
    return reasons.entitlement(inFederation, ofSeat, String(settlement?.index ?? ""), String(settlement?.firstRound ?? ""), String(settlement?.lastRound ?? ""));
  }
  return line.kind === "received" ? reasons.received(inFederation, ofSeat) : reasons["passed-on"](inFederation, ofSeat, recipient ?? "");
}
