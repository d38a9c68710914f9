import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseEther, parseGwei } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { softwareVersion } from "../output/version.ts";
import { createDiskStore, createKuboStore } from "../store/index.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import { limitsFor, type StoreOf } from "../watch/fetch.ts";
import { createHealth, serveHealth } from "../watch/health.ts";
import { openJournal } from "../watch/journal.ts";
import type { ActionLine, CheckLine, Observer } from "../watch/observer.ts";
import { createSender } from "../watch/sender.ts";
import { backOff } from "../watch/time.ts";
import { watch as watchLedger } from "../watch/watch.ts";
import { openEscrow, openLedger, openSigner, usage, type EscrowOptions, type LedgerContext, type LedgerOptions, type SignerOptions, type StoreOptions } from "./context.ts";

export interface WatchCommandOptions extends LedgerOptions, StoreOptions, SignerOptions, EscrowOptions {
  readonly once: boolean;
  /** Gwei. */
  readonly maxGasPrice?: string | undefined;
  /** False with --no-demand, --no-answer. */
  readonly demand: boolean;
  readonly answer: boolean;
  readonly answerAtALoss: boolean;
  readonly maxDemands: number;
  /** In the chain's currency. */
  readonly maxBond: string;
  readonly patience?: number | undefined;
  /** Say there how the watcher fares; 0 for any free port. */
  readonly healthPort?: number | undefined;
}

/** Exit code: 0 all verified · 3 a fault was found · 5 no fault was found, but something could not be verified. */
export async function watch(options: WatchCommandOptions, streams: Streams, stop: AbortSignal): Promise<number> {
  const { federation, once, json } = options;
  const limits = { mostDemands: options.maxDemands, mostBond: amount("--max-bond", options.maxBond, parseEther) };
  const maxGasPrice = options.maxGasPrice === undefined ? null : amount("--max-gas-price", options.maxGasPrice, parseGwei);
  const { kernel, workspace } = await reach(options, streams, stop);
  // Without a signer there is nothing to pay with: then it looks only.
  const canSign = options.account !== undefined || options.keystore !== undefined;
  const sender = canSign ? createSender(kernel.client, kernel.rpcUrl, await openSigner(options, kernel), { maxGasPrice }) : null;
  const ledger = `${kernel.deployment.chainId}-${kernel.rounds.address.slice(2, 10).toLowerCase()}`;
  const journal = await openJournal(path.join(options.dir, "watch"), ledger);
  const storeOf: StoreOf = (fileBytes) => {
    const limits = limitsFor(fileBytes);
    return options.ipfs === undefined ? createDiskStore(options.store ?? workspace.storeDir, { limits }) : createKuboStore({ url: options.ipfs, limits });
  };
  const record = createRecord(streams, { json, once });
  if (!json) {
    const who = sender === null ? "read-only: faults are reported, not proven" : `proofs are sent by ${sender.account.address}`;
    streams.err.write(`Watching federation ${federation} on chain ${kernel.deployment.chainId} (${who}). Journal: ${journal.file}\n`);
  }
  const health = createHealth({ software: await softwareVersion(), chainId: kernel.deployment.chainId, federation, sender: sender?.account.address ?? null, now: Date.now });
  const server = options.healthPort === undefined ? null : await serveHealth(health, options.healthPort);
  if (server !== null) streams.err.write(`Health: ${server.url}/health\n`);
  try {
    await watchLedger({
      kernel, federation, storeOf, hashPairs: nativeHashPairs, journal, escrow: await openEscrow(workspace, options), observer: health.observe(record.observer), sender, once, signal: stop,
      demands: options.demand ? limits : null,
      patience: options.patience ?? null,
      answers: !options.answer ? "no" : options.answerAtALoss ? "at-a-loss" : "paid",
    });
  } finally {
    await server?.close();
  }
  return record.finish();
}

function amount(option: string, text: string, parse: (text: string) => bigint): bigint {
  if (!/^\d{1,12}(\.\d{1,18})?$/.test(text)) throw usage(`${option} ${text} is no amount.`, "Write a number such as 2.5.");
  return parse(text);
}

/** One that watches waits for its endpoint; one that looks once says that it is not there. */
async function reach(options: WatchCommandOptions, { err }: Streams, stop: AbortSignal): Promise<LedgerContext> {
  for (let tries = 0; ; tries++) {
    try {
      return await openLedger(options);
    } catch (error) {
      if (options.once || stop.aborted || !(error instanceof ChongwenError) || error.code !== "chain-unreachable") throw error;
      err.write(`! ${error.message} Trying again in ${backOff(tries) / 1000} s.\n`);
      await sleep(backOff(tries), undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

interface Record {
  readonly observer: Observer;
  /** Sums up. @returns The exit code. */
  finish(): number;
}

const MARKS: { readonly [Result in CheckLine["result"]]: string } = { verified: "✓", fault: "✗", unprovable: "✗", missing: "?", escrowed: "?", failed: "?" };

/**
 * Writes what is seen and done: lines for people; with --json, one envelope at the end of `--once`, and else an envelope a line, as things happen.
 */
function createRecord({ out, err }: Streams, { json, once }: { readonly json: boolean; readonly once: boolean }): Record {
  const last = new Map<string, CheckLine>();
  const actions: ActionLine[] = [];
  const warnings: { subject: string; message: string }[] = [];
  const stream = (type: string, data: object): void => {
    if (json && !once) out.write(`${JSON.stringify(JSON.parse(envelope(true, { type, ...data })))}\n`);
  };
  const line = (text: string): void => {
    if (!json) out.write(`${text}\n`);
  };
  const observer: Observer = {
    checked(checked) {
      last.set(checked.hash, checked);
      stream("checked", { ...checked, fetched: Math.round(checked.fetched), computed: Math.round(checked.computed) });
      line(describeCheck(checked));
      for (const { file, why } of checked.problems) line(`    ${file}: ${why}`);
    },
    acted(action) {
      actions.push(action);
      stream("acted", action);
      line(`  → ${action.subject}: ${action.action} in block ${action.block} (${action.transaction}, ${action.gas} gas): ${action.note}`);
    },
    warned(subject, message) {
      warnings.push({ subject, message });
      stream("warned", { subject, message });
      if (!json) err.write(`! ${subject}: ${message}\n`);
    },
    ended(subject, fate) {
      stream("ended", { subject, fate });
      line(`  · ${subject}: ${fate}`);
    },
  };
  return {
    observer,
    finish() {
      const checks = [...last.values()];
      const is = (...results: CheckLine["result"][]): number => checks.filter(({ result }) => results.includes(result)).length;
      const [faults, unverified] = [is("fault", "unprovable"), is("missing", "escrowed", "failed")];
      const code = faults > 0 ? EXIT.mismatch : unverified > 0 ? EXIT.unverified : EXIT.ok;
      const data = { checks: checks.map((check) => ({ ...check, fetched: Math.round(check.fetched), computed: Math.round(check.computed) })), actions, warnings };
      if (json && once) out.write(envelope(code === EXIT.ok, data));
      else line(`${checks.length} checked: ${is("verified")} verified, ${faults} with a fault, ${unverified} not verified; ${actions.length} transactions sent.`);
      return code;
    },
  };
}

function describeCheck({ subject, hash, result, reason, where, fetched, computed }: CheckLine): string {
  const what = result === "verified" ? `verified${reason === "" ? "" : ` (${reason})`}` : `${result.toUpperCase()}: ${reason}${where === "" ? "" : ` [${where}]`}`;
  const took = fetched + computed === 0 ? "" : ` · fetched in ${seconds(fetched)}, recomputed in ${seconds(computed)}`;
  return `${MARKS[result]} ${subject} ${hash.slice(0, 10)}…: ${what}${took}`;
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

