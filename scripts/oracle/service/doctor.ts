/** Looks at everything that an oracle's service needs, and changes nothing: for whoever is about to start one, or wonders why one does not work. */
import { access, constants, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { createPublicClient, formatEther, formatGwei, http, isAddressEqual, parseGwei, recoverTypedDataAddress, type Address, type LocalAccount, type PublicClient } from "viem";
import type { Deployment } from "../../../protocol/deployment.ts";
import { connectKernel, type Kernel } from "../../chain/kernel.ts";
import { check, type Finding } from "../../output/finding.ts";
import { bearer } from "../token.ts";
import { createCheckpoints } from "./checkpoint.ts";
import type { KeyConfig, OracleConfig } from "./config.ts";
import { openKey } from "./keys.ts";
import { readDeployment, readOracleConfig } from "./read-config.ts";
import { createSecrets, type Secrets } from "./secrets.ts";
import { openAccess } from "./transport.ts";

const PATIENCE = 10_000;
/** Of a seal, a report and a finalisation with their margins, of 64 contributors. */
const GAS_OF_A_ROUND = 3_000_000n;
/** Rounds for which the payer should have gas. */
const ROUNDS_AHEAD = 20n;
const ROOM = 5 * 2 ** 30;
/** Seconds that clocks may differ. */
const CLOCKS = 15;
const LATE = 300;

/** @param file Of the configuration. */
export async function examineOracle(file: string): Promise<Finding[]> {
  const groupReads: string[] = [];
  const secrets = createSecrets((message) => void groupReads.push(message));
  const found: Finding[] = [];
  const look = async <Value>(what: string, work: () => Promise<readonly [detail: string, value: Value]>): Promise<Value | null> => {
    let value: Value | null = null;
    const finding = await check(what, async () => {
      const [detail, made] = await work();
      value = made;
      return detail;
    });
    found.push({ ...finding, detail: secrets.scrub(finding.detail) });
    return value;
  };

  const config = await look("configuration", async () => [path.resolve(file), await readOracleConfig(file)]);
  if (config === null) return found;
  for (const url of config.endpoints?.urls ?? []) secrets.addUrl(url);
  await examineMachine(config, secrets, look);
  const deployment = await look("deployment file", async () => {
    const read = await readDeployment(config.deployment);
    return [`chain ${read.chainId}, ledger ${read.contracts.rounds}${read.codeHashes === undefined ? "; it does not say what code runs there" : ""}`, read];
  });
  if (deployment === null) return found;
  const urls = config.endpoints?.urls ?? [deployment.rpcUrl];
  for (const url of urls) {
    secrets.addUrl(url);
    await look(`endpoint ${new URL(url).host}`, async () => [await examineEndpoint(url, deployment), null]);
  }
  const kernel = await look("ledger", async () => {
    const { name, transport } = openAccess({ endpoints: { urls, timeoutSeconds: 10, requestsPerMinute: 6_000, ...config.endpoints }, warn: () => undefined, happened: () => undefined });
    const connected = await connectKernel(deployment, name, transport);
    const block = await connected.client.getBlockNumber();
    for (const federation of config.federations) await connected.rounds.read.headOf([federation]);
    return [`block ${block}, as ${urls.length === 1 ? "its endpoint says" : "enough endpoints agree"}`, connected];
  });
  const keys = [...config.operators.map((key) => ({ key, what: "operator" })), ...(config.payer === undefined ? [] : [{ key: config.payer, what: "payer" }])];
  const accounts: (LocalAccount | null)[] = [];
  for (const { key, what } of keys) accounts.push(await look(`${what}'s key`, () => examineKey(key, what, deployment, kernel, secrets)));
  if (kernel !== null) {
    const payer = accounts[config.payer === undefined ? 0 : accounts.length - 1] ?? null;
    if (payer !== null) await look("gas money", async () => [await examineBalance(kernel, payer.address, config), null]);
    await look("clock", async () => [await examineClock(kernel), null]);
    await look("checkpoint", async () => {
      const checkpoints = createCheckpoints({ file: path.join(config.dir, "checkpoint.json"), kernel, confirmations: config.limits.confirmations, now: () => Date.now() / 1000 });
      await checkpoints.compare(config.checkpoint);
      return ["the chain has what is known of it", null];
    });
  }
  for (const { address, url } of config.peers?.others ?? []) {
    await look(`operator ${address.slice(0, 10)}`, async () => {
      const asked = Date.now();
      // What its service tells everybody; whether it signs is seen when it is asked to.
      const answer = await fetch(`${url.replace(/\/$/, "")}/v1/openapi.json`, { signal: AbortSignal.timeout(PATIENCE), redirect: "error" }).catch(() => null);
      if (answer?.status !== 200) throw new Error(`Its service at ${new URL(url).host} ${answer === null ? "does not answer" : `answers ${answer.status}`}. Ask whoever runs it.`);
      return [`its service answers within ${Date.now() - asked} ms`, null];
    });
  }
  for (const detail of groupReads) found.push({ what: "files", ok: true, detail });
  return found;
}

type Look = <Value>(what: string, work: () => Promise<readonly [detail: string, value: Value]>) => Promise<Value | null>;

async function examineMachine({ dir, store, tokenFile, drop, listen, monitor }: OracleConfig, secrets: Secrets, look: Look): Promise<void> {
  const folders = [["folder", dir], ...(store.dir === undefined ? [] : [["store", store.dir]]), ...(drop === undefined ? [] : [["folder for drops", drop]])] as const;
  for (const [what = "", folder = ""] of folders) await look(what, async () => [await examineFolder(folder), null]);
  const { kubo } = store;
  if (kubo !== undefined) {
    await look("store", async () => {
      const answer = await fetch(new URL("/api/v0/version", kubo), { method: "POST", signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok) throw new Error(`The Kubo node at ${new URL(kubo).host} answers ${answer.status}.`);
      return [`a Kubo node at ${new URL(kubo).host}`, null];
    });
  }
  if (tokenFile !== undefined) await look("token", async () => (bearer(await secrets.read(tokenFile)), [tokenFile, null]));
  const running = monitor.port !== 0 && (await fetch(`http://127.0.0.1:${monitor.port}/health`, { signal: AbortSignal.timeout(2_000) }).then(({ status }) => status === 200, () => false));
  for (const [what, port] of [["intake's port", listen.port], ["monitor's port", monitor.port]] as const) {
    await look(what, async () => {
      if (port === 0) return ["any free one", null];
      if (await isFree(port)) return [`${port} is free`, null];
      if (!running) throw new Error(`Port ${port} is taken, and no oracle answers at the monitor's port. Stop what uses it, or choose another.`);
      return [`${port} is taken: an oracle is running`, null];
    });
  }
}

/** What is to be there, or can be made there. */
async function examineFolder(folder: string): Promise<string> {
  let at = folder;
  while (!(await access(at).then(() => true, () => false)) && path.dirname(at) !== at) at = path.dirname(at);
  await access(at, constants.R_OK | constants.W_OK | constants.X_OK).catch(() => {
    throw new Error(`${at} cannot be written by this user.`);
  });
  const { bavail, bsize } = await statfs(at);
  const free = bavail * bsize;
  const gigabytes = (free / 2 ** 30).toFixed(1);
  if (free < ROOM) throw new Error(`${gigabytes} GiB are free at ${at}. Make room: rounds stop when it is full.`);
  return `${folder}${at === folder ? "" : " (to be made)"}, ${gigabytes} GiB free`;
}

async function examineEndpoint(url: string, deployment: Deployment): Promise<string> {
  const client: PublicClient = createPublicClient({ transport: http(url, { retryCount: 0, timeout: PATIENCE }) });
  const asked = Date.now();
  const [chainId, block, code] = await Promise.all([client.getChainId(), client.getBlock({ blockTag: "latest" }), client.getCode({ address: deployment.contracts.rounds })]).catch((error: unknown) => {
    throw new Error(`It does not answer: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : ""}`);
  });
  if (chainId !== deployment.chainId) throw new Error(`It serves chain ${chainId}, and the ledger is on chain ${deployment.chainId}.`);
  if (code === undefined) throw new Error(`It knows no contract at ${deployment.contracts.rounds}.`);
  return `block ${block.number}, answers within ${Date.now() - asked} ms`;
}

async function examineKey(key: KeyConfig, what: string, deployment: Deployment, kernel: Kernel | null, secrets: Secrets): Promise<readonly [string, LocalAccount]> {
  const account = await openKey(key, deployment.chainId, secrets);
  // Nothing that any contract takes: it shows that a remote signer works, too.
  const trial = { domain: { name: "Chongwen doctor", chainId: deployment.chainId }, types: { Trial: [{ name: "about", type: "string" }] }, primaryType: "Trial", message: { about: "Whether this key can sign." } } as const;
  const signature = await account.signTypedData(trial);
  if (!isAddressEqual(await recoverTypedDataAddress({ ...trial, signature }), account.address)) throw new Error(`What it signs is not by ${account.address}.`);
  const kind = key.signer === undefined ? (key.keystore === undefined ? "development key" : "keystore") : "remote signer";
  if (what !== "operator" || kernel === null) return [`${account.address}, ${kind}`, account];
  const { number, threshold } = await kernel.operators.read.currentEpoch();
  const set = await kernel.operators.read.signersOf([number]);
  if (!set.includes(account.address)) throw new Error(`${account.address} is no operator in epoch ${number}: its signatures do not count. Governance decides who is.`);
  return [`${account.address}, ${kind}; one of ${set.length} operators in epoch ${number}, of whom ${threshold} must sign`, account];
}

async function examineBalance({ client }: Kernel, payer: Address, { limits }: OracleConfig): Promise<string> {
  const [balance, price] = await Promise.all([client.getBalance({ address: payer }), client.getGasPrice()]);
  const round = GAS_OF_A_ROUND * price;
  const rounds = round === 0n ? ROUNDS_AHEAD : balance / round;
  const has = `${payer} has ${formatEther(balance)} coins, for ${rounds > 9_999n ? "thousands of" : `about ${rounds}`} rounds at ${formatGwei(price)} gwei`;
  if (rounds < ROUNDS_AHEAD) throw new Error(`${has}. Send it coins.`);
  if (price > parseGwei(limits.maxGasPriceGwei)) throw new Error(`Gas costs ${formatGwei(price)} gwei now, more than maxGasPriceGwei: transactions would wait.`);
  return has;
}

async function examineClock({ client, deployment }: Kernel): Promise<string> {
  const { timestamp, number } = await client.getBlock({ blockTag: "latest" });
  const behind = Date.now() / 1000 - Number(timestamp);
  const says = `this machine is ${Math.abs(Math.round(behind))} s ${behind < 0 ? "behind" : "after"} block ${number}`;
  // A local chain stands still while nobody uses it, and tests move its clock.
  if (deployment.chainId === 31337) return says;
  if (behind < -CLOCKS) throw new Error(`${says}: its clock is slow. Set it by NTP.`);
  if (behind > LATE) throw new Error(`${says}: its clock is fast, or the endpoints are behind, or the chain stands still.`);
  return says;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
