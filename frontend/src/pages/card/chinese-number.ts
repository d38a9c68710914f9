/** Numbers as a Song printer set them, up to 9999. Pure. */
const DIGITS = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"] as const;
const PLACES = ["", "十", "百", "千"] as const;

export function chineseNumber(value: number): string {
  if (!Number.isInteger(value) || value < 1 || value > 9999) return String(value);
  const digits = [...String(value)].map(Number);
  let text = "";
  digits.forEach((digit, i) => {
    const place = digits.length - 1 - i;
    if (digit === 0) text += text.endsWith("〇") || digits.slice(i).every((rest) => rest === 0) ? "" : "〇";
    else text += `${digit === 1 && place === 1 && text === "" ? "" : DIGITS[digit]}${PLACES[place]}`;
  });
  return text;
}
