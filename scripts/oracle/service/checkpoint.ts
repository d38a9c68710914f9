/** What the service has seen of its chain, on disk. A chain that contradicts it at the next start is another one: restored, restarted, or somebody's invention. */
import { readFile } from "node:fs/promises";
import { zeroHash, type Address, type Hex } from "viem";
import { z } from "zod";
import { contractNames, type ContractName, type Deployment } from "../../../protocol/deployment.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { bytes32, uint } from "../../../protocol/schema.ts";
import { CODE_FIX, readCodeHashes } from "../../chain/code-hashes.ts";
import type { Kernel } from "../../chain/kernel.ts";
import { writeAtomically } from "../write-atomically.ts";
import type { OracleConfig } from "./config.ts";

const checkpointSchema = z.strictObject({
  format: z.literal("chongwen-oracle-checkpoint"),
  version: z.literal(1),
  chainId: z.int().positive(),
  ledger: z.string(),
  block: z.strictObject({ number: uint(48), hash: bytes32 }),
  /** The last final round of each federation that no reorganisation reaches. */
  rounds: z.array(z.object({ federation: uint(32), round: uint(32), reportHash: bytes32, seenAt: z.int() })),
  codeHashes: z.partialRecord(z.enum(contractNames), bytes32),
});
type Checkpoint = z.output<typeof checkpointSchema>;

export interface FinalRound {
  readonly federation: number;
  readonly round: number;
  readonly reportHash: Hex;
}

export interface Checkpoints {
  /** Compares the chain with everything that is known of it, and begins to write down. @throws code-changed, checkpoint-contradicted, checkpoint-damaged, chain-behind (retryable) */
  verify(known: OracleConfig["checkpoint"]): Promise<void>;
  /** The same, and writes nothing. */
  compare(known: OracleConfig["checkpoint"]): Promise<void>;
  /** A round is final; it is written down once nothing can undo it. */
  final(round: FinalRound): void;
  /** Writes down what has become certain. */
  keep(): Promise<void>;
  /** When the last final round of a federation that is written down was seen, in seconds; null when there is none. */
  lastFinal(federation: number): { readonly round: number; readonly seenAt: number } | null;
}

export interface CheckpointParameters {
  readonly file: string;
  readonly kernel: Kernel;
  /** Blocks behind the head that no reorganisation reaches. */
  readonly confirmations: number;
  /** Seconds. */
  readonly now: () => number;
  /** Told once it is on disk. */
  readonly reached?: (point: "checkpoint:written") => void;
}

/** Blocks after which another one is written down, though no round became final. */
const STEP = 1_000n;

export function createCheckpoints({ file, kernel, confirmations, now, reached = () => undefined }: CheckpointParameters): Checkpoints {
  const { client, deployment, rounds } = kernel;
  const pending: (FinalRound & { readonly seenAt: number; at: bigint | null })[] = [];
  let kept: Checkpoint | null = null;

  async function read(): Promise<Checkpoint | null> {
    const text = await readFile(file, "utf8").catch(() => null);
    if (text === null) return null;
    try {
      return checkpointSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw new ChongwenError({ code: "checkpoint-damaged", message: `${file} is not what this service wrote.`, fix: "Restore it from your copy. Without one: check by hand that the endpoints serve the right chain, then move it away; the next start writes another.", cause });
    }
  }

  async function requireBlock({ number, hash }: { readonly number: number; readonly hash: Hex }, where: string): Promise<void> {
    const head = await client.getBlockNumber({ cacheTime: 0 });
    if (head < BigInt(number)) throw behind(`The chain is at block ${head}; ${where} knows block ${number}.`);
    const block = await client.getBlock({ blockNumber: BigInt(number) });
    if (block.hash !== hash) throw contradicted(`Block ${number} has the hash ${block.hash}; ${where} says ${hash}.`);
  }

  async function requireRound({ federation, round, reportHash }: FinalRound, where: string): Promise<void> {
    const { hash } = await rounds.read.roundOf([federation, round]);
    if (hash !== reportHash) throw contradicted(`Round ${round} of federation ${federation} ${hash === zeroHash ? "has no report" : `reported ${hash}`}; ${where} says that it is final with ${reportHash}.`);
  }

  async function write(next: Checkpoint): Promise<void> {
    await writeAtomically(file, new TextEncoder().encode(`${JSON.stringify(next, null, 2)}\n`));
    kept = next;
    reached("checkpoint:written");
  }

  async function certainBlock(): Promise<Checkpoint["block"]> {
    const head = await client.getBlockNumber({ cacheTime: 0 });
    const number = head > BigInt(confirmations) ? head - BigInt(confirmations) : 0n;
    const { hash } = await client.getBlock({ blockNumber: number });
    return { number: Number(number), hash };
  }

  /** @returns What was written down before, and the hashes of the ledger's code. */
  async function compare(known: OracleConfig["checkpoint"]) {
    const before = await read();
    if (before !== null && (before.chainId !== deployment.chainId || before.ledger !== deployment.contracts.rounds)) {
      throw contradicted(`${file} is of the ledger ${before.ledger} on chain ${before.chainId}, not of ${deployment.contracts.rounds} on chain ${deployment.chainId}.`);
    }
    // What is cheapest to read and says most comes first.
    if (known?.block !== undefined) await requireBlock(known.block, "the configuration");
    if (before !== null) await requireBlock(before.block, file);
    const codeHashes = await readCodeHashes(client, deployment.contracts);
    requireCode(codeHashes, deployment.codeHashes, "the deployment file", deployment.contracts);
    requireCode(codeHashes, before?.codeHashes, file, deployment.contracts);
    if (known?.round !== undefined) await requireRound(known.round, "the configuration");
    for (const round of before?.rounds ?? []) await requireRound(round, file);
    return { before, codeHashes };
  }

  return {
    async compare(known) {
      await compare(known);
    },
    async verify(known) {
      const { before, codeHashes } = await compare(known);
      kept = before;
      if (before === null) {
        await write({ format: "chongwen-oracle-checkpoint", version: 1, chainId: deployment.chainId, ledger: deployment.contracts.rounds, block: await certainBlock(), rounds: [], codeHashes });
      }
    },
    // Field by field: what else is told of a round, the next start would not take from the file.
    final({ federation, round, reportHash }) {
      const known = kept?.rounds.find((other) => other.federation === federation);
      if (known === undefined || known.round < round) pending.push({ federation, round, reportHash, seenAt: Math.floor(now()), at: null });
    },
    async keep() {
      if (kept === null) return;
      const head = await client.getBlockNumber({ cacheTime: 0 });
      for (const waiting of pending) waiting.at ??= head;
      const certain = pending.filter(({ at }) => at !== null && at + BigInt(confirmations) <= head);
      if (certain.length === 0 && head < BigInt(kept.block.number) + BigInt(confirmations) + STEP) return;
      const last = new Map(kept.rounds.map((round) => [round.federation, round]));
      for (const { at: _, ...round } of certain) last.set(round.federation, round);
      await write({ ...kept, block: await certainBlock(), rounds: [...last.values()] });
      for (const round of certain) pending.splice(pending.indexOf(round), 1);
    },
    lastFinal: (wanted) => kept?.rounds.find(({ federation }) => federation === wanted) ?? null,
  };
}

function requireCode(found: Readonly<Record<ContractName, Hex>>, pinned: Deployment["codeHashes"], where: string, at: Readonly<Record<ContractName, Address>>): void {
  const changed = contractNames.find((name) => pinned?.[name] !== undefined && pinned[name] !== found[name]);
  if (changed === undefined) return;
  throw new ChongwenError({ code: "code-changed", message: `The code at ${at[changed]} (${changed}) has the hash ${found[changed]}; ${where} says ${pinned?.[changed] ?? ""}.`, fix: CODE_FIX });
}

function contradicted(message: string): ChongwenError {
  return new ChongwenError({
    code: "checkpoint-contradicted",
    message,
    fix: "This is another chain, or another past of it: a local chain that was restarted, a chain restored from a backup, or an endpoint that lies. Sign nothing. For a ledger that really is new, give the service a folder of its own.",
  });
}

function behind(message: string): ChongwenError {
  return new ChongwenError({
    code: "chain-behind",
    message,
    fix: "Wait while the endpoint catches up. If its chain does not grow that far, it is another one: a local chain that was restarted, or one restored from a backup.",
    retryable: true,
  });
}
