/** Everything a caller may want to know about a failure besides its message. */
export interface ChongwenErrorOptions {
  /** Stable identifier that programs can match on. */
  readonly code: string;
  /** What happened, with the values that matter. */
  readonly message: string;
  /** What to do about it, as an instruction. */
  readonly fix: string;
  /** Whether the same call can succeed later without a change by the caller. Default: false. */
  readonly retryable?: boolean;
  /** Where to read more, relative to the repository. */
  readonly docs?: string;
  readonly cause?: unknown;
}

/** The one error class of the project: what happened, what to do, and whether to try again. */
export class ChongwenError extends Error {
  override readonly name = "ChongwenError";
  readonly code: string;
  readonly fix: string;
  readonly retryable: boolean;
  readonly docs: string | undefined;

  constructor(options: ChongwenErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.fix = options.fix;
    this.retryable = options.retryable ?? false;
    this.docs = options.docs;
  }
}

/** Every failure of the protocol library, and what its reader can do. */
const FIXES = {
  "host-unsupported": "Run on a little-endian machine; every common one is.",
  "spec-invalid": "Correct the model specification; docs/protocol.md, “Model specification”, lists its rules.",
  "length-mismatch": "Pass exactly as many elements as the model specification has parameters.",
  "not-finite": "Find where training produced NaN or infinity; such an update must not be signed.",
  "out-of-range": "Pass a value within the range that the message states.",
  "rule-unknown": "Update this software, or use an aggregation or scoring rule that docs/protocol.md lists.",
  "weights-invalid": "Use integer weights 0..65535, at least one above zero, with a sum of at most 65535.",
  "too-few-updates": "Wait for more contributors, or trim fewer entries per side.",
  "column-invalid": "Rebuild the column from its entries; docs/protocol.md, “Packed columns”, gives its layout.",
  "signature-invalid": "Sign again with a wallet that makes canonical (low-s) ECDSA signatures.",
  "passkey-invalid": "Make the passkey on a device with a screen lock (fingerprint, face or PIN), and confirm with it.",
  "invitation-malformed": "Open the whole link as it was sent; if it stays so, ask the officer for a new one.",
  "json-invalid": "Write the file as canonical JSON: sorted keys, no white space, integers only, UTF-8.",
  "manifest-invalid": "Fetch the bundle again from another source; if it stays so, its author has to publish a valid one.",
  "open-round-invalid": "Ask the oracle for the open round again; if it stays so, do not train on it: its sender is not to be trusted.",
  "bundle-status-invalid": "Ask the oracle again; if it stays so, update this software or the oracle's.",
  "version-unknown": "Update this software: the file was written by a newer version.",
  "reputation-invalid": "Fetch the table again from another source; if it stays so, its settlement is not to be trusted.",
  "flow-invalid": "Export the flow again (npx chongwen flow export), or fetch its files from another source.",
  "bundle-path": "Do not use this bundle: it names files that no bundle may have.",
  "bundle-unreadable": "Check the connection to the store and try again, or fetch the bundle from another source.",
  "peer-header-invalid": "Send the header as docs/protocol.md, “Peer request”, writes it.",
  "statement-invalid": "Build and sign it again with current software; docs/annotation.md lists the fields.",
  "terms-invalid": "Correct the terms; docs/protocol.md, “Terms”, lists their fields and bounds.",
  "evidence-invalid": "Fetch the settlement's bundle again from another source; if it stays so, do not sign or accept the settlement.",
  "points-invalid": "Have the issuer make and sign the points again; docs/protocol.md, “Tier points”, lists the rules.",
  "gold-share": "Open another set with gold within the bounds: what readers did in this one cannot be scored by this rule.",
  "task-set-invalid": "Ask the custodian for a valid task set; docs/annotation.md lists its rules.",
  "noise-missing": "Give the federation's noise setting to the site's program, or use data that is exempt; docs/privacy.md says which noise a round takes.",
  "noise-uncovered": "Add more noise, clip lower, or ask governance for a higher price a round; docs/privacy.md gives the formula.",
  "privacy-mode-unsupported": "Use privacy mode A (public updates) or B (escrowed); masked sums are defined in the format and aggregated by no version yet.",
  "escrow-invalid": "Correct the register of readers: operators, and at least one auditor who is none of them; docs/privacy.md lists its rules.",
  "envelope-invalid": "Do not use this envelope; fetch it from another source. If it stays so, its site sealed it wrongly: exclude its payload.",
  "envelope-key-missing": "Ask an operator for the key slip, or read with a key that the round's register names.",
  "key-slip-invalid": "Ask another reader for the key slip; whoever opened one wrapping can make all of them again.",
  "card-invalid": "Correct the file: a README in UTF-8 of at most 1 MiB, with front matter of plain names and values, each name once.",
  "dossier-invalid": "Do not use this dossier; ask whoever exported it for another copy.",
  "header-invalid": "Ask another endpoint for the block; one that answers so again and again runs another kind of chain, or lies.",
  "proof-invalid": "Ask another endpoint for the proof; one that answers so again and again lies.",
  "unsupported": "Use software that knows this part of the format, or a federation without it.",
} as const satisfies Record<string, string>;

export type ProtocolErrorCode = keyof typeof FIXES;

/** All codes, for documentation and tests. */
export const PROTOCOL_ERROR_CODES = Object.keys(FIXES) as readonly ProtocolErrorCode[];

/** Makes a protocol error; the code decides what its reader is told to do. */
export function protocolError(code: ProtocolErrorCode, message: string, cause?: unknown): ChongwenError {
  return new ChongwenError({
    code,
    message,
    fix: FIXES[code],
    retryable: code === "bundle-unreadable",
    docs: "docs/protocol.md",
    cause,
  });
}
