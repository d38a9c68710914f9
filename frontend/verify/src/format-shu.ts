/** 10^−18 SHU as a decimal number, exactly. */
export function formatShu(amount: string): string {
  const digits = amount.padStart(19, "0");
  const fraction = digits.slice(-18).replace(/0+$/, "");
  return digits.slice(0, -18) + (fraction === "" ? "" : `.${fraction}`);
}
