import { splitAmount } from "../format/amount.ts";

/** An exact amount of SHU: decimals smaller, none left out. */
export function Amount({ value }: { readonly value: bigint }) {
  const { whole, fraction } = splitAmount(value);
  return (
    <data className="amount" value={value.toString()}>
      {whole}
      {fraction !== "" && <span className="fraction">.{fraction}</span>} <abbr className="unit">SHU</abbr>
    </data>
  );
}
