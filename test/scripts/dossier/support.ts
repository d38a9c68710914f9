// A dossier of the small ledger of test/scripts/audit, which has no chain; and ways to spoil one.
import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import os from "node:os";
import path from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import { toCompactSignature } from "../../../protocol/index.ts";
import { coverTypedData, decodeCover, encodeCover } from "../../../protocol/dossier/cover.ts";
import { decodeManifest, encodeManifest, type DossierManifest } from "../../../protocol/dossier/manifest.ts";
import { checkDossier } from "../../../scripts/dossier/check.ts";
import { writeDossier, type DossierParameters, type WrittenDossier } from "../../../scripts/dossier/write.ts";
import { DiskBlocks } from "../../../scripts/store/disk-blocks.ts";
import { buildLedger, type Fixture } from "../audit/fixture.ts";

export const exporter = privateKeyToAccount(`0x${"77".repeat(32)}`);
export const sign: NonNullable<DossierParameters["sign"]> = async (manifest, about) => ({ signer: exporter.address, signature: toCompactSignature(await exporter.signTypedData(coverTypedData(manifest, about))) });

export interface Bench {
  readonly ledger: Fixture;
  /** A signed dossier of everything. */
  readonly whole: string;
  readonly written: WrittenDossier;
  export(changes?: Partial<DossierParameters>): Promise<{ readonly out: string; readonly written: WrittenDossier }>;
  /** A copy to be spoiled. */
  copy(of?: string): Promise<string>;
  close(): Promise<void>;
}

export async function startBench(): Promise<Bench> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-dossier-"));
  const ledger = await buildLedger();
  let count = 0;
  const fresh = () => path.join(dir, `d${count++}`);
  const write = async (changes: Partial<DossierParameters> = {}) => {
    const out = fresh();
    const everything = { rounds: null, settlement: null };
    return { out, written: await writeDossier({ out, facts: ledger.facts, proofs: null, source: new DiskBlocks(ledger.dir), erasedDir: path.join(dir, "erased"), scope: everything, withPayloads: true, sign, ...changes }) };
  };
  const { out: whole, written } = await write();
  return {
    ledger, whole, written,
    export: write,
    async copy(of = whole) {
      const out = fresh();
      await cp(of, out, { recursive: true });
      return out;
    },
    close: async () => {
      await rm(dir, { recursive: true, force: true });
      await rm(ledger.dir, { recursive: true, force: true });
    },
  };
}

/** Every file, by path from the top. */
export async function filesOf(dir: string): Promise<string[]> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)).split(path.sep).join("/")).sort();
}

const sha256 = (bytes: Uint8Array) => `0x${createHash("sha256").update(bytes).digest("hex")}` as const;

/** What a forger does: changes files, then makes manifest and cover fit them. Only a signature cannot be made. */
export async function forge(dir: string, changes: Readonly<Record<string, Uint8Array | null>>, change: (manifest: DossierManifest) => DossierManifest = (manifest) => manifest): Promise<void> {
  for (const [file, bytes] of Object.entries(changes)) if (bytes !== null) await writeFile(path.join(dir, file), bytes);
  const manifest = decodeManifest(await readFile(path.join(dir, "dossier.json")));
  const known = manifest.files.filter(({ path: file }) => !(file in changes));
  const files = [...known, ...Object.entries(changes).flatMap(([file, bytes]) => (bytes === null ? [] : [{ path: file, bytes: bytes.length, sha256: sha256(bytes) }]))];
  const bytes = encodeManifest(change({ ...manifest, files }));
  const cover = decodeCover(await readFile(path.join(dir, "cover.json")));
  await writeFile(path.join(dir, "dossier.json"), bytes);
  await writeFile(path.join(dir, "cover.json"), encodeCover({ ...cover, manifest: sha256(bytes) }));
}

/** Flips one bit of each file, a random one, and puts it back: every flip is noticed, and the file that holds it is blamed. */
export async function expectFlipsNoticed(bench: Bench, files: readonly string[]): Promise<void> {
  const copy = await bench.copy();
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (const file of files) {
    const original = await readFile(path.join(bench.whole, file));
    const spoiled = Uint8Array.from(original);
    const at = random(spoiled.length);
    spoiled[at] = (spoiled[at] ?? 0) ^ (1 << random(8));
    await writeFile(path.join(copy, file), spoiled);
    const { findings, ok } = await checkDossier(copy);
    assert.equal(ok, false);
    assert.deepEqual([findings[0]?.kind, findings[0]?.subject], ["mismatch", file], `bit of byte ${at} of ${file}: ${JSON.stringify(findings[0])}`);
    await writeFile(path.join(copy, file), original);
  }
  assert.deepEqual((await checkDossier(copy)).findings, []);
}
