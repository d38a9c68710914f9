import { custom, type Transport } from "viem";
import { ChongwenError } from "../../../protocol/errors.ts";
import { essenceOf } from "../../../protocol/ledger/essence.ts";
import { createEndpoint, isUnsupported, isVerdict, revertData, type Endpoint, type EndpointRules } from "./endpoint.ts";
import { pin, type Params, type Tag } from "./pin.ts";

/** Told of an endpoint that did not answer, or said what the others deny. */
export type EndpointNews = (endpoint: string, what: "failed" | "contradicted") => void;

export interface AgreementParameters extends Partial<EndpointRules> {
  readonly urls: readonly string[];
  /** How many must say the same; more than half. */
  readonly agree: number;
  /** Of what has never been said before. */
  readonly warn: (message: string) => void;
  readonly happened?: EndpointNews;
  /** Milliseconds for which the agreed height of the chain is used. */
  readonly freshness?: number;
}

/** What one endpoint says to a question. @param essence Equal for those who say the same. */
interface Voice {
  readonly endpoint: Endpoint;
  readonly essence: string;
  readonly answer: { readonly value: unknown } | { readonly refusal: unknown };
}

/** Methods whose answer is an estimate: the middle one is taken, so that no single endpoint moves it. */
const ESTIMATES = new Set(["eth_estimateGas", "eth_gasPrice", "eth_maxPriorityFeePerGas"]);

/**
 * A transport that believes what `agree` endpoints say, and no single one. Every name of a block is replaced by a number that so many endpoints have reached;
 * transactions go to all.
 * @throws endpoints-silent, endpoints-disagree: both worth a retry
 */
export function createAgreedTransport({ urls, agree, warn, happened = () => undefined, freshness = 500, timeout = 10_000, perMinute = 6000, now = () => Date.now() / 1000, jitter = Math.random }: AgreementParameters): Transport {
  if (!Number.isInteger(agree) || agree > urls.length || 2 * agree <= urls.length) {
    throw new RangeError(`${agree} of ${urls.length} endpoints are no majority.`);
  }
  const endpoints = urls.map((url) => createEndpoint(url, { timeout, perMinute, now, jitter }));
  const heights = new Map<Tag, { readonly height: bigint; readonly at: number }>();
  let turn = 0;
  /** Why the last one did not answer. */
  let failure: unknown;

  /** Asks as many as needed, then the others, until enough say the same. */
  async function agreed(method: string, params: Params): Promise<unknown> {
    const asked = ready(method);
    const voices: Voice[] = [];
    for (let from = 0, to = agree; from < asked.length; from = to, to++) {
      voices.push(...(await Promise.all(asked.slice(from, to).map((endpoint) => listen(endpoint, method, params)))).filter((voice) => voice !== null));
      const winner = voices.find(({ essence }) => voices.filter((other) => other.essence === essence).length >= agree);
      if (winner === undefined) continue;
      for (const { endpoint, essence } of voices) if (essence !== winner.essence) contradicted(endpoint, method);
      if ("refusal" in winner.answer) throw winner.answer.refusal;
      return winner.answer.value;
    }
    throw voices.length < agree ? silent(method, voices.length) : disagreement(method, voices, agree);
  }

  function silent(method: string, count: number): ChongwenError {
    return new ChongwenError({
      code: "endpoints-silent",
      message: `${count} endpoints answer ${method}; ${agree} must say the same.${failure instanceof Error ? ` The last failure: ${failure.message.split("\n")[0]}` : ""}`,
      fix: "Wait, or name more endpoints. One that failed or contradicted the others rests for up to a minute.",
      retryable: true,
      cause: failure,
    });
  }

  function contradicted(endpoint: Endpoint, method: string): void {
    endpoint.doubt();
    happened(endpoint.name, "contradicted");
    warn(`${endpoint.name} contradicts the others on ${method}; it is not asked for a while.`);
  }

  /** Those that may be asked, another one first each time. */
  function ready(method: string): readonly Endpoint[] {
    turn++;
    const able = endpoints.map((_, i) => endpoints[(i + turn) % endpoints.length] as Endpoint).filter((endpoint) => endpoint.ready());
    if (able.length < agree) throw silent(method, able.length);
    return able;
  }

  async function listen(endpoint: Endpoint, method: string, params: Params): Promise<Voice | null> {
    try {
      const value = await endpoint.ask(method, params);
      return { endpoint, essence: essenceOf(method, value), answer: { value } };
    } catch (error) {
      failure = error;
      if (!isVerdict(error)) happened(endpoint.name, "failed");
      return isVerdict(error) ? { endpoint, essence: `refused ${revertData(error) ?? ""}`, answer: { refusal: error } } : null;
    }
  }

  /** Everybody's answer, for questions on which they need not agree. */
  async function poll<Value>(method: string, params: Params, read: (answer: unknown) => Value): Promise<Value[]> {
    const answers = await Promise.all(ready(method).map((endpoint) => listen(endpoint, method, params)));
    const values = answers.flatMap((voice) => (voice !== null && "value" in voice.answer ? [read(voice.answer.value)] : []));
    const refusal = answers.find((voice) => voice !== null && "refusal" in voice.answer)?.answer;
    if (values.length >= agree) return values;
    if (refusal !== undefined && "refusal" in refusal) throw refusal.refusal;
    throw silent(method, values.length);
  }

  /**
   * One that answers is enough: whoever asks checks the proof against a header that was agreed, and asks again, then of another first, when it does not hold.
   * That some do not offer it counts only when nobody else answers.
   */
  async function proof(method: string, params: Params): Promise<unknown> {
    let unsupported: unknown;
    let other: unknown;
    for (const endpoint of ready(method)) {
      try {
        return await endpoint.ask(method, params);
      } catch (error) {
        if (isUnsupported(error)) unsupported = error;
        else other = error;
      }
    }
    throw other ?? unsupported;
  }

  /** The greatest height that `agree` endpoints have reached. */
  async function heightOf(tag: Tag): Promise<bigint> {
    const known = heights.get(tag);
    if (known !== undefined && 1000 * (now() - known.at) < freshness) return known.height;
    const seen = tag === "latest" ? await poll("eth_blockNumber", [], (answer) => BigInt(String(answer))) : await poll("eth_getBlockByNumber", [tag, false], (block) => BigInt((block as { number: string }).number));
    const height = seen.toSorted((a, b) => (a < b ? 1 : -1))[agree - 1] as bigint;
    heights.set(tag, { height, at: now() });
    return height;
  }

  async function estimate(method: string, params: Params): Promise<string> {
    const values = (await poll(method, params, (answer) => BigInt(String(answer)))).sort((a, b) => (a < b ? -1 : 1));
    return `0x${(values[Math.floor(values.length / 2)] as bigint).toString(16)}`;
  }

  /** One endpoint that takes it is enough; a refusal is told when all refuse. */
  async function broadcast(params: Params): Promise<unknown> {
    const results = await Promise.allSettled(endpoints.map((endpoint) => endpoint.ask("eth_sendRawTransaction", params)));
    const taken = results.find((result) => result.status === "fulfilled");
    if (taken !== undefined) return taken.value;
    throw results.find((result) => result.status === "rejected")?.reason;
  }

  async function request({ method, params = [] }: { method: string; params?: Params }): Promise<unknown> {
    if (method === "eth_sendRawTransaction") return broadcast(params);
    if (method === "eth_blockNumber") return `0x${(await heightOf("latest")).toString(16)}`;
    const pinned = await pin(method, params, heightOf);
    if (ESTIMATES.has(method)) return estimate(method, pinned);
    if (method === "eth_getProof") return proof(method, pinned);
    const answer = await agreed(method, pinned);
    remember(method, answer);
    return answer;
  }

  /** Who was told of a block looks no further back: what is read next is read behind it. */
  function remember(method: string, answer: unknown): void {
    if (method !== "eth_getTransactionReceipt" || typeof answer !== "object" || answer === null || !("blockNumber" in answer)) return;
    const height = BigInt(String(answer.blockNumber));
    const known = heights.get("latest");
    if (known === undefined || known.height < height) heights.set("latest", { height, at: now() });
  }

  return custom({ request } as Parameters<typeof custom>[0], { retryCount: 0 });
}

function disagreement(method: string, voices: readonly Voice[], needed: number): ChongwenError {
  return new ChongwenError({
    code: "endpoints-disagree",
    message: `No ${needed} endpoints say the same to ${method}: ${voices.map(({ endpoint, essence }) => `${endpoint.name} ${essence.slice(0, 60)}`).join("; ")}.`,
    fix: "Wait: endpoints on two sides of a reorganisation come together again. If it lasts, one of them lies or serves another chain.",
    retryable: true,
  });
}
