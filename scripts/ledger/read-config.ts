import type { Hex } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import type { FederationConfig } from "../../protocol/index.ts";
import type { Kernel } from "../chain/kernel.ts";

/** The configuration that has this hash, from the event that announced it. @throws chain-incomplete (retryable) */
export async function readConfig({ client, deployment, rounds }: Kernel, federation: number, configHash: Hex): Promise<FederationConfig> {
  const events = { ...rounds, args: { federation }, fromBlock: deployment.fromBlock, strict: true } as const;
  const [created, reconfigured] = await Promise.all([
    client.getContractEvents({ ...events, eventName: "FederationCreated" }),
    client.getContractEvents({ ...events, eventName: "FederationReconfigured" }),
  ]);
  const found = [...created, ...reconfigured].find(({ args }) => args.configHash === configHash);
  if (found !== undefined) return found.args.config;
  throw new ChongwenError({
    code: "chain-incomplete",
    message: `The endpoint has no configuration ${configHash} of federation ${federation}.`,
    fix: "Use an endpoint with full history (--rpc).",
    retryable: true,
  });
}
