import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ChongwenError } from "../../protocol/errors.ts";

const LEAST = 32;

/** @returns Whether an `Authorization` header carries the token. How long it takes says nothing about how much of it is right. @throws oracle-token-weak */
export function bearer(token: string): (header: string | undefined) => boolean {
  if (token.length < LEAST) {
    throw new ChongwenError({ code: "oracle-token-weak", message: `The oracle's token has ${token.length} characters, fewer than ${LEAST}.`, fix: "Make one with `openssl rand -hex 32`." });
  }
  const hash = (text: string) => createHash("sha256").update(text).digest();
  const expected = hash(`Bearer ${token}`);
  return (header) => timingSafeEqual(hash(header ?? ""), expected);
}

/** The token in a file that only its owner reads; made when there is none. */
export async function openToken(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, `${randomBytes(32).toString("hex")}\n`, { flag: "wx", mode: 0o600, flush: true });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return (await readFile(file, "utf8")).trim();
}
