/** One line of progress on stderr, written over and over; nothing where nobody watches. */
export function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`);
}
