/** `part / whole` as a percentage with `digits` decimals, rounded half up, by integer arithmetic alone. */
export function formatShare(part: bigint, whole: bigint, digits = 1): string {
  if (whole <= 0n) return "–";
  const scale = 10n ** BigInt(digits);
  const scaled = (part * 100n * scale * 2n + whole) / (whole * 2n);
  const text = scaled.toString().padStart(digits + 1, "0");
  return digits === 0 ? `${text} %` : `${text.slice(0, -digits)}.${text.slice(-digits)} %`;
}
