import type { BlockSource } from "./blocks.ts";
import { digestToCid, type Digest } from "./cid.ts";
import { ArtefactError, ArtefactTooLarge } from "./errors.ts";
import { walkFile } from "./file.ts";
import type { ArtefactLimits } from "./limits.ts";
import type { FolderNode } from "./node.ts";
import type { Verification } from "./types.ts";
import { join, Walk, type Position } from "./walk.ts";

/** Reads every block of an artefact and lists all that is wrong, going on after each fault. */
export async function verifyArtefact(
  source: BlockSource,
  digest: Digest,
  label: string,
  limits: ArtefactLimits,
  without: (path: string) => boolean = () => false,
): Promise<Verification> {
  const root = digestToCid(digest);
  const walk = new Walk(source, digest, label, limits);
  const findings: ArtefactError[] = [];
  let files = 0;
  let complete = true;

  try {
    await visitFolder({ cid: root, path: "" }, await walk.loadRoot(root));
  } catch (error) {
    note(error);
    complete = !(error instanceof ArtefactTooLarge);
  }
  return { ok: findings.length === 0, complete, files, blocks: walk.blocks, bytes: walk.bytes, findings };

  async function visitFolder(position: Position, folder: FolderNode): Promise<void> {
    walk.enter(position, folder);
    for (const [name, cid] of folder.entries) {
      const path = join(position.path, name);
      if (without(path)) continue;
      try {
        await visitEntry({ cid, path });
      } catch (error) {
        if (error instanceof ArtefactTooLarge) throw error;
        note(error);
      }
    }
  }

  async function visitEntry(position: Position): Promise<void> {
    const node = await walk.load(position);
    if (node.kind === "folder") {
      await visitFolder(position, node);
    } else {
      files++;
      walk.enter(position, node);
      await walkFile(walk, position, node, { data: () => undefined, fault: note });
    }
  }

  function note(error: unknown): void {
    if (!(error instanceof ArtefactError)) throw error;
    findings.push(error);
  }
}
