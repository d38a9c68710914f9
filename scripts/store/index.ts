export { cidToDigest, digestToCid, type Digest } from "./cid.ts";
export { createDiskStore, type DiskStoreOptions } from "./disk.ts";
export {
  ArtefactError,
  ArtefactFileAbsent,
  ArtefactMalformed,
  ArtefactMismatch,
  ArtefactMissing,
  ArtefactPathRefused,
  ArtefactTooLarge,
  InvalidDigest,
  StoreDisagrees,
  StoreUnavailable,
  type ArtefactPlace,
} from "./errors.ts";
export { readErasures, withErasures, type Erasures } from "./erasures.ts";
export { diskKeySlips, type KeySlips } from "./key-slips.ts";
export { digestOf } from "./import.ts";
export { createKuboStore, type KuboStoreOptions } from "./kubo.ts";
export { defaultLimits, type ArtefactLimits } from "./limits.ts";
export {
  FILE_NAME,
  type ArtefactReader,
  type ArtefactStore,
  type OpenOptions,
  type Verification,
} from "./types.ts";
