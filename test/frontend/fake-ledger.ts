// A chain and an indexer that exist only here: as few events as a ledger can have, and every fault a source can have.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, custom, decodeFunctionData, encodeFunctionResult, keccak256, numberToHex, pad, RpcRequestError, toEventSelector, toHex, type Address, type Hex } from "viem";
import { hardhat } from "viem/chains";
import { contributorsAbi, datasetsAbi, roundsAbi, seatsAbi, settlementAbi, treasuryAbi } from "../../protocol/abi/index.ts";
import { contractNames, type Deployment } from "../../protocol/deployment.ts";
import type { HistoryEntry } from "../../frontend/src/chain/history-entry.ts";
import type { ChainClient } from "../../frontend/src/chain/ledger.ts";

const abi = [...roundsAbi, ...datasetsAbi, ...contributorsAbi, ...seatsAbi, ...settlementAbi, ...treasuryAbi];

const topics = new Map<string, Hex>();

function topicOf(name: string): Hex {
  const known = topics.get(name);
  if (known !== undefined) return known;
  const item = abi.find((item) => item.type === "event" && item.name === name);
  if (item?.type !== "event") throw new Error(name);
  const topic = toEventSelector(item);
  topics.set(name, topic);
  return topic;
}

export const addressAt = (index: number): Address => pad(toHex(0x1000 + index), { size: 20 });
const word = (value: number | Hex): Hex => pad(typeof value === "number" ? toHex(value) : value, { size: 32 });
export const LIBRARY_CARD = addressAt(900);
export const VAULT = addressAt(901);

export function fakeDeployment(indexer?: string): Deployment {
  return {
    format: "chongwen-deployment",
    version: 1,
    chainId: hardhat.id,
    rpcUrl: "http://127.0.0.1:1",
    fromBlock: 0n,
    ...(indexer === undefined ? {} : { services: { indexer } }),
    contracts: Object.fromEntries(contractNames.map((name, i) => [name, addressAt(i)])) as Deployment["contracts"],
  };
}
const { contracts } = fakeDeployment();

interface Block {
  readonly hash: Hex;
  readonly logs: readonly HistoryEntry[];
}
type Said = Pick<HistoryEntry, "address" | "topics" | "data">;

export interface Limits {
  /** Most blocks of one eth_getLogs. */
  range?: bigint;
  /** Most logs of one answer. */
  results?: number;
  /** Gives the newest block's logs twice, as some endpoints do. */
  repeats?: boolean;
  down?: boolean;
}

/** A chain of `length` blocks that holds a small ledger, one event in each block from the tenth on. */
export class FakeChain {
  readonly limits: Limits = {};
  readonly calls: string[] = [];
  #blocks: Block[] = [];
  #salt = 0;

  constructor(length: number) {
    this.mine(10);
    const rounds = contracts.rounds;
    this.#say(rounds, "FederationCreated", [1]);
    this.#say(contracts.contributors, "OrganisationAdmitted", [1]);
    this.#say(contracts.contributors, "ContributorRegistered", [1]);
    this.#say(contracts.datasets, "DatasetProposed", [1]);
    this.#say(contracts.seats, "SeatGranted", [1, 0]);
    // A vault that speaks in the very block that opens it.
    this.#block([
      { address: contracts.treasury, topics: [topicOf("VaultOpened"), word(1)], data: word(VAULT) },
      { address: VAULT, topics: [keccak256(toHex("RootChanged"))], data: word(7) },
    ]);
    for (let round = 1; this.#blocks.length < length; round++) {
      this.#say(round % 4 === 0 ? VAULT : rounds, "RoundSealed", [1, round]);
    }
  }

  get head(): number {
    return this.#blocks.length - 1;
  }

  /** Blocks without events. */
  mine(count: number): void {
    for (let i = 0; i < count; i++) this.#block([]);
  }

  seal(round: number): void {
    this.#say(contracts.rounds, "RoundSealed", [1, round]);
  }

  /** Takes the newest blocks away. What is mined afterwards has other hashes. */
  reorganise(depth: number): void {
    this.#blocks = this.#blocks.slice(0, -depth);
    this.#salt += 1;
  }

  logs(from = 0, to = this.head): HistoryEntry[] {
    return this.#blocks.slice(from, to + 1).flatMap(({ logs }) => logs);
  }

  hashOf(number: number): Hex {
    return this.#blocks[number]?.hash ?? "0x";
  }

  client(): ChainClient {
    const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => this.#answer(method, params as unknown[]);
    return createClient({ chain: hardhat, transport: custom({ request }, { retryCount: 0 }) }) as ChainClient;
  }

  #say(address: Address, event: string, indexed: readonly number[]): void {
    this.#block([{ address, topics: [topicOf(event), ...indexed.map(word)], data: word(indexed.at(-1) ?? 0) }]);
  }

  #block(said: readonly Said[]): void {
    const hash = keccak256(toHex(`${this.#salt}/${this.#blocks.length}/${this.#blocks.at(-1)?.hash}`));
    const blockNumber = BigInt(this.#blocks.length);
    const logs = said.map(({ address, topics, data }, logIndex) => ({ blockNumber, blockHash: hash, logIndex, transactionHash: keccak256(toHex(`${hash}/${logIndex}`)), address, topics, data }));
    this.#blocks.push({ hash, logs });
  }

  #answer(method: string, params: unknown[]): unknown {
    this.calls.push(method);
    if (this.limits.down) throw new TypeError("fetch failed");
    if (method === "eth_getBlockByNumber") return this.#getBlock(params[0] as string);
    if (method === "eth_getLogs") return this.#getLogs(params[0] as { address: string[]; fromBlock: Hex; toBlock: Hex });
    if (method === "eth_call") return this.#call(params as [{ data: Hex }, Hex]);
    throw new Error(`Not made for ${method}.`);
  }

  #getBlock(tag: string): unknown {
    const number = tag === "latest" ? this.head : Number(tag);
    const block = this.#blocks[number];
    return block === undefined ? null : { number: numberToHex(number), hash: block.hash, timestamp: "0x0", transactions: [] };
  }

  #getLogs({ address, fromBlock, toBlock }: { address: string[]; fromBlock: Hex; toBlock: Hex }): unknown {
    const refuse = (message: string): never => {
      throw new RpcRequestError({ body: {}, url: "", error: { code: -32_005, message } });
    };
    if (BigInt(toBlock) - BigInt(fromBlock) >= (this.limits.range ?? 1n << 60n)) refuse("block range is too wide");
    const wanted = new Set(address.map((one) => one.toLowerCase()));
    const found = this.logs(Number(fromBlock), Number(toBlock)).filter((log) => wanted.has(log.address));
    if (found.length > (this.limits.results ?? Number.POSITIVE_INFINITY)) refuse("query returned too many results");
    const again = this.limits.repeats ? found.filter(({ blockNumber }) => blockNumber === BigInt(this.head)) : [];
    return [...found, ...again].map((log) => ({ ...log, blockNumber: numberToHex(log.blockNumber), logIndex: numberToHex(log.logIndex), transactionIndex: "0x0", removed: false }));
  }

  #call([{ data }, tag]: [{ data: Hex }, Hex]): Hex {
    const { functionName } = decodeFunctionData({ abi, data });
    const logs = this.logs(0, tag.startsWith("0x") ? Number(tag) : this.head);
    const count = (name: string): number => logs.filter(({ topics }) => topics[0] === topicOf(name)).length;
    const sealed = logs.filter(({ address, topics }) => address === contracts.rounds && topics[0] === topicOf("RoundSealed")).map(({ topics }) => Number(topics[2]));
    const answers: Record<string, unknown> = {
      libraryCard: LIBRARY_CARD,
      federationCount: count("FederationCreated"),
      datasetCount: count("DatasetProposed"),
      contributorCount: count("ContributorRegistered"),
      organisationCount: count("OrganisationAdmitted"),
      seatCount: count("SeatGranted"),
      vaultOf: count("VaultOpened") > 0 ? VAULT : addressAt(-0x1000),
      headOf: { last: sealed.at(-1) ?? 0, tip: 0, forceUntil: 0, forced: 0 },
      accountOf: {
        nextIndex: 1, attempt: 0, state: 0, deadline: 0, settledThrough: 0, proposedThrough: 0, signers: 0, operatorEpoch: 0, frozen: false,
        carry: 0n, pool: 0n, distributed: 0n, total: 0n, statementHash: word(0), rewardsRoot: word(0),
      },
    };
    return encodeFunctionResult({ abi, functionName, result: answers[functionName] } as Parameters<typeof encodeFunctionResult>[0]);
  }
}

/** What a (lying) indexer makes of the truth. */
export interface Lies {
  status?: (status: Record<string, unknown>) => Record<string, unknown>;
  logs?: (logs: HistoryEntry[]) => HistoryEntry[];
  /** Answers this instead, to everything. */
  raw?: { status: number; body: string };
  /** Most logs of one page. */
  pageSize?: number;
  /** How far it has come; by default to the chain's head. */
  block?: () => number;
}

export interface FakeIndexer {
  readonly url: string;
  readonly lies: Lies;
  close(): Promise<void>;
}

export async function startFakeIndexer(chain: FakeChain): Promise<FakeIndexer> {
  const lies: Lies = {};
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const reply = (status: number, body: string): void => void response.writeHead(status, { "content-type": "application/json" }).end(body);
    if (lies.raw !== undefined) return reply(lies.raw.status, lies.raw.body);
    const block = lies.block?.() ?? chain.head;
    if (url.pathname === "/status") {
      const status = { chainId: hardhat.id, ledger: contracts.rounds, block, blockHash: chain.hashOf(block), timestamp: 0, headBlock: chain.head, lag: chain.head - block };
      return reply(200, JSON.stringify(lies.status?.(status) ?? status));
    }
    const [from = 0, to = 0, limit = 0, start = 0] = ["from", "to", "limit", "cursor"].map((name) => Number(url.searchParams.get(name) ?? 0));
    const pageEnd = start + Math.min(limit, lies.pageSize ?? limit);
    const all = chain.logs(from, to);
    const logs = lies.logs?.(all) ?? all;
    const page = logs.slice(start, pageEnd);
    const rows = page.map((log) => [Number(log.blockNumber), log.logIndex, log.blockHash, log.transactionHash, log.address, log.topics, log.data]);
    reply(200, JSON.stringify({ logs: rows, cursor: pageEnd < logs.length ? String(pageEnd) : null }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lies,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
