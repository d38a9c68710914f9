import { hexToBytes } from "viem";
import { int16Of, vectorShape } from "../../protocol/index.ts";
import { PART_HEIGHT } from "../../protocol/faults/posting.ts";
import type { Kernel } from "../chain/kernel.ts";

/**
 * Payloads of a sealed round that were posted on chain in full, by entry: no report may leave them out. The contract checked them against root, trace,
 * norm and bound, so they need no check here.
 * @param parameters N: lanes of an update.
 */
export async function readPostedPayloads(kernel: Kernel, federation: number, round: number, parameters: number): Promise<Map<number, Int16Array>> {
  const { client, deployment, rounds, postings } = kernel;
  const { hash: sealHash } = await rounds.read.roundOf([federation, round]);
  const posted = await rounds.read.postedOf([sealHash]);
  if (posted === 0n) return new Map();
  const logs = await client.getContractEvents({ ...postings, eventName: "PartPosted", args: { federation, round, sealHash }, fromBlock: deployment.fromBlock, strict: true });
  const span = 32 * 2 ** Math.min(vectorShape(parameters).updateDepth, PART_HEIGHT);
  const payloads = new Map<number, Uint8Array>();
  for (const { entry, part, lanes } of logs.map(({ args }) => args)) {
    if (((posted >> entry) & 1n) === 0n) continue;
    const payload = payloads.get(Number(entry)) ?? new Uint8Array(2 * parameters);
    payload.set(hexToBytes(lanes), Number(part) * span);
    payloads.set(Number(entry), payload);
  }
  return new Map([...payloads].map(([entry, payload]) => [entry, int16Of(payload)]));
}
