import { setTimeout as sleep } from "node:timers/promises";
import { BaseError, ContractFunctionRevertedError, type Abi, type Address } from "viem";
import {
  aggregateVerifierAbi,
  disputesAbi,
  normVerifierAbi,
  operatorsAbi,
  predictionVerifierAbi,
  rewardsVerifierAbi,
  roundsAbi,
  settlementAbi,
  signatureVerifierAbi,
} from "../../protocol/abi/index.ts";
import { toHex } from "../../protocol/bytes.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { faultCommitment } from "../../protocol/faults/commitment.ts";
import type { Fault } from "../../protocol/faults/find-evidence.ts";
import type { Kernel } from "../chain/kernel.ts";
import { describeRevert } from "../chain/transactor.ts";
import type { Journal } from "./journal.ts";
import type { Observer } from "./observer.ts";
import type { Sender, WatchCall } from "./sender.ts";
import { fateOf, isOpen, nameOf, type Subject } from "./subject.ts";
import { readNow } from "./time.ts";

/** A commitment can be used for 256 blocks: a few are kept for the proof to get into one. */
const LIFETIME = 256n - 16n;
/** A subject changes hands at most a few times while one fault is pursued: reorganisations, not a loop. */
const MOST_STEPS = 40;
/** A proof that the verifier accepts and the ledger does not, although nothing has changed: it is not going to. */
const MOST_REFUSALS = 5;

export interface PursuitContext {
  readonly kernel: Kernel;
  readonly sender: Sender;
  readonly journal: Journal;
  readonly observer: Observer;
  readonly signal: AbortSignal;
}

/** won: by us · lost: somebody was faster, or the ledger moved on · late: no time is left · refused: the verifier does not accept the proof. */
export type Pursuit = "won" | "lost" | "late" | "refused";

const roundVerifierAbis = { aggregateVerifier: aggregateVerifierAbi, normVerifier: normVerifierAbi, signatureVerifier: signatureVerifierAbi, predictionVerifier: predictionVerifierAbi } as const;
/** With the errors of every contract that a proof can fail in, for messages with names. */
const proveAbi = [...disputesAbi, ...[roundsAbi, settlementAbi, operatorsAbi, rewardsVerifierAbi, ...Object.values(roundVerifierAbis)].flatMap(errorsOf)];

function errorsOf(abi: Abi): Abi {
  return abi.filter(({ type }) => type === "error");
}

/**
 * Commits to a proof and, in a later block, shows it. Nothing is remembered: each step looks at what the ledger holds now, so it does not matter how often
 * this is begun, by how many at once, or what a reorganisation took back.
 * @throws gas-too-dear, balance-too-low, transaction-pending, failures of the endpoint: the next pass goes on
 */
export async function pursue(context: PursuitContext, subject: Subject, fault: Fault): Promise<Pursuit> {
  const { kernel, sender, journal, observer, signal } = context;
  const { disputes, client } = kernel;
  const verifier = kernel.deployment.contracts[fault.verifier];
  const commitment = faultCommitment(sender.account.address, subject.federation, subject.target, verifier, fault.proof);
  const name = nameOf(subject);
  if ((await fateOf(kernel, subject)) !== "open") return "lost";
  const refusal = await refusalOf(kernel, subject, fault, verifier);
  if (refusal !== null) {
    observer.warned(name, `the verifier does not accept the proof: ${refusal}`);
    return "refused";
  }
  let refused = 0;
  for (let step = 0; step < MOST_STEPS; step++) {
    signal.throwIfAborted();
    if ((await fateOf(kernel, subject)) !== "open") return "lost";
    const [now, committedAt] = await Promise.all([readNow(client), disputes.read.committedAt([sender.account.address, commitment])]);
    const isCommitted = committedAt !== 0n && now.block - committedAt <= LIFETIME;
    // A commitment and a proof take a block each, and the one of now may be full.
    const blocks = isCommitted ? 1 : 2;
    if (!isOpen(subject, now.timestamp + blocks * now.blockSeconds)) return "late";
    if (!isCommitted) {
      const sent = await sender.send({ kind: "commit", ...disputes, functionName: "commit", args: [commitment] });
      await journal.write({ event: "committed", subject: subject.key, commitment, block: Number(sent.block) });
      observer.acted({ action: "committed", subject: name, transaction: sent.hash, block: sent.block, gas: sent.gas, note: fault.reason });
    } else if (now.block <= committedAt) {
      // A proof is not accepted in the block of its commitment.
      await sleep(Math.min(1_000, 200 * now.blockSeconds), undefined, { signal });
    } else {
      const failure = await prove(context, subject, fault, verifier);
      if (failure === null) return "won";
      refused += 1;
      if (refused === MOST_REFUSALS) {
        observer.warned(name, `the ledger does not take the proof: ${failure}`);
        return "refused";
      }
      await sleep(Math.min(1_000, 200 * now.blockSeconds), undefined, { signal });
    }
  }
  return "lost";
}

/** @returns Null when the fault is proven; else why not: mostly because the ledger changed under it, which the next step sees. */
async function prove({ kernel, sender, journal, observer }: PursuitContext, subject: Subject, fault: Fault, verifier: Address): Promise<string | null> {
  const { address } = kernel.disputes;
  const { federation, target, kind } = subject;
  const proof = toHex(fault.proof);
  const call: WatchCall =
    kind === "round"
      ? { kind: "prove", address, abi: proveAbi, functionName: "prove", args: [federation, target, verifier, proof] }
      : { kind: "proveSettlement", address, abi: proveAbi, functionName: "proveSettlement", args: [federation, verifier, proof] };
  try {
    const sent = await sender.send(call);
    await journal.write({ event: "proven", subject: subject.key, transaction: sent.hash });
    observer.acted({ action: "proven", subject: nameOf(subject), transaction: sent.hash, block: sent.block, gas: sent.gas, note: `${fault.name}: ${fault.reason}` });
    return null;
  } catch (error) {
    // Somebody was faster, or a reorganisation took the commitment back.
    if (error instanceof ChongwenError && error.code === "call-refused") return error.message;
    throw error;
  }
}

/** Asks the verifier before anything is spent. Null when it accepts the proof. */
async function refusalOf({ client, rounds, settlement }: Kernel, subject: Subject, fault: Fault, verifier: Address): Promise<string | null> {
  const { federation, target } = subject;
  const proof = toHex(fault.proof);
  try {
    if (fault.verifier !== "rewardsVerifier") {
      const state = await rounds.read.roundOf([federation, target]);
      const { hash: parentHash } = await rounds.read.roundOf([federation, state.parentRound]);
      const abi = roundVerifierAbis[fault.verifier] as typeof aggregateVerifierAbi;
      await client.readContract({ address: verifier, abi, functionName: "verify", args: [{ federation, round: target, parentHash, state }, proof] });
      return null;
    }
    const { nextIndex: index, attempt, statementHash, pool } = await settlement.read.accountOf([federation]);
    const context = { federation, index, attempt, statementHash, pool };
    const faulty = await client.readContract({ address: verifier, abi: rewardsVerifierAbi, functionName: "verifySettlement", args: [context, proof] });
    return faulty ? null : "it finds no fault";
  } catch (error) {
    if (error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError) !== null) return describeRevert(error);
    throw error;
  }
}

/** Collects what won proofs and demands set aside, and passes on what belongs to the pool. Losing a race for it is no failure. */
export async function collectWinnings({ kernel, sender, observer }: PursuitContext): Promise<void> {
  const { operators, loneReports, demands, client, deployment } = kernel;
  const { address } = sender.account;
  const logs = await client.getContractEvents({ ...operators, eventName: "Slashed", args: { challenger: address }, fromBlock: deployment.fromBlock, strict: true });
  for (const { args } of logs) {
    const { amount } = await operators.read.awardOf([args.evidence]);
    if (amount === 0n) continue;
    await attempt(sender, observer, { kind: "collect", ...operators, functionName: "collect", args: [args.evidence] }, `${amount} of 10^-18 SHU`);
  }
  const [credit, alone] = await Promise.all([demands.read.creditOf([address]), loneReports.read.creditOf([address])]);
  if (credit > 0n) await attempt(sender, observer, { kind: "collectDeposit", ...demands, functionName: "collect", args: [address] }, `${credit} wei`);
  if (alone > 0n) await attempt(sender, observer, { kind: "collect", ...loneReports, functionName: "collect", args: [address] }, `${alone} of 10^-18 SHU`);
  const [toPool, burnt] = await operators.read.unsettled();
  if (logs.length > 0 && toPool + burnt > 0n) {
    await attempt(sender, observer, { kind: "settleSlashes", ...operators, functionName: "settleSlashes", args: [] }, `${toPool} to the pool, ${burnt} burnt`);
  }
}

async function attempt(sender: Sender, observer: Observer, call: WatchCall, note: string): Promise<void> {
  try {
    const { hash, block, gas } = await sender.send(call);
    observer.acted({ action: call.kind, subject: "operators", transaction: hash, block, gas, note });
  } catch (error) {
    if (!(error instanceof ChongwenError)) throw error;
    if (error.code !== "call-refused") observer.warned("operators", error.message);
  }
}
