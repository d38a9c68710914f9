import type { FileHashes } from "../../../../protocol/file-hash.ts";
import type { Deployment } from "../../../../protocol/deployment.ts";
import type { Address } from "../subject.ts";
import type { Contact } from "./egress.ts";
import type { Found } from "./find.ts";
import type { Outcome } from "./question.ts";

/** A dropped file travels as it is: the browser lends its bytes, and nothing is copied before it is read. */
export interface SentFile {
  readonly path: string;
  readonly file: File;
}

export type Request =
  | { readonly type: "start"; readonly home: string | null; readonly deployment: unknown }
  | { readonly type: "verify"; readonly id: number; readonly address: Address }
  | { readonly type: "give"; readonly id: number; readonly address: Address; readonly files: readonly SentFile[] }
  | { readonly type: "flip"; readonly id: number; readonly artefact: `0x${string}`; readonly path: string; readonly offset: number }
  | { readonly type: "undo"; readonly id: number };

/** One file's hashes, and where on the ledger any of them stands; null: no ledger was there to look in. */
export interface HashedFile {
  readonly path: string;
  readonly hashes: FileHashes;
  readonly found: readonly Found[] | null;
}

export type Answer =
  | { readonly type: "contacts"; readonly contacts: readonly Contact[] }
  | { readonly type: "progress"; readonly id: number; readonly path: string; readonly done: number; readonly total: number }
  | { readonly type: "outcome"; readonly id: number; readonly outcome: Outcome; readonly files: readonly HashedFile[]; readonly deployment: Deployment | null }
  | { readonly type: "failed"; readonly id: number; readonly message: string; readonly fix: string };
