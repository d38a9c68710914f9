/** What clients add of their own accord, or leave out, is no disagreement: of blocks, receipts and transactions only these fields count. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  block: ["number", "hash", "parentHash", "stateRoot", "receiptsRoot", "timestamp", "baseFeePerGas", "transactions"],
  receipt: ["transactionHash", "blockHash", "blockNumber", "from", "to", "contractAddress", "status", "gasUsed", "effectiveGasPrice", "logs"],
  log: ["address", "topics", "data", "blockHash", "blockNumber", "transactionHash", "logIndex"],
  transaction: ["hash", "blockHash", "blockNumber", "from", "to", "nonce", "input", "value"],
};

const KIND: Readonly<Record<string, string>> = {
  eth_getBlockByHash: "block",
  eth_getBlockByNumber: "block",
  eth_getLogs: "log",
  eth_getTransactionByHash: "transaction",
  eth_getTransactionReceipt: "receipt",
};

/** A text that is equal for answers that say the same: endpoints are compared by it. */
export function essenceOf(method: string, answer: unknown): string {
  return JSON.stringify(reduce(answer, KIND[method]));
}

function reduce(value: unknown, kind: string | undefined): unknown {
  if (typeof value === "string") return value.startsWith("0x") ? value.toLowerCase() : value;
  if (Array.isArray(value)) return value.map((item) => reduce(item, kind));
  if (typeof value !== "object" || value === null) return value;
  const fields = kind === undefined ? undefined : FIELDS[kind];
  const names = fields ?? Object.keys(value).sort();
  const inner: Readonly<Record<string, string>> = { logs: "log", transactions: "transaction" };
  return names.map((name) => [name, reduce((value as Record<string, unknown>)[name] ?? null, fields === undefined ? undefined : inner[name])]);
}
