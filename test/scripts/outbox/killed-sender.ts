// Sends one transaction and dies, without a word, at the point it is told.
import { createPublicClient, http, parseGwei, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { openOutboxJournal } from "../../../scripts/chain/outbox/journal.ts";
import { createOutbox } from "../../../scripts/chain/outbox/outbox.ts";

const [url = "", key = "", file = "", to = "", deadly = ""] = process.argv.slice(2);
const account = privateKeyToAccount(key as Hex);
const client = createPublicClient({ transport: http(url) });
const chainId = await client.getChainId();
const journal = openOutboxJournal(file, { chainId, account: account.address });
const reached = (point: string): void => {
  if (point === deadly) process.kill(process.pid, "SIGKILL");
};
await createOutbox({ client, account, journal, chainId, priceCap: parseGwei("100"), now: () => 0, warn: () => undefined, reached }).submit({ key: "count", to: to as Hex, data: "0x", gas: 100_000n });
