import type { Chain, Client, Transport } from "viem";
import type { Deployment } from "../../../protocol/deployment.ts";

/** A connection to the ledger's chain. viem's actions are imported one by one, so that the page carries only those it uses. */
export type ChainClient = Client<Transport, Chain>;

/** Where the ledger is, and how to ask it. Everything that reads the chain takes one. */
export interface Ledger {
  readonly client: ChainClient;
  readonly deployment: Deployment;
}
