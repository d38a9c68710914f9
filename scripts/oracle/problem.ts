/** What a failure is called, to whoever waits for a bundle or has asked for something. An endpoint's address or a path, which may hold a secret, is not in it. */
import { ChongwenError } from "../../protocol/errors.ts";
import { describeRevert } from "../chain/transactor.ts";
import { Refused } from "../service/refusal.ts";
import type { Held } from "./journal.ts";

export function problemOf(error: unknown): NonNullable<Held["problem"]> {
  const known = ofTheDisk(error) ?? error;
  if (known instanceof ChongwenError) return { code: known.code, message: known.message, fix: known.fix };
  return { code: "ledger-silent", message: describeRevert(error), fix: "Nothing: it is tried again by itself." };
}

/** What is answered to who has asked. Of what is none of ours nothing is told. */
export function failureOf(error: unknown): ChongwenError {
  const known = ofTheDisk(error) ?? error;
  return known instanceof ChongwenError ? known : new Refused("ledger-silent", "Something this service needs does not answer.", error);
}

const FULL = new Set<unknown>(["ENOSPC", "EDQUOT"]);
const FAILING = new Set<unknown>(["EIO", "EROFS"]);
/** SQLite's primary result codes: FULL; READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB. */
const SQLITE_FULL = 13;
const SQLITE_FAILING = new Set([8, 10, 11, 14, 26]);
/** A chain of causes is no longer than this. */
const DEEPEST = 8;

/** A failure of this machine's disk, whoever came upon it; null when it is none. A verdict stays one. */
export function ofTheDisk(error: unknown): Refused | null {
  if (error instanceof ChongwenError && !error.retryable) return null;
  let cause: unknown = error;
  for (let depth = 0; depth < DEEPEST && cause instanceof Error; depth++, cause = cause.cause) {
    const code = "code" in cause ? cause.code : null;
    const sqlite = code === "ERR_SQLITE_ERROR" && "errcode" in cause ? Number(cause.errcode) & 0xff : null;
    if (FULL.has(code) || sqlite === SQLITE_FULL) return new Refused("disk-full", "The disk of this service is full.", error);
    if (FAILING.has(code) || (sqlite !== null && SQLITE_FAILING.has(sqlite))) return new Refused("disk-failing", "The disk of this service cannot be written or read.", error);
  }
  return null;
}
