import { ChongwenError } from "../../protocol/errors.ts";
import { quote } from "./quote.ts";

const DOCS = "docs/decisions/storage.md";

/** The place in an artefact that an error is about. */
export interface ArtefactPlace {
  /** What the artefact is to the reader ("round 3 bundle"). */
  readonly label: string;
  readonly digest: string;
  /** The file or folder; empty for the artefact's root. */
  readonly path: string;
  /** First byte of the file that the block holds, in a file of several blocks. */
  readonly offset?: number;
  readonly cid?: string;
  /** The block file or the node's address. */
  readonly source?: string;
}

interface ArtefactFault {
  readonly code: string;
  readonly what: string;
  readonly fix: string;
  readonly cause?: unknown;
}

/** Something is wrong at a place of an artefact. */
export abstract class ArtefactError extends ChongwenError {
  readonly place: ArtefactPlace;

  constructor(place: ArtefactPlace, fault: ArtefactFault) {
    const { code, what, fix, cause } = fault;
    const message = `${describePlace(place)} ${what}${describeBlock(place)}`;
    super({ code, message, fix, docs: DOCS, cause });
    this.place = place;
  }
}

/** The bytes found are not the bytes the digest names. */
export class ArtefactMismatch extends ArtefactError {
  constructor(place: ArtefactPlace, what = "does not match its hash: its bytes were changed") {
    super(place, {
      code: "artefact-mismatch",
      what,
      fix: "Do not use this copy. Get the artefact from another store, or put the original files again: that replaces the damaged block.",
    });
  }
}

/** The store does not hold a block of the artefact. */
export class ArtefactMissing extends ArtefactError {
  constructor(place: ArtefactPlace) {
    super(place, {
      code: "artefact-missing",
      what: "is not in the store",
      fix: "Get the artefact from whoever published it, or read from a store that holds it.",
    });
  }
}

/** The artefact is as its digest says, and holds no such file. */
export class ArtefactFileAbsent extends ArtefactError {
  constructor(place: ArtefactPlace, what = "is not a file of the artefact") {
    super(place, { code: "artefact-file-absent", what, fix: "Ask for one of the paths that list() gives." });
  }
}

/** The bytes are what the digest names, and are not an artefact: whoever published it is at fault. */
export class ArtefactMalformed extends ArtefactError {
  constructor(place: ArtefactPlace, what: string, cause?: unknown) {
    super(place, {
      code: "artefact-malformed",
      what,
      fix: "The publisher must publish it again as a plain UnixFS directory.",
      cause,
    });
  }
}

/** The artefact is beyond a limit of this reader or this store. */
export class ArtefactTooLarge extends ArtefactError {
  readonly limit: string;
  constructor(place: ArtefactPlace, limit: string, most: number) {
    super(place, {
      code: "artefact-too-large",
      what: `is beyond the limit ${limit} = ${most}`,
      fix: `Split it, or open the store with a higher limit: limits: { ${limit}: … }.`,
    });
    this.limit = limit;
  }
}

/** A path that no artefact may hold. */
export class ArtefactPathRefused extends ChongwenError {
  constructor(path: string, fault: string) {
    super({
      code: "artefact-path-refused",
      message: `The path ${quote(path)} ${fault}.`,
      fix: 'Use a relative path of plain names with "/" between them, such as "updates/3.bin".',
    });
  }
}

/** Not a digest or content identifier of an artefact. */
export class InvalidDigest extends ChongwenError {
  constructor(text: string, fault: string, cause?: unknown) {
    super({
      code: "artefact-digest-invalid",
      message: `${quote(text)} ${fault}.`,
      fix: "Give the 32 bytes the chain records as 0x and 64 hexadecimal digits.",
      cause,
    });
  }
}

/** The store itself failed: a disk, a network, a node. Nothing is known about the artefact. */
export class StoreUnavailable extends ChongwenError {
  constructor(store: string, what: string, fix: string, cause: unknown) {
    super({ code: "store-unavailable", message: `The store at ${store} ${what}.`, fix, retryable: true, cause });
  }
}

/** A node answered a put with another digest than these bytes have. */
export class StoreDisagrees extends ChongwenError {
  constructor(store: string, expected: string, answered: string) {
    super({
      code: "store-disagrees",
      message: `The store at ${store} answered ${answered} for files whose digest is ${expected}.`,
      fix: "Use a Kubo node of version 0.35 or later, without settings that override the parameters of `add`.",
    });
  }
}

function describePlace({ label, digest, path, offset }: ArtefactPlace): string {
  const where = [label, digest, path].filter((part) => part !== "").join(" ");
  return offset === undefined ? where : `${where} (from byte ${offset})`;
}

function describeBlock({ cid, source }: ArtefactPlace): string {
  const parts = [cid === undefined ? "" : `block ${cid}`, source ?? ""].filter((part) => part !== "");
  return parts.length === 0 ? "." : ` (${parts.join(", ")}).`;
}
