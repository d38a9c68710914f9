import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import type { BlockSource } from "../../../scripts/store/blocks.ts";
import { cidToDigest, type Digest } from "../../../scripts/store/index.ts";
import { createStore } from "../../../scripts/store/store.ts";
import type { ArtefactLimits, ArtefactStore } from "../../../scripts/store/index.ts";
import { sha256 } from "./fixtures.ts";

/*
 * Hostile artefacts, block by block. The protobuf is written by hand: a library would refuse to write most of them.
 */
export const RAW = 0x55;
export const DAG_PB = 0x70;
export const TYPE = { raw: 0, directory: 1, file: 2, metadata: 3, symlink: 4, shard: 5 } as const;

export interface Link {
  readonly name?: string;
  readonly cid: CID;
}

export class HostileDag implements BlockSource {
  readonly name = "memory";
  readonly blocks = new Map<string, Uint8Array>();

  block(codec: number, bytes: Uint8Array): CID {
    const cid = CID.createV1(codec, create(0x12, sha256(bytes)));
    this.blocks.set(String(cid), bytes);
    return cid;
  }

  leaf(bytes: Uint8Array | string): CID {
    return this.block(RAW, typeof bytes === "string" ? Buffer.from(bytes) : bytes);
  }

  node(type: number, links: readonly Link[], sizes: readonly number[] = [], data?: Uint8Array): CID {
    const unixfs = [
      varint(0x08), varint(type),
      ...(data === undefined ? [] : [field(0x12, data)]),
      ...sizes.flatMap((size) => [varint(0x20), varint(size)]),
    ];
    return this.block(DAG_PB, Buffer.concat([...links.map(linkField), field(0x0a, Buffer.concat(unixfs))]));
  }

  folder(entries: readonly (readonly [string, CID])[]): CID {
    return this.node(TYPE.directory, entries.map(([name, cid]) => ({ name, cid })));
  }

  file(parts: readonly (readonly [CID, number])[], data?: Uint8Array): CID {
    return this.node(TYPE.file, parts.map(([cid]) => ({ cid })), parts.map(([, size]) => size), data);
  }

  store(limits: Partial<ArtefactLimits> = {}): ArtefactStore {
    return createStore({ source: this, put: () => Promise.reject(new Error("read only")) }, limits);
  }

  digest(entries: readonly (readonly [string, CID])[]): Digest {
    return cidToDigest(this.folder(entries));
  }

  getBlock(cid: CID, most: number): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.blocks.get(String(cid))?.subarray(0, most + 1));
  }

  hasBlock(cid: CID): Promise<boolean> {
    return Promise.resolve(this.blocks.has(String(cid)));
  }

  locate(cid: CID): string {
    return `memory:${cid}`;
  }
}

function linkField({ name, cid }: Link): Uint8Array {
  const parts = [field(0x0a, cid.bytes)];
  if (name !== undefined) parts.push(field(0x12, Buffer.from(name)));
  return field(0x12, Buffer.concat([...parts, varint(0x18), varint(0)]));
}

function field(tag: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint(tag), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}
