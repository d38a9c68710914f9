/** Writes a dossier: the facts, their proofs, and every block that an audit of them reads. The same ledger at the same block gives the same bytes. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Hex } from "viem";
import { erasureSchema } from "../../protocol/audit/erasure.ts";
import { auditLedger, type AuditReport } from "../../protocol/audit/audit.ts";
import { encodeJson, type Json } from "../../protocol/bundle/canonical-json.ts";
import { encodeCover, type DossierCover } from "../../protocol/dossier/cover.ts";
import { DOSSIER_FILES, DOSSIER_FOLDERS, DOSSIER_FORMAT, DOSSIER_LIMITS, encodeManifest, mostBytes, type DossierFile, type DossierManifest, type DossierScope } from "../../protocol/dossier/manifest.ts";
import { encodeProofs, type DossierProofs } from "../../protocol/dossier/proofs.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { writeFacts, type LedgerFacts } from "../../protocol/ledger/facts.ts";
import type { Scope } from "../../protocol/ledger/scope.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import type { BlockSource } from "../store/blocks.ts";
import { DiskBlocks } from "../store/disk-blocks.ts";
import { readErasures, withErasures, type Digest } from "../store/index.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { createStore } from "../store/store.ts";
import type { ReceiptFiles } from "./receipts.ts";
import { keepingSource, notingStore, withoutPayloads } from "./stores.ts";

export interface DossierParameters {
  /** A folder that is not there yet. */
  readonly out: string;
  readonly facts: LedgerFacts;
  /** Null: the chain offers none. */
  readonly proofs: DossierProofs | null;
  /** Null: events are the exporter's word. */
  readonly receipts?: ReceiptFiles | null;
  /** Where artefacts lie. */
  readonly source: BlockSource;
  /** Statements of what was erased. */
  readonly erasedDir: string;
  readonly scope: DossierScope;
  readonly withPayloads: boolean;
  readonly escrow?: EscrowReader | null;
  /** Signs the manifest's hash; null: nobody does. */
  readonly sign: ((manifest: Hex, about: DossierManifest) => Promise<NonNullable<DossierCover["signed"]>>) | null;
}

/** @param name SHA-256 of the manifest. @param report Of the audit that found out what belongs in it. */
export interface WrittenDossier {
  readonly name: Hex;
  readonly files: number;
  readonly bytes: number;
  readonly report: AuditReport;
}

export const auditScope = ({ rounds, settlement }: DossierScope): Scope => ({ rounds: rounds ?? undefined, settlement: settlement ?? undefined });

/** Without what the exporter's own endpoint and services are: a key often stands in their addresses. */
const publicFacts = (facts: LedgerFacts): LedgerFacts => {
  const { services: _, ...deployment } = facts.deployment;
  return { ...facts, deployment: { ...deployment, rpcUrl: new URL(deployment.rpcUrl).origin } };
};

/** @throws dossier-exists */
export async function writeDossier(parameters: DossierParameters): Promise<WrittenDossier> {
  const { out, proofs, receipts = null, source, erasedDir, scope, withPayloads, escrow = null, sign } = parameters;
  const facts = publicFacts(parameters.facts);
  if ((await lstat(out).catch(() => null)) !== null) {
    throw new ChongwenError({ code: "dossier-exists", message: `${out} is there already.`, fix: "Name a folder that is not there yet with --out." });
  }
  // Whoever is killed leaves no folder that looks like a whole dossier.
  const part = `${out}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(path.join(part, DOSSIER_FOLDERS.store), { recursive: true });

  const read = new Set<Digest>();
  const keeping = createStore({ source: keepingSource(source, new DiskBlocks(path.join(part, DOSSIER_FOLDERS.store))), put: () => Promise.reject(new Error("An export stores nothing.")) });
  const explained = withErasures(keeping, readErasures(erasedDir));
  const store = notingStore(withPayloads ? explained : withoutPayloads(explained), read);
  const report = await auditLedger({ facts, store, hashPairs: nativeHashPairs, escrow, scope: auditScope(scope) });
  await rm(path.join(part, DOSSIER_FOLDERS.store, ".unfinished"), { recursive: true, force: true });
  await copyErasures(erasedDir, path.join(part, DOSSIER_FOLDERS.erased), read);

  await writeFile(path.join(part, DOSSIER_FILES.facts), encodeJson(JSON.parse(writeFacts(facts)) as Json), { flush: true });
  if (proofs !== null) await writeFile(path.join(part, DOSSIER_FILES.proofs), encodeProofs(proofs), { flush: true });
  if (receipts !== null) {
    await writeFile(path.join(part, DOSSIER_FILES.headers), receipts.headers, { flush: true });
    await writeFile(path.join(part, DOSSIER_FILES.receipts), receipts.receipts, { flush: true });
  }
  const files = await listFiles(part);
  const manifest: DossierManifest = {
    format: DOSSIER_FORMAT, version: 1, chainId: facts.deployment.chainId, ledger: facts.deployment.contracts.rounds, federation: facts.federation,
    block: facts.asOf.block, scope, withPayloads, files,
  };
  const bytes = encodeManifest(manifest);
  if (files.length > DOSSIER_LIMITS.files || bytes.length > DOSSIER_LIMITS.manifest) {
    throw new ChongwenError({ code: "dossier-too-large", message: `The dossier would have ${files.length} files; a reader takes at most ${DOSSIER_LIMITS.files}.`, fix: "Export fewer rounds: --rounds 1-100, --settlement 3 or --lineage 50." });
  }
  const name = `0x${createHash("sha256").update(bytes).digest("hex")}` as const;
  const cover = encodeCover({ manifest: name, signed: sign === null ? null : await sign(name, manifest) });
  await writeFile(path.join(part, DOSSIER_FILES.manifest), bytes, { flush: true });
  await writeFile(path.join(part, DOSSIER_FILES.cover), cover, { flush: true });
  await rename(part, out);
  return { name, files: files.length + 2, bytes: files.reduce((sum, file) => sum + file.bytes, bytes.length + cover.length), report };
}

/** Statements about what was looked at; anything else in that folder is not for strangers. */
async function copyErasures(from: string, to: string, digests: ReadonlySet<Digest>): Promise<void> {
  for (const name of (await readdir(from).catch(() => [])).sort()) {
    if (!digests.has(name.slice(0, 66) as Digest) || mostBytes(`${DOSSIER_FOLDERS.erased}/${name}`) === null) continue;
    const file = path.join(from, name);
    if ((await lstat(file)).size > DOSSIER_LIMITS.erasure) continue;
    const text = await readFile(file, "utf8");
    if (!isErasure(text)) continue;
    await mkdir(to, { recursive: true });
    await writeFile(path.join(to, name), text, { flush: true });
  }
}

function isErasure(text: string): boolean {
  try {
    return erasureSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

async function listFiles(dir: string): Promise<DossierFile[]> {
  const files: DossierFile[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files.push({ path: path.relative(dir, file).split(path.sep).join("/"), ...(await hashFile(file)) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function hashFile(file: string): Promise<Pick<DossierFile, "bytes" | "sha256">> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: `0x${hash.digest("hex")}` };
}
