/** Amounts of SHU: bigints in 10^−18, shown exactly. No number type ever holds one. */
const DECIMALS = 18;

/** @param whole With thousands separators. @param fraction Without trailing zeros; empty when none. */
export interface SplitAmount {
  readonly whole: string;
  readonly fraction: string;
}

export function splitAmount(amount: bigint): SplitAmount {
  const negative = amount < 0n;
  const digits = (negative ? -amount : amount).toString().padStart(DECIMALS + 1, "0");
  const whole = digits.slice(0, -DECIMALS).replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return { whole: negative ? `−${whole}` : whole, fraction: digits.slice(-DECIMALS).replace(/0+$/, "") };
}

export function formatAmount(amount: bigint): string {
  const { whole, fraction } = splitAmount(amount);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** A native amount rounded up to four significant decimals: fees are estimates. */
export function formatFee(wei: bigint): string {
  const unit = 10n ** 12n;
  const millionths = (wei + unit - 1n) / unit;
  return formatAmount(millionths * unit);
}
