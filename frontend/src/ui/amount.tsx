import { createContext, use } from "react";
import { splitAmount } from "../format/amount.ts";

/** What amounts are counted in, in the reader's words: SHU, unless a federation earns points. */
export const AmountUnit = createContext("SHU");

/** An exact amount: decimals smaller, none left out. @param unit That of the place, if not given. */
export function Amount({ value, unit }: { readonly value: bigint; readonly unit?: string }) {
  const placeUnit = use(AmountUnit);
  const { whole, fraction } = splitAmount(value);
  return (
    <data className="amount" value={value.toString()}>
      {whole}
      {fraction !== "" && <span className="fraction">.{fraction}</span>} <abbr className="unit">{unit ?? placeUnit}</abbr>
    </data>
  );
}
