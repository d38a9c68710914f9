/** More came than may. */
export class TooLong extends Error {}

/** Reads a body whole, and gives up at the first byte too many. @throws TooLong */
export async function readBounded(body: ReadableStream<Uint8Array> | null, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bounded(body, most)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The same, piece by piece. @throws TooLong */
export async function* bounded(body: ReadableStream<Uint8Array> | null, most: number): AsyncIterable<Uint8Array> {
  let left = most;
  if (body === null) return;
  for await (const piece of body) {
    if ((left -= piece.length) < 0) throw new TooLong(`There are more than ${most} bytes.`);
    yield piece;
  }
}
