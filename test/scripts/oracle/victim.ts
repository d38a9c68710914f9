// An oracle in a process of its own, to be killed: node victim.ts <deployment.json> <store> <dir> <token> <where>. It kills itself when it gets to <where>.
import { readFile } from "node:fs/promises";
import { deploymentSchema } from "../../../protocol/deployment.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { connectKernel } from "../../../scripts/chain/kernel.ts";
import { createTransactor, type Transactor } from "../../../scripts/chain/transactor.ts";
import { relayer } from "../../../scripts/genesis/cast.ts";
import { createOracle } from "../../../scripts/oracle/oracle.ts";
import { createDiskStore } from "../../../scripts/store/index.ts";

const [deployment = "", storeDir = "", dir = "", token = "", where = ""] = process.argv.slice(2);
const kernel = await connectKernel(deploymentSchema.parse(JSON.parse(await readFile(deployment, "utf8"))));
const die = (): void => void process.kill(process.pid, "SIGKILL");
const transactor = createTransactor(kernel.client, kernel.rpcUrl);
const store = createDiskStore(storeDir);

/** Dies before a transaction of a kind is sent, or right after it is in a block and before anybody knows. */
const deadly: Transactor = {
  ...transactor,
  async send(account, call) {
    if (where === `before ${call.kind}`) die();
    const receipt = await transactor.send(account, call);
    if (where === `after ${call.kind}`) die();
    return receipt;
  },
};
const oracle = await createOracle({
  kernel, transactor: deadly, relayer: relayer(), store, dir, token, port: 0, poll: 50,
  operators: [1, 2, 3, 4].map((index) => ({ account: devAccount(index) })),
  federations: [{ federation: 1 }], warn: (message) => void process.stderr.write(`${message}\n`),
}).start();
process.stdout.write(`${oracle.url ?? ""}\n`);
