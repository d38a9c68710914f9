import { graphql } from "ponder";
import { db, publicClients } from "ponder:api";
import schema from "ponder:schema";
import { Hono } from "hono";
import { readSettings } from "../settings.ts";
import { createApp } from "./app.ts";
import { createStore } from "./store.ts";

const { deployment } = readSettings();
const client = publicClients.ledger;

const app = createApp({
  chainId: deployment.chainId,
  ledger: deployment.contracts.rounds,
  store: createStore(db),
  chain: {
    head: async () => Number(await client.getBlockNumber({ cacheTime: 0 })),
    block: async (number) => {
      const { hash, timestamp } = await client.getBlock({ blockNumber: BigInt(number) });
      return { hash, timestamp: Number(timestamp) };
    },
  },
  graphql: graphql({ db, schema }, { maxOperationTokens: 500, maxOperationDepth: 8, maxOperationAliases: 4 }),
});

export default new Hono().route("/v1", app);
