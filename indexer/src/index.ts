/** Every event goes into `log` as it is; some also change a table. */
import type { EventNames, IndexingFunctionArgs } from "ponder:registry";
import { ponder } from "ponder:registry";
import config from "../ponder.config.ts";
import { log } from "../ponder.schema.ts";
import { projections } from "./projections/index.ts";

type Handler = (args: IndexingFunctionArgs) => Promise<unknown>;

for (const [contract, { abi }] of Object.entries(config.contracts)) {
  for (const item of abi) {
    if (item.type !== "event") continue;
    const name = `${contract}:${item.name}` as EventNames;
    const project = projections[name] as Handler | undefined;
    ponder.on(name, async (args) => {
      await record(contract, item.name, args as IndexingFunctionArgs);
      await project?.(args as IndexingFunctionArgs);
    });
  }
}

async function record(contract: string, event: string, { event: { block, log: entry, transaction }, context: { db } }: IndexingFunctionArgs): Promise<void> {
  await db.insert(log).values({
    blockNumber: Number(block.number),
    logIndex: entry.logIndex,
    blockHash: block.hash,
    timestamp: Number(block.timestamp),
    transactionHash: transaction.hash,
    address: entry.address,
    // Topics that an event lacks are null here.
    topics: entry.topics.filter((topic) => topic !== null).join(","),
    data: entry.data,
    contract,
    event,
  });
}
