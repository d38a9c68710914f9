import type { Address, Hex, LocalAccount } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import { digestOf, recoverSigner, toCompactSignature, type Domain, type Entry, type StructName, type Structs } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { signStruct } from "../chain/sign.ts";

/** `IOperators.Quorum`. */
export interface Quorum {
  readonly signers: number;
  readonly signatures: Hex;
}

/** What operators are asked to sign. @param entries Of a seal: what its columns were made of. Everything else is found by the artefact that the statement names. */
export interface SignatureRequest<Name extends StructName = StructName> {
  readonly domain: Domain;
  readonly name: Name;
  readonly value: Structs[Name];
  readonly entries?: readonly Entry[];
}

/** An operator in this process: it signs nothing that it has not checked itself. @param signing Before a signature leaves; when it throws, none does. */
export interface OperatorHere {
  readonly account: LocalAccount;
  readonly signing?: (request: SignatureRequest) => void;
}

/** An operator with a service of its own, which checks for itself. @param ask 64 bytes (EIP-2098); throws the refusal. */
export interface OperatorElsewhere {
  readonly address: Address;
  ask(request: SignatureRequest, signal: AbortSignal): Promise<Hex>;
}

export type Operator = OperatorHere | OperatorElsewhere;

export const isHere = (operator: Operator): operator is OperatorHere => "account" in operator;
export const addressOf = (operator: Operator): Address => (isHere(operator) ? operator.account.address : operator.address);

/** Throws when the operator must not sign. Each operator here runs it for itself. */
export type Check = (operator: OperatorHere) => Promise<void>;

/** @param within Milliseconds after which who is silent counts as refusing. @param signal Ends the asking. */
export interface QuorumLimits {
  readonly within?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An operator recomputes a whole round before it answers, and may have to fetch it first. */
const WITHIN = 120_000;

interface Asked {
  readonly operator: Operator;
  readonly position: number;
}

/**
 * Collects signatures over a statement from the current epoch's operators: the first `threshold` that hold. Services are asked all at once; operators of this
 * process follow each other, since they share its processor. Every signature is recovered here: who answers with anything else has refused, and who is silent holds nobody up.
 * @throws quorum-missing when too few operators are here, or too many refused; the first refusal is its cause
 */
export async function collectQuorum<Name extends StructName>(
  kernel: Kernel,
  operators: readonly Operator[],
  request: SignatureRequest<Name>,
  check: Check,
  { within = WITHIN, signal }: QuorumLimits = {},
): Promise<Quorum> {
  const epoch = await kernel.operators.read.currentEpoch();
  const set = await kernel.operators.read.signersOf([epoch.number]);
  const byAddress = new Map<Address, Operator>(operators.map((operator) => [addressOf(operator), operator]));
  const asked = [...set.entries()].flatMap(([position, address]): Asked[] => {
    const operator = byAddress.get(address);
    return operator === undefined ? [] : [{ operator, position }];
  });

  const digest = digestOf(request.domain, request.name, request.value);
  const signatures = new Map<number, Hex>();
  const refusals: { readonly who: Address; readonly why: unknown }[] = [];
  const enough = new AbortController();
  const ended = AbortSignal.any([enough.signal, AbortSignal.timeout(within), ...(signal === undefined ? [] : [signal])]);

  async function one({ operator, position }: Asked): Promise<void> {
    const who = addressOf(operator);
    try {
      ended.throwIfAborted();
      const signature = await Promise.race([isHere(operator) ? signHere(operator, request, check) : operator.ask(request, ended), aborted(ended)]);
      const signer = await recoverSigner(digest, signature);
      if (signer !== who) throw foreign(who, signer, request.name);
      if (signatures.size < epoch.threshold) signatures.set(position, signature);
    } catch (why) {
      if (!enough.signal.aborted) refusals.push({ who, why });
    }
    // Whoever is still being asked is no longer needed, or can no longer help.
    if (signatures.size === epoch.threshold || asked.length - refusals.length < epoch.threshold) enough.abort();
  }
  async function inTurn(all: readonly Asked[]): Promise<void> {
    for (const next of all) await one(next);
  }
  const here = asked.filter(({ operator }) => isHere(operator));
  await Promise.all([...asked.filter(({ operator }) => !isHere(operator)).map(one), inTurn(here)]);

  const positions = [...signatures.keys()].sort((a, b) => a - b);
  if (positions.length < epoch.threshold) throw missing(request.name, positions.length, epoch.threshold, refusals);
  // `signers` is a uint32 on chain; bit 31 would be negative here.
  const signers = positions.reduce((bits, position) => bits | (1 << position), 0) >>> 0;
  return { signers, signatures: `0x${positions.map((position) => (signatures.get(position) ?? "0x").slice(2)).join("")}` };
}

async function signHere(operator: OperatorHere, request: SignatureRequest, check: Check): Promise<Hex> {
  await check(operator);
  operator.signing?.(request);
  return toCompactSignature(await signStruct(operator.account, request.domain, request.name, request.value));
}

/** Rejects once the signal says so. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("It was no longer asked for."));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

const foreign = (who: Address, signer: Address, name: StructName): ChongwenError =>
  new ChongwenError({ code: "signature-foreign", message: `What ${who} answered is no signature of its own over this ${name}: it recovers to ${signer}.`, fix: "Ask whoever runs that operator which key its service signs with." });

function missing(name: StructName, signed: number, threshold: number, refusals: readonly { readonly who: Address; readonly why: unknown }[]): ChongwenError {
  const [first] = refusals;
  const why = first === undefined ? "" : ` First refusal, by ${first.who}: ${first.why instanceof Error ? first.why.message : "it said nothing"}`;
  return new ChongwenError({
    code: "quorum-missing",
    message: `${signed} of the ${threshold} operators needed signed the ${name}; ${refusals.length} refused.${why}`,
    fix: "Correct what the operators refused, or bring more operators up.",
    retryable: true,
    cause: first?.why,
  });
}
