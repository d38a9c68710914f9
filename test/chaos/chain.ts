// The endpoints of a run: proxies that fail as planned, and a chain behind them that is reorganised as planned.
import { keccak256, type Hex } from "viem";
import { startRpcProxy, type Fault, type RpcProxy } from "../support/rpc-proxy.ts";
import type { Plan, Reorganisation } from "./plan.ts";
import { faultDuring, LIES } from "./rpc-faults.ts";
import type { ChaosWorld } from "./world.ts";

export interface ChaosChain {
  readonly urls: readonly string[];
  /** How often each fault was shown, and each depth of reorganisation reached. */
  readonly shown: Map<string, number>;
  /** Hashes of all transactions that a service sent. */
  readonly sent: ReadonlySet<Hex>;
  /** How often one of several endpoints said something else than the truth to a question that others are asked, too. */
  lies(): number;
  /** Does something to the chain while no request is under way. */
  alone<Value>(work: () => Promise<Value>): Promise<Value>;
  mine(blocks?: number): Promise<void>;
  /** Whether every planned fault has been shown. */
  spent(): boolean;
  /** From now on every endpoint is honest, and the chain stays as it is. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** No service promises to survive more. */
const DEEPEST = 32;
/** Questions on which endpoints have to agree. */
const COMPARED: ReadonlySet<string> = new Set(["eth_chainId", "eth_call", "eth_getTransactionReceipt", "eth_getLogs", "eth_getCode"]);

export async function openChaosChain(world: ChaosWorld, plan: Plan, log: (line: string) => void): Promise<ChaosChain> {
  const shown = new Map<string, number>();
  const note = (what: string): void => void shown.set(what, (shown.get(what) ?? 0) + 1);
  const height = async (): Promise<number> => Number(await world.rpc("eth_blockNumber"));
  /** One by one: of blocks that are mined at a stroke the chain keeps no state. */
  async function mine(blocks = 1): Promise<void> {
    for (let i = 0; i < blocks; i++) await world.rpc("evm_mine");
  }

  /** Requests go side by side; what changes the chain goes alone. */
  const running = new Set<object>();
  let gate: Promise<void> = Promise.resolve();
  async function alone<Value>(work: () => Promise<Value>): Promise<Value> {
    const before = gate;
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    try {
      await before;
      while (running.size > 0) await new Promise((resolve) => setTimeout(resolve, 2));
      return await work();
    } finally {
      open();
    }
  }

  const sent = new Map<Hex, Hex>();
  const known = new Set<Hex>();
  let lies = 0;
  const pending: Promise<void>[] = [];
  let healed = false;
  let left = [...plan.reorganisations];

  async function reorganise({ depth, wait, resent }: Reorganisation, snapshot: unknown, start: number, before: ReadonlySet<Hex>): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, wait));
    await alone(async () => {
      const made = (await height()) - start;
      if (made > DEEPEST) return;
      if (made < depth) await mine(depth - made);
      const deep = Math.max(depth, made);
      if ((await world.rpc("evm_revert", snapshot)) !== true) throw new Error("The chain was not reorganised.");
      await mine(deep + 1);
      note(`reorganisation of depth ${deep}`);
      log(`reorganisation of depth ${deep} from block ${start}`);
      if (resent) for (const [hash, raw] of sent) if (!before.has(hash)) await world.rpc("eth_sendRawTransaction", raw).catch(() => undefined);
    });
  }

  /** Every transaction passes here before the chain sees it. */
  async function forward(raw: Hex): Promise<void> {
    const hash = keccak256(raw);
    if (sent.has(hash)) return;
    const planned = healed ? undefined : left.find(({ transaction }) => transaction <= sent.size);
    const before = new Set(sent.keys());
    sent.set(hash, raw);
    known.add(hash);
    if (planned === undefined) return;
    left = left.filter((other) => other !== planned);
    pending.push(reorganise(planned, await world.rpc("evm_snapshot"), await height(), before));
  }

  const faults = plan.rpc.map(({ kind, endpoint, after, lasts }) => ({ kind, endpoint, timed: Array.from({ length: plan.endpoints }, () => faultDuring(kind, { after, lasts })) }));
  const behaviour = (endpoint: number): Fault => async (request, ask) => {
    const found = healed ? undefined : faults.find((fault) => (fault.endpoint === "all" || fault.endpoint === endpoint) && fault.timed[endpoint]?.takes(request) === true);
    const through: typeof ask = async (change = {}) => {
      for (let seen: unknown = null; seen !== gate; ) await (seen = gate);
      const turn = {};
      running.add(turn);
      try {
        if (request.method === "eth_sendRawTransaction") await forward(request.params[0] as Hex);
        return await ask(change);
      } finally {
        running.delete(turn);
      }
    };
    if (found === undefined) return through();
    note(found.kind);
    const answer = await (found.timed[endpoint]?.fault(request, through) ?? through());
    if (plan.endpoints > 1 && LIES.has(found.kind) && COMPARED.has(request.method) && JSON.stringify(answer) !== JSON.stringify(await through())) lies++;
    return answer;
  };

  const proxies: RpcProxy[] = [];
  for (let i = 0; i < plan.endpoints; i++) {
    const proxy = await startRpcProxy(world.upstream);
    proxy.behave(behaviour(i));
    proxies.push(proxy);
  }
  return {
    urls: proxies.map(({ url }) => url),
    shown, alone,
    sent: known,
    lies: () => lies,
    mine: (blocks = 1) => alone(() => mine(blocks)),
    spent: () => left.length === 0 && faults.every(({ endpoint, timed }) => timed.every((one, i) => (endpoint !== "all" && endpoint !== i) || one.over())),
    async heal() {
      await Promise.all(pending);
      healed = true;
    },
    async close() {
      await Promise.all(pending).catch(() => undefined);
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
