/** `0x1234…abcd`; short values stay whole. */
export function shorten(hex: string, edge = 4): string {
  return hex.length <= 2 * edge + 4 ? hex : `${hex.slice(0, 2 + edge)}…${hex.slice(-edge)}`;
}
