/** What went wrong while joining, in words that the person can use. Pure. */
import type { JoinText } from "./text.en.ts";

interface Named {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

const RELAY: Readonly<Record<string, "exhausted" | "empty" | "unreachable">> = {
  "relay-exhausted": "exhausted",
  "relay-empty": "empty",
  "relay-too-dear": "exhausted",
  unreachable: "unreachable",
  unreadable: "unreachable",
  "no-relay": "unreachable",
};

export function wordsOf(error: unknown, { problems }: JoinText): string {
  const { name, code, message }: Named = typeof error === "object" && error !== null ? error : {};
  const said = typeof message === "string" ? (message.split("\n")[0] ?? "") : String(error);
  if (name === "NotAllowedError" || name === "AbortError") return problems.declined;
  if (name === "PasskeyUnavailable" || name === "NotSupportedError" || name === "SecurityError" || code === "passkey-invalid") return problems.device;
  if (name === "RelayRefused" && typeof code === "string") {
    const known = RELAY[code];
    return known === undefined ? problems.refused(said) : problems[known];
  }
  return problems.other(said);
}
