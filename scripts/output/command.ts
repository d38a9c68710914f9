import { ChongwenError } from "../../protocol/errors.ts";

/** What a shell sees. */
export const EXIT = { ok: 0, error: 1, usage: 2, mismatch: 3, signatureNeeded: 4, unverified: 5 } as const;

/** Where a command writes: data to `out`, everything else to `err`. */
export interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** The one JSON form of every command but `up`, whose summary has a form of its own. */
export interface Envelope {
  readonly schema_version: 1;
  readonly success: boolean;
  readonly data: unknown;
  readonly errors: readonly { code: string; message: string; fix: string; retryable: boolean }[];
}

export function toJson(value: unknown): string {
  return `${JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? item.toString() : item), 2)}\n`;
}

export function envelope(success: boolean, data: unknown, errors: Envelope["errors"] = []): string {
  const content: Envelope = { schema_version: 1, success, data, errors };
  return toJson(content);
}

/** Says what went wrong and what to do about it. @returns The exit code. */
export function reportFailure({ out, err }: Streams, error: unknown, json: boolean): number {
  const known = error instanceof ChongwenError ? error : unexpected(error);
  const { code, message, fix, retryable, docs } = known;
  if (json) out.write(envelope(false, null, [{ code, message, fix, retryable }]));
  err.write(`\n✗ ${message}\n  ${fix}${retryable ? " Trying again can help." : ""}${docs === undefined ? "" : ` (${docs})`}\n`);
  return code === "signature-needed" ? EXIT.signatureNeeded : code === "usage" ? EXIT.usage : EXIT.error;
}

function unexpected(error: unknown): ChongwenError {
  return new ChongwenError({
    code: "unexpected",
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    fix: "This is a defect: please report it with the lines above.",
    cause: error,
  });
}
