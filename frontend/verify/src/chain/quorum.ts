import { ChongwenError } from "../../../../protocol/errors.ts";
import { essenceOf } from "../../../../protocol/ledger/essence.ts";
import { EndpointError, type Call, type Endpoint } from "./endpoint.ts";

/** What an endpoint turned out to be: `agrees` until it did something else. */
export type Conduct = "agrees" | "differs" | "silent" | "wrong-chain";

export interface Witness {
  readonly url: string;
  readonly said: Conduct;
  /** What it differed in, or why it was silent. */
  readonly note: string;
}

/** Several endpoints, asked the same; an answer counts when enough of them give it. */
export interface Quorum {
  readonly needed: number;
  /** Block at which everything is asked. */
  readonly block: bigint;
  readonly timestamp: bigint;
  witnesses(): readonly Witness[];
  /** @throws endpoints-disagree, chain-unreachable (retryable), and what enough endpoints agree in refusing */
  request(call: Call): Promise<unknown>;
}

/** A majority of those named, unless the reader asks for more. */
export function neededOf(count: number, asked: number | null): number {
  const majority = Math.floor(count / 2) + 1;
  return Math.min(count, Math.max(majority, asked ?? majority));
}

interface Answer {
  readonly at: number;
  readonly text: string;
  readonly result: unknown;
}

/**
 * Leaves out endpoints of another chain, and fixes the block: the lowest head among those that answer, which all of them know.
 * @throws chain-unreachable, chain-mismatch, endpoints-disagree
 */
export async function createQuorum(endpoints: readonly Endpoint[], chainId: number, asked: number | null): Promise<Quorum> {
  const conduct = endpoints.map(({ url }): { url: string; said: Conduct; note: string } => ({ url, said: "agrees", note: "" }));
  const needed = neededOf(endpoints.length, asked);
  const mark = (at: number, said: Conduct, note: string): void => {
    const witness = conduct[at];
    if (witness !== undefined && witness.said === "agrees") Object.assign(witness, { said, note });
  };

  const heads: bigint[] = [];
  await Promise.all(
    endpoints.map(async (endpoint, at) => {
      try {
        const [id, head] = await Promise.all([endpoint.request({ method: "eth_chainId", params: [] }), endpoint.request({ method: "eth_blockNumber", params: [] })]);
        if (Number(id) === chainId) heads.push(quantity(head));
        else mark(at, "wrong-chain", `chain ${Number(id)}`);
      } catch (error) {
        mark(at, "silent", error instanceof Error ? error.message : String(error));
      }
    }),
  );
  const lowest = heads.sort((a, b) => (a < b ? -1 : 1))[0];
  if (lowest === undefined) {
    const wrong = conduct.find(({ said }) => said === "wrong-chain");
    throw wrong === undefined ? unreachable(conduct) : chainMismatch(wrong, chainId);
  }

  async function request(call: Call): Promise<unknown> {
    const answers: Answer[] = [];
    await Promise.all(
      endpoints.map(async (endpoint, at) => {
        const said = conduct[at]?.said;
        if (said === "wrong-chain" || said === "silent") return;
        try {
          const result = await endpoint.request(call);
          answers.push({ at, result, text: essenceOf(call.method, result) });
        } catch (error) {
          // A refusal is an answer too: a call that reverts reverts everywhere.
          if (error instanceof EndpointError && error.answered) answers.push({ at, result: error, text: "refused" });
          else mark(at, "silent", error instanceof Error ? error.message : String(error));
        }
      }),
    );
    const groups = Map.groupBy(answers, ({ text }) => text);
    const [best] = [...groups.values()].sort((a, b) => b.length - a.length);
    if (best === undefined) throw unreachable(conduct);
    for (const { at, text } of answers) if (text !== best[0]?.text) mark(at, "differs", call.method);
    if (best.length < needed) throw groups.size === 1 ? tooFew(conduct, best.length, needed) : disagree(call, best.length, needed, groups.size);
    const result = best[0]?.result;
    if (result instanceof EndpointError) throw result;
    return result;
  }

  const block = (await request({ method: "eth_getBlockByNumber", params: [`0x${lowest.toString(16)}`, false] })) as { timestamp?: unknown } | null;
  return { needed, block: lowest, timestamp: quantity(block?.timestamp), witnesses: () => conduct.map((witness) => ({ ...witness })), request };
}

/** A hexadecimal quantity. @throws EndpointError for anything else */
export function quantity(value: unknown): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) throw new EndpointError("a number that is none", true);
  return BigInt(value);
}

function unreachable(conduct: readonly Witness[]): ChongwenError {
  const said = conduct.map(({ url, note }) => `${url}: ${note}`).join("; ");
  return new ChongwenError({ code: "chain-unreachable", message: `No endpoint answers (${said}).`, fix: "Name another endpoint, or drop the recorded ledger (ledger.json) on the page.", retryable: true });
}

function tooFew(conduct: readonly Witness[], answered: number, needed: number): ChongwenError {
  const silent = conduct.filter(({ said }) => said !== "agrees").map(({ url, note }) => `${url}: ${note}`).join("; ");
  return new ChongwenError({ code: "chain-unreachable", message: `Only ${answered} of the endpoints answer, and ${needed} are needed (${silent}).`, fix: "Name another endpoint.", retryable: true });
}

function chainMismatch({ url, note }: Witness, chainId: number): ChongwenError {
  return new ChongwenError({ code: "chain-mismatch", message: `${url} answers for ${note}; the ledger is on chain ${chainId}.`, fix: "Name an endpoint of the right chain." });
}

function disagree({ method }: Call, most: number, needed: number, answers: number): ChongwenError {
  return new ChongwenError({
    code: "endpoints-disagree",
    message: `The endpoints gave ${answers} different answers to ${method}; at most ${most} agree, and ${needed} are needed.`,
    fix: "Ask a node of your own, or more endpoints that do not belong to one operator.",
    retryable: true,
  });
}
