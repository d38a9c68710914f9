import { readFile } from "node:fs/promises";
import { keccak256, type Hex } from "viem";
import { chainTime } from "../chain/clock.ts";
import type { Kernel } from "../chain/kernel.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { iso } from "../output/time.ts";
import { openLedger, openSigner, usage, type LedgerOptions, type SignerOptions } from "./context.ts";

export interface CouncilOptions extends LedgerOptions, SignerOptions {}
export interface FreezeOptions extends CouncilOptions {
  /** The council's written reason. Its hash goes on chain, the text does not. */
  readonly reasonFile: string;
}
export interface HoldOptions extends CouncilOptions {
  readonly dataset: number;
}

/** End of the federation's freeze, as a chain time; null when it is not frozen. */
export async function readFreeze({ rounds, client }: Kernel, federation: number): Promise<number | null> {
  const [until, now] = await Promise.all([rounds.read.frozenUntil([federation]), chainTime(client)]);
  return until > now ? until : null;
}

/** Who the council is, what it has stopped, and when it may again. */
export async function showCouncil(options: LedgerOptions, { out }: Streams): Promise<number> {
  const { kernel } = await openLedger(options);
  const { freezes, datasets } = kernel;
  const { federation } = options;
  const [council, period, next, frozenUntil, count] = await Promise.all([
    datasets.read.council(), freezes.read.freezePeriod(), freezes.read.nextFreeze([federation]), readFreeze(kernel, federation), datasets.read.datasetCount(),
  ]);
  const all = await Promise.all(Array.from({ length: count }, async (_, i) => ({ dataset: i + 1, until: (await datasets.read.datasetOf([i + 1])).heldUntil })));
  const held = all.filter(({ until }) => until !== 0);
  if (options.json) {
    out.write(envelope(true, { council, federation, frozenUntil, nextFreeze: Number(next), freezePeriod: Number(period), held }));
    return EXIT.ok;
  }
  out.write(`council       ${council}\nfederation ${federation}  ${frozenUntil === null ? "not frozen" : `frozen until ${iso(frozenUntil)}`}\n`);
  out.write(`next freeze   ${next === 0n ? "at once" : `from ${iso(next)}`}, for ${period} seconds\n`);
  for (const { dataset, until } of held) out.write(`dataset ${dataset}     held until ${iso(until)}\n`);
  return EXIT.ok;
}

/** Stops the federation from this block on. */
export async function freeze(options: FreezeOptions, { out }: Streams): Promise<number> {
  const reasonHash = await hashOf(options.reasonFile);
  const { kernel, transactor } = await openLedger(options);
  const { federation } = options;
  await transactor.send(await openSigner(options, kernel), { kind: "council.freeze", ...kernel.freezes, functionName: "freeze", args: [federation, reasonHash] });
  const frozenUntil = await kernel.rounds.read.frozenUntil([federation]);
  if (options.json) out.write(envelope(true, { federation, frozenUntil, reasonHash }));
  else out.write(`Federation ${federation} is frozen until ${iso(frozenUntil)}.\nReason: ${reasonHash}. Keep the file: only its hash is on chain.\n`);
  return EXIT.ok;
}

/** Ends a freeze early. */
export async function lift(options: CouncilOptions, { out }: Streams): Promise<number> {
  const { kernel, transactor } = await openLedger(options);
  const { federation } = options;
  await transactor.send(await openSigner(options, kernel), { kind: "council.lift", ...kernel.freezes, functionName: "lift", args: [federation] });
  const next = await kernel.freezes.read.nextFreeze([federation]);
  if (options.json) out.write(envelope(true, { federation, nextFreeze: Number(next) }));
  else out.write(`Federation ${federation} goes on. It can be frozen again from ${iso(next)}.\n`);
  return EXIT.ok;
}

/** Stops a version of a dataset, in whatever federation it is used. */
export async function hold(options: HoldOptions, { out }: Streams): Promise<number> {
  const { kernel, transactor } = await openLedger(options);
  const { dataset } = options;
  await transactor.send(await openSigner(options, kernel), { kind: "council.hold", ...kernel.datasets, functionName: "hold", args: [dataset] });
  const { version, heldUntil } = await kernel.datasets.read.datasetOf([dataset]);
  if (options.json) out.write(envelope(true, { dataset, version, heldUntil }));
  else out.write(`Dataset ${dataset}, version ${version}, is held until ${iso(heldUntil)}.\n`);
  return EXIT.ok;
}

async function hashOf(file: string): Promise<Hex> {
  let reason: Buffer;
  try {
    reason = await readFile(file);
  } catch (cause) {
    throw new ChongwenError({ code: "usage", message: `The reason cannot be read: ${file}.`, fix: "Write down why, in a file, and name it with --reason-file.", cause });
  }
  if (reason.toString("utf8").trim() === "") throw usage("The reason is empty.", "Write down why: the council stops nothing without saying so.");
  return keccak256(reason);
}
