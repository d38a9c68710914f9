/** Who may read updates: `privacyMode` of a federation's configuration. docs/privacy.md says what each is worth. */
import { protocolError } from "../errors.ts";

/** A, published: everybody recomputes. B, escrowed: encrypted to the operators and to auditors who are none. C, masked: only sums are known. */
export const PRIVACY_MODES = { published: 0, escrowed: 1, masked: 2 } as const;

/** Masked sums are in the format and in no software. @throws privacy-mode-unsupported */
export function requireMode(mode: number): void {
  if (mode === PRIVACY_MODES.published || mode === PRIVACY_MODES.escrowed) return;
  throw protocolError(
    "privacy-mode-unsupported",
    mode === PRIVACY_MODES.masked
      ? "Privacy mode C (masked sums) is defined in docs/protocol.md; this software neither aggregates nor scores it."
      : `Privacy mode ${mode} is unknown; there are 0 (published), 1 (escrowed) and 2 (masked).`,
  );
}

/** What a new federation should choose: medical records are escrowed unless they are public anyway. */
export function defaultMode({ medical, exempt }: { readonly medical: boolean; readonly exempt: boolean }): number {
  return medical && !exempt ? PRIVACY_MODES.escrowed : PRIVACY_MODES.published;
}
