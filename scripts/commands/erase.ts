import { ERASURE_FORMAT, type Erasure, erasureTypedData } from "../../protocol/audit/erasure.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { envelopePath } from "../../protocol/bundle/round-manifest.ts";
import { toCompactSignature, updatePath } from "../../protocol/index.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { parseEnvelope } from "../../protocol/privacy/envelope.ts";
import { openWorkspace, type Workspace } from "../federation/workspace.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { eraseBlocks } from "../store/erase.ts";
import { writeErasure } from "../store/erasures.ts";
import { SLIP_PATH } from "../store/key-slips.ts";
import { createDiskStore, createKuboStore, diskKeySlips, type ArtefactStore, type Digest } from "../store/index.ts";
import { eraseKuboBlocks } from "../store/erase-kubo.ts";
import { openLedger, openSigner, usage, type LedgerOptions, type SignerOptions } from "./context.ts";

export interface EraseOptions extends LedgerOptions, SignerOptions {
  readonly store?: string | undefined;
  /** A Kubo node's address, in place of a folder. */
  readonly ipfs?: string | undefined;
  readonly basis: string;
  readonly statedBy: string;
  readonly round?: number | undefined;
  readonly seat?: number | undefined;
  readonly evenIfShared: boolean;
  readonly dryRun: boolean;
}

/** What is to go: an artefact, or one file of it, and the keys of the envelopes in it. */
interface Target {
  readonly artefact: Digest;
  readonly path?: string;
  readonly envelopes: readonly Digest[];
}

/**
 * Destroys keys and copies here, and says so in a signed statement. The statement is written first: it is believed only of what is missing, and whoever is
 * interrupted runs the same again.
 */
export async function erase(digest: string | undefined, options: EraseOptions, { out, err }: Streams): Promise<number> {
  const workspace = openWorkspace(options.dir);
  const deployment = await workspace.loadDeployment();
  const { basis, statedBy, dryRun, evenIfShared, json } = options;
  const storeDir = options.store ?? workspace.storeDir;
  const target = await findTarget(digest, options, workspace, options.ipfs === undefined ? createDiskStore(storeDir) : createKuboStore({ url: options.ipfs, offline: true }));
  const unsigned = { artefact: target.artefact, ...(target.path === undefined ? {} : { path: target.path }), erasedAt: Math.floor(Date.now() / 1000), basis, statedBy };

  let files: string[] = [];
  if (!dryRun) {
    const signer = await openSigner(options, { deployment });
    const ledger = deployment.contracts.rounds;
    const state = async (statement: typeof unsigned): Promise<string> => {
      const signature = toCompactSignature(await signer.signTypedData(erasureTypedData(deployment.chainId, ledger, statement)));
      const erasure = { format: ERASURE_FORMAT, version: 1, ...statement, signed: { chainId: deployment.chainId, ledger: ledger.toLowerCase(), signer: signer.address.toLowerCase(), signature } };
      return writeErasure(workspace.erasedDir, erasure as unknown as Erasure);
    };
    files = [await state(unsigned)];
    for (const id of target.envelopes) files.push(await state({ ...unsigned, artefact: id, path: SLIP_PATH }));
  }
  const slips = diskKeySlips(workspace.keysDir, workspace.erasedDir);
  let keys = 0;
  for (const id of target.envelopes) {
    if (dryRun) keys += (await slips.list()).includes(id) ? 1 : 0;
    else if (await slips.destroy(id)) keys += 1;
  }
  const doomed = { digest: target.artefact, file: target.path, evenIfShared, dryRun };
  const { removed, shared } = options.ipfs === undefined ? await eraseBlocks({ dir: storeDir, ...doomed }) : await eraseKuboBlocks({ connection: { url: options.ipfs }, ...doomed });
  if (shared > 0) err.write(`! ${shared} blocks are also part of other artefacts here, or pinned by others, and ${dryRun ? "would be" : "were"} kept. --even-if-shared removes them there too.\n`);
  if (json) out.write(envelope(true, { artefact: target.artefact, path: target.path ?? null, keys, blocks: removed, shared, statements: files, dryRun }));
  else {
    out.write(`${dryRun ? "Would erase" : "✓ Erased"} ${target.path === undefined ? "" : `${target.path} of `}${target.artefact}: ${keys} ${keys === 1 ? "key" : "keys"} destroyed, ${removed} blocks removed\n`);
    for (const file of files) out.write(`  ${file}\n`);
    if (!dryRun) out.write("Copies that others made are not here to be erased: send them the statement. Escrow readers destroy their key slips with the same command.\n");
  }
  return EXIT.ok;
}

async function findTarget(digest: string | undefined, options: EraseOptions, workspace: Workspace, store: ArtefactStore): Promise<Target> {
  const { round, seat } = options;
  if ((digest === undefined) === (round === undefined)) throw usage("Either an artefact's digest or --round is needed.", "Write `artefact erase 0x…`, or `artefact erase --round 3 --seat 5`.");
  if (digest !== undefined && !/^0x[0-9a-fA-F]{64}$/.test(digest)) throw usage(`${digest.slice(0, 80)} is no digest.`, "Give the 32 bytes that the chain records as 0x and 64 hexadecimal digits.");
  if (seat !== undefined && round === undefined) throw usage("--seat needs --round.", "Name the round whose payload is to go.");
  const artefact = (digest?.toLowerCase() ?? (await artefactOf(options, workspace))) as Digest;
  const known = await store.open(artefact).then(async (reader) => ({ reader, paths: await reader.list() }), () => null);
  const envelopeId = async (path: string): Promise<Digest[]> => {
    try {
      return [parseEnvelope((await known?.reader.read(path)) ?? new Uint8Array()).id];
    } catch (error) {
      if (error instanceof ChongwenError) return [];
      throw error;
    }
  };
  const envelopes: Digest[] = [];
  if (seat === undefined) {
    for (const path of known?.paths.filter((name) => name.endsWith(".envelope")) ?? []) envelopes.push(...(await envelopeId(path)));
    return { artefact, envelopes };
  }
  const path = [envelopePath(seat), updatePath(seat)].find((name) => known?.paths.includes(name) ?? false);
  if (path === undefined) throw usage(`The bundle of round ${round} has no payload of seat ${seat}, or is not in this store.`, "See `npx chongwen round show` for the seats of a round.");
  return { artefact, path, envelopes: await envelopeId(path) };
}

/** The artefact of a round's report: as the chain says, else as the workspace recorded it. */
async function artefactOf(options: EraseOptions, workspace: Workspace): Promise<string> {
  const { round, federation } = options;
  const facts = await openLedger(options).then(
    ({ kernel }) => readFacts(kernel, federation, { round }),
    async (error: unknown) => {
      const recorded = await workspace.loadFacts();
      if (recorded === null || options.rpc !== undefined) throw error;
      return recorded;
    },
  );
  const artefact = facts.rounds.find((entry) => entry.round === round)?.report?.artefact;
  if (artefact === undefined) throw usage(`Federation ${federation} has no report of round ${round}.`, "See `npx chongwen round show`.");
  return artefact;
}
