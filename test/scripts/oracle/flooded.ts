// An oracle in a process of its own, to be flooded: node flooded.ts <deployment.json> <store> <dir> <token> <aggregator,…> <drop>.
import { readFile } from "node:fs/promises";
import { deploymentSchema } from "../../../protocol/deployment.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { connectKernel } from "../../../scripts/chain/kernel.ts";
import { createTransactor } from "../../../scripts/chain/transactor.ts";
import { relayer } from "../../../scripts/genesis/cast.ts";
import { createOracle } from "../../../scripts/oracle/oracle.ts";
import { createDiskStore } from "../../../scripts/store/index.ts";
import type { Address } from "viem";

const [deployment = "", storeDir = "", dir = "", token = "", aggregators = "", drop = ""] = process.argv.slice(2);
const kernel = await connectKernel(deploymentSchema.parse(JSON.parse(await readFile(deployment, "utf8"))));
const oracle = await createOracle({
  kernel, transactor: createTransactor(kernel.client, kernel.rpcUrl), relayer: relayer(), store: createDiskStore(storeDir), dir, token, port: 0, poll: 200, drop,
  operators: [1, 2, 3, 4].map((index) => ({ account: devAccount(index) })), sessions: { aggregators: aggregators.split(",") as Address[] },
  // Who drips is cut off sooner than outside, so that the test ends.
  pace: { grace: 3_000, perSecond: 4_096 },
  federations: [{ federation: 1 }], warn: (message) => void process.stderr.write(`${message}\n`),
}).start();
process.stdout.write(`${oracle.url ?? ""}\n`);
process.once("SIGTERM", () => void oracle.stop().then(() => process.exit(0)));
