import { formatEther } from "viem/utils";

/** Rounded down to four digits that say something, so that little is never shown as nothing. Pure. */
export function formatCoins(amount: bigint): string {
  const [whole = "0", fraction = ""] = formatEther(amount).split(".");
  const leading = whole === "0" ? /^0*/.exec(fraction)?.[0].length ?? 0 : 0;
  const kept = fraction.slice(0, Math.min(leading + 4, 18)).replace(/0+$/, "");
  return kept === "" ? whole : `${whole}.${kept}`;
}
