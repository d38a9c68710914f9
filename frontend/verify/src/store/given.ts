/** What a reader dropped on the page, sorted: artefacts (folders with a manifest), a deployment, a recorded ledger, erasure statements, and plain files. */
import type { Hex } from "viem";
import { erasureSchema, type Erasure } from "../../../../protocol/audit/erasure.ts";
import { SINGLE_FILE } from "../../../../protocol/audit/store.ts";
import { MANIFEST } from "../../../../protocol/bundle/files.ts";
import { deploymentSchema, type Deployment } from "../../../../protocol/deployment.ts";
import { factsSchema, type LedgerFacts } from "../../../../protocol/ledger/facts.ts";
import { artefactDigest } from "../../../../protocol/unixfs/encode.ts";
import type { Files } from "./artefacts.ts";

/** A dropped file: its path as the browser gives it, and a way to its bytes. */
export interface GivenFile {
  readonly path: string;
  readonly size: number;
  bytes(): Promise<Uint8Array>;
}

export interface Given {
  readonly artefacts: ReadonlyMap<Hex, Files>;
  readonly deployment: Deployment | null;
  readonly facts: LedgerFacts | null;
  readonly erasures: readonly Erasure[];
  /** Belongs to none of the above: to be hashed. */
  readonly loose: readonly GivenFile[];
}

const JSON_LIMIT = 64 * 2 ** 20;
const ARTEFACT_LIMIT = 2 ** 30;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);

export async function sortGiven(files: readonly GivenFile[]): Promise<Given> {
  const roots = files.filter(({ path }) => path === MANIFEST || path.endsWith(`/${MANIFEST}`)).map(({ path }) => folderOf(path));
  const artefacts = new Map<Hex, Files>();
  const taken = new Set<GivenFile>();
  for (const root of roots) {
    const inside = files.filter(({ path }) => path.startsWith(root) && !roots.some((other) => other.length > root.length && other.startsWith(root) && path.startsWith(other)));
    if (inside.reduce((sum, { size }) => sum + size, 0) > ARTEFACT_LIMIT) continue;
    const contents = await Promise.all(inside.map(async (file) => [file.path.slice(root.length), await file.bytes()] as const));
    for (const file of inside) taken.add(file);
    const bundle = new Map(contents);
    artefacts.set(artefactDigest(bundle), bundle);
  }

  let [deployment, facts]: [Deployment | null, LedgerFacts | null] = [null, null];
  const erasures: Erasure[] = [];
  const loose: GivenFile[] = [];
  for (const file of files) {
    if (taken.has(file)) continue;
    const value = file.path.endsWith(".json") && file.size <= JSON_LIMIT ? parse(await file.bytes()) : undefined;
    const [asDeployment, asFacts, asErasure] = [deploymentSchema.safeParse(value), factsSchema.safeParse(value), erasureSchema.safeParse(value)];
    if (asDeployment.success) deployment = asDeployment.data;
    else if (asFacts.success) facts = asFacts.data;
    else if (asErasure.success) erasures.push(asErasure.data);
    else {
      loose.push(file);
      // A file alone is an artefact too, when a ledger names it: a holdout, a dataset's card.
      if (file.path.endsWith(`/${SINGLE_FILE}`) || file.path === SINGLE_FILE) {
        const single = new Map([[SINGLE_FILE, await file.bytes()]]);
        artefacts.set(artefactDigest(single), single);
      }
    }
  }
  return { artefacts, deployment: deployment ?? facts?.deployment ?? null, facts, erasures, loose };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
