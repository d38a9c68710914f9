import { createConfig, factory } from "ponder";
import { parseAbiItem } from "viem";
import { libraryCardAbi, pointsVaultAbi } from "../protocol/abi/index.ts";
import { readSettings } from "./src/settings.ts";
import { CHAIN as chain, sourcesOf } from "./src/sources.ts";

const { deployment, libraryCard, rpcUrl, rate, pollMs, logRange, database } = readSettings();
const startBlock = Number(deployment.fromBlock);

export default createConfig({
  ordering: "omnichain",
  database: database.kind === "postgres" ? { kind: "postgres" } : { kind: "pglite", directory: database.directory },
  chains: {
    ledger: {
      id: deployment.chainId,
      // Ponder begins with 20 questions a second for each endpoint, and doubles that within minutes. For a node of one's own that is a crawl, so it is named
      // several times.
      rpc: Array.from({ length: Math.ceil(rate / 20) }, () => rpcUrl),
      pollingInterval: pollMs,
      // A development chain forgets everything when it stops: what was cached of it must not be taken for the next one's.
      disableCache: deployment.chainId === 31337,
      ...(logRange === undefined ? {} : { ethGetLogsBlockRange: logRange }),
    },
  },
  contracts: {
    ...sourcesOf(deployment),
    libraryCard: { chain, abi: libraryCardAbi, address: libraryCard, startBlock },
    // One for each federation, opened by the treasury.
    vault: {
      chain,
      // Has every event of the ordinary vault, and its own.
      abi: pointsVaultAbi,
      address: factory({ address: deployment.contracts.treasury, event: parseAbiItem("event VaultOpened(uint32 indexed federation, address vault)"), parameter: "vault", startBlock }),
      startBlock,
    },
  },
});
