import { rm } from "node:fs/promises";
import path from "node:path";
import { createPublicClient, http, type Address } from "viem";
import { contractNames, type ContractName, type Deployment } from "../../protocol/deployment.ts";
import { readCodeHashes } from "./code-hashes.ts";
import { kernelParameters, type Manifest } from "./manifest.ts";

const LOCAL = "local-";

type Step = "Kernel" | "Handover";

/** Deploys and wires the kernel through Ignition. The deployer still owns it: see {@link handOver}. */
export async function deployKernel(rpcUrl: string, manifest: Manifest): Promise<Deployment> {
  const client = createPublicClient({ transport: http(rpcUrl) });
  const [chainId, fromBlock] = [await client.getChainId(), await client.getBlockNumber()];
  const contracts = await ignite(rpcUrl, "Kernel", manifest);
  return { format: "chongwen-deployment", version: 1, chainId, rpcUrl, fromBlock, codeHashes: await readCodeHashes(client, contracts), contracts };
}

/** Gives every contract to the timelock and the timelock to the governor. Nothing of the deployer's power is left. */
export async function handOver(rpcUrl: string, manifest: Manifest): Promise<void> {
  await ignite(rpcUrl, "Handover", manifest);
  const id = await deploymentId(rpcUrl);
  // The journal of a chain that lives in memory is of no use to anyone.
  if (id.startsWith(LOCAL)) await rm(path.join((await import("hardhat")).config.paths.ignition, "deployments", id), { recursive: true, force: true });
}

async function ignite(rpcUrl: string, step: Step, manifest: Manifest): Promise<Record<ContractName, Address>> {
  // Loaded here and not above: commands that deploy nothing should not pay for Hardhat.
  const { network } = await import("hardhat");
  const { default: module } = await (step === "Kernel" ? import("../../deploy/modules/Kernel.ts") : import("../../deploy/modules/Handover.ts"));
  const connection = await network.create({ network: "localhost", override: { url: rpcUrl } });
  try {
    const deployed = await connection.ignition.deploy(module, {
      parameters: { Kernel: kernelParameters(manifest) },
      deploymentId: await deploymentId(rpcUrl),
      displayUi: false,
      config: { blockPollingInterval: 50, requiredConfirmations: 1 },
    });
    const entries = contractNames.map(async (name) => [name, (await deployed[name].getAddress()) as Address] as const);
    return Object.fromEntries(await Promise.all(entries)) as Record<ContractName, Address>;
  } finally {
    await connection.close();
  }
}

/** A local chain forgets everything when it stops, Ignition's journal does not: so each instance gets a journal of its own. */
async function deploymentId(rpcUrl: string): Promise<string> {
  const client = createPublicClient({ transport: http(rpcUrl) });
  const chainId = await client.getChainId();
  if (chainId !== 31337) return `chain-${chainId}`;
  const { instanceId } = await client.request<{ Method: "hardhat_metadata"; Parameters: []; ReturnType: { instanceId: string } }>({
    method: "hardhat_metadata",
    params: [],
  });
  return `${LOCAL}${instanceId.slice(2, 18)}`;
}
