/** What a store takes and what a reader follows before giving up. A digest on the chain may be anyone's. */
export interface ArtefactLimits {
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of all files of an artefact. */
  readonly totalBytes: number;
  /** Files and folders directly in one folder. */
  readonly folderEntries: number;
  /** Files and folders in an artefact. */
  readonly entries: number;
  /** Blocks followed in one call. */
  readonly blocks: number;
  /** Bytes of one block. IPFS nodes exchange none above 2 MiB. */
  readonly blockBytes: number;
  /** Names in a path. */
  readonly depth: number;
  /** UTF-8 bytes of one name in a path. */
  readonly nameBytes: number;
  /** UTF-8 bytes of a path. */
  readonly pathBytes: number;
}

const MiB = 2 ** 20;

export const defaultLimits: ArtefactLimits = {
  fileBytes: 512 * MiB,
  totalBytes: 8192 * MiB,
  folderEntries: 4096,
  entries: 16_384,
  blocks: 65_536,
  blockBytes: 2 * MiB,
  depth: 8,
  nameBytes: 255,
  pathBytes: 1024,
};

/** A folder is one block: above this many bytes Kubo and the importer would shard it, which no artefact is. */
export const FOLDER_BLOCK_BYTES = 256 * 1024;

/** Levels of a file's tree. With 1,024 children a node and 1 MiB leaves, two already hold 1 GiB. */
export const FILE_TREE_DEPTH = 4;
