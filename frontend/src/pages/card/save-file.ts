/** Gives the reader a file that was made here; nothing is sent anywhere. */
export function saveFile(name: string, type: string, text: string): void {
  // Spreadsheets take UTF-8 for an old encoding unless a mark says otherwise.
  const mark = type.startsWith("text/csv") ? "\u{feff}" : "";
  const url = URL.createObjectURL(new Blob([mark, text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
