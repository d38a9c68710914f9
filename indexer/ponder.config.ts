import { createConfig, factory } from "ponder";
import { parseAbiItem } from "viem";
import {
  arbitrationAbi, attestationsAbi, chongwenGovernorAbi, contributionTokenAbi, contributorsAbi, datasetsAbi, demandsAbi, disputesAbi, libraryCardAbi,
  loneReportsAbi, operatorsAbi, postingsAbi, rewardsVaultAbi, roundsAbi, seatsAbi, settlementAbi, timelockAbi, treasuryAbi,
} from "../protocol/abi/index.ts";
import { readSettings } from "./src/settings.ts";

const { deployment, libraryCard, rpcUrl, rate, pollMs, logRange, database } = readSettings();
const { contracts } = deployment;
const chain = "ledger";
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
  // Every contract that has events, with all of them. Verifiers have none.
  contracts: {
    arbitration: { chain, abi: arbitrationAbi, address: contracts.arbitration, startBlock },
    attestations: { chain, abi: attestationsAbi, address: contracts.attestations, startBlock },
    contributors: { chain, abi: contributorsAbi, address: contracts.contributors, startBlock },
    datasets: { chain, abi: datasetsAbi, address: contracts.datasets, startBlock },
    demands: { chain, abi: demandsAbi, address: contracts.demands, startBlock },
    disputes: { chain, abi: disputesAbi, address: contracts.disputes, startBlock },
    governor: { chain, abi: chongwenGovernorAbi, address: contracts.governor, startBlock },
    libraryCard: { chain, abi: libraryCardAbi, address: libraryCard, startBlock },
    loneReports: { chain, abi: loneReportsAbi, address: contracts.loneReports, startBlock },
    operators: { chain, abi: operatorsAbi, address: contracts.operators, startBlock },
    postings: { chain, abi: postingsAbi, address: contracts.postings, startBlock },
    rounds: { chain, abi: roundsAbi, address: contracts.rounds, startBlock },
    seats: { chain, abi: seatsAbi, address: contracts.seats, startBlock },
    settlement: { chain, abi: settlementAbi, address: contracts.settlement, startBlock },
    timelock: { chain, abi: timelockAbi, address: contracts.timelock, startBlock },
    token: { chain, abi: contributionTokenAbi, address: contracts.token, startBlock },
    treasury: { chain, abi: treasuryAbi, address: contracts.treasury, startBlock },
    // One for each federation, opened by the treasury.
    vault: {
      chain,
      abi: rewardsVaultAbi,
      address: factory({ address: contracts.treasury, event: parseAbiItem("event VaultOpened(uint32 indexed federation, address vault)"), parameter: "vault", startBlock }),
      startBlock,
    },
  },
});
