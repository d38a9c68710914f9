import type { BlockSource } from "./blocks.ts";
import { digestToCid, RAW, type Digest } from "./cid.ts";
import { walkFile } from "./file.ts";
import type { ArtefactLimits } from "./limits.ts";
import type { FolderNode, Node } from "./node.ts";
import { splitPath } from "./path.ts";
import type { ArtefactReader } from "./types.ts";
import { join, Walk, type Position } from "./walk.ts";

/** Opens an artefact: reads and checks its root, which must be a folder. */
export async function openArtefact(
  source: BlockSource,
  digest: Digest,
  label: string,
  limits: ArtefactLimits,
): Promise<ArtefactReader> {
  const root = digestToCid(digest);
  const top: Position = { cid: root, path: "" };
  const topFolder = await newWalk().loadRoot(root);
  // Folders are kept once read and checked.
  const folders = new Map<string, FolderNode>();

  return { digest, list, read };

  async function list(): Promise<string[]> {
    const paths: string[] = [];
    await collect(newWalk(), top, topFolder, paths);
    return paths.sort();
  }

  async function read(path: string): Promise<Uint8Array> {
    const walk = newWalk();
    let position = top;
    let node: Node = topFolder;
    for (const name of splitPath(path, limits)) {
      const cid = node.kind === "folder" ? node.entries.get(name) : undefined;
      if (cid === undefined) throw walk.absent(path);
      position = { cid, path: join(position.path, name) };
      node = await nodeAt(walk, position);
    }
    if (node.kind === "folder") throw walk.absent(path);
    walk.enter(position, node);
    if (node.parts.length === 0) return node.data;
    const bytes = new Uint8Array(node.size);
    await walkFile(walk, position, node, {
      data: (offset, part) => bytes.set(part, offset),
      fault: (error) => {
        throw error;
      },
    });
    return bytes;
  }

  async function collect(walk: Walk, position: Position, folder: FolderNode, paths: string[]): Promise<void> {
    walk.enter(position, folder);
    for (const [name, cid] of folder.entries) {
      const child = { cid, path: join(position.path, name) };
      // A raw block can only be a file: no need to fetch it.
      const node = cid.code === RAW ? undefined : await nodeAt(walk, child);
      if (node?.kind === "folder") await collect(walk, child, node, paths);
      else paths.push(child.path);
    }
  }

  async function nodeAt(walk: Walk, position: Position): Promise<Node> {
    const key = String(position.cid);
    const node = folders.get(key) ?? (await walk.load(position));
    if (node.kind === "folder") folders.set(key, node);
    return node;
  }

  function newWalk(): Walk {
    return new Walk(source, digest, label, limits);
  }
}
