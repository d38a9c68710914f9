/**
 * The digest that files have as an artefact: a UnixFS directory of the profile unixfs-v1-2025 (IPIP-499), computed without storing a block. Only what that
 * profile writes: raw leaves of 1 MiB, 1,024 links a node, plain directories. Source: https://specs.ipfs.tech/unixfs/, https://ipld.io/specs/codecs/dag-pb/
 */
import { digest as sha256 } from "@chainsafe/as-sha256";
import { concatBytes, toHex, type Hex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { cidBytes, DAG_PB, RAW } from "./cid.ts";

/** @param chunk Bytes of a leaf. @param width Links of a file's node. */
export interface UnixfsProfile {
  readonly chunk: number;
  readonly width: number;
}

export const ARTEFACT_PROFILE: UnixfsProfile = { chunk: 2 ** 20, width: 1024 };

/** A block that others link to. @param size Bytes of the file from here down. @param total Bytes of all blocks from here down. */
export interface Link {
  readonly cid: Uint8Array;
  readonly size: number;
  readonly total: number;
}

const TYPE_DIRECTORY = 1;
const TYPE_FILE = 2;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** A length-delimited protobuf field. */
function delimited(field: number, bytes: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.from([(field << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function scalar(field: number, value: number): number[] {
  return [field << 3, ...varint(value)];
}

/** A dag-pb node: its links, then its data. */
function node(links: readonly { readonly name: string; readonly link: Link }[], data: readonly number[], size: number): Link {
  const encoded = links.map(({ name, link }) => {
    const parts = [delimited(1, link.cid), delimited(2, new TextEncoder().encode(name)), Uint8Array.from(scalar(3, link.total))];
    return delimited(2, concatBytes(parts));
  });
  const block = concatBytes([...encoded, delimited(1, Uint8Array.from(data))]);
  return { cid: cidBytes(DAG_PB, sha256(block)), size, total: block.length + links.reduce((sum, { link }) => sum + link.total, 0) };
}

export function leaf(bytes: Uint8Array): Link {
  return { cid: cidBytes(RAW, sha256(bytes)), size: bytes.length, total: bytes.length };
}

/** The file whose leaves these are. @param leaves At least one; a single one stands for itself. */
export function fileOf(leaves: readonly Link[], { width } = ARTEFACT_PROFILE): Link {
  let level = leaves;
  while (level.length > 1) {
    const below = level;
    level = Array.from({ length: Math.ceil(below.length / width) }, (_, i) => {
      const links = below.slice(i * width, (i + 1) * width);
      const size = links.reduce((sum, link) => sum + link.size, 0);
      const data = [...scalar(1, TYPE_FILE), ...scalar(3, size), ...links.flatMap((link) => scalar(4, link.size))];
      return node(links.map((link) => ({ name: "", link })), data, size);
    });
  }
  const [top] = level;
  if (top === undefined) throw protocolError("out-of-range", "A file has at least one leaf.");
  return top;
}

/** A file in memory. */
export function encodeFile(bytes: Uint8Array, profile = ARTEFACT_PROFILE): Link {
  const count = Math.max(1, Math.ceil(bytes.length / profile.chunk));
  return fileOf(Array.from({ length: count }, (_, i) => leaf(bytes.subarray(i * profile.chunk, (i + 1) * profile.chunk))), profile);
}

const compare = (a: Uint8Array, b: Uint8Array): number => {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
};

/** A directory. @param files By path, "/" between names. */
export function directoryOf(files: ReadonlyMap<string, Link>): Link {
  const folders = new Map<string, Map<string, Link>>();
  const entries = new Map<string, Link>();
  for (const [path, link] of files) {
    const cut = path.indexOf("/");
    if (cut < 0) {
      entries.set(path, link);
      continue;
    }
    const [name, rest] = [path.slice(0, cut), path.slice(cut + 1)];
    folders.set(name, (folders.get(name) ?? new Map<string, Link>()).set(rest, link));
  }
  for (const [name, inside] of folders) entries.set(name, directoryOf(inside));
  const encoder = new TextEncoder();
  const links = [...entries].map(([name, link]) => ({ name, link, key: encoder.encode(name) })).sort((a, b) => compare(a.key, b.key));
  return node(links, scalar(1, TYPE_DIRECTORY), 0);
}

/** What the chain would record of these files. */
export function artefactDigest(files: ReadonlyMap<string, Uint8Array>): Hex {
  const directory = directoryOf(new Map([...files].map(([path, bytes]) => [path, encodeFile(bytes)])));
  return toHex(directory.cid.subarray(4));
}
