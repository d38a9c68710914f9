import path from "node:path";

import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatEthersChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { defineConfig } from "hardhat/config";

import { DEV_ACCOUNT_COUNT } from "./scripts/chain/dev-accounts.ts";
import { gamesCompiler, gamesTogether } from "./tools/hardhat/games.ts";

/** The compiler comes from npm with everything else: nothing is downloaded when it is needed. */
const compiler = {
  version: "0.8.37",
  path: path.join(import.meta.dirname, "node_modules", "solc", "soljson.js"),
  settings: {
    evmVersion: "osaka",
    // More runs buy 0.3 % of gas and cost `Rounds` a fifth of its size limit (docs/decisions/contracts.md).
    optimizer: { enabled: true, runs: 200 },
    // For snapshots/contracts.json.
    outputSelection: { "*": { "*": ["storageLayout"] } },
  },
};

/** The rules of the chain we deploy to, on the chains that run in this process. */
const local = { type: "edr-simulated", chainType: "l1", hardfork: "osaka" } as const;

// Enough to catch a slip while working; `.ci/run` asks for more.
const fuzzRuns = Number(process.env["FUZZ_RUNS"] ?? 256);
const invariantRuns = Number(process.env["INVARIANT_RUNS"] ?? 32);

/** `--coverage` writes counters into the contracts, which are then too large to deploy: they must never lie where the real ones are looked for. */
const built = process.argv.includes("--coverage") ? "./cache/coverage/" : "./";

export default defineConfig({
  plugins: [
    gamesTogether,
    hardhatEthers,
    hardhatEthersChaiMatchers,
    hardhatIgnitionEthers,
    hardhatMocha,
    hardhatNetworkHelpers,
    hardhatTypechain,
  ],
  solidity: {
    profiles: {
      default: { compilers: [compiler], overrides: gamesCompiler(compiler) },
      // What a deployment uses: each contract compiled from its own sources only, as explorers verify it.
      production: { compilers: [compiler], isolated: true },
    },
  },
  networks: {
    default: local,
    // The chain that `npm start` runs: real time, a block a second besides one for every transaction.
    node: {
      ...local,
      accounts: { count: DEV_ACCOUNT_COUNT },
      allowBlocksWithSameTimestamp: true,
      mining: { auto: true, interval: 1000 },
    },
    localhost: { type: "http", chainType: "l1", url: process.env["CHONGWEN_RPC"] ?? "http://127.0.0.1:8545" },
  },
  paths: {
    sources: "./contracts",
    tests: { mocha: "./test/contracts", solidity: "./test/solidity" },
    ignition: "./deploy",
    artifacts: `${built}artifacts`,
    cache: `${built}cache`,
  },
  // Only types are imported from there, and its namespaces are not erasable syntax: nothing to check in it.
  typechain: { outDir: `${built}types`, tsNocheck: true },
  test: {
    mocha: { timeout: 60_000 },
    solidity: {
      fuzz: { runs: fuzzRuns },
      invariant: { runs: invariantRuns, depth: 64, failOnRevert: false },
    },
  },
});
