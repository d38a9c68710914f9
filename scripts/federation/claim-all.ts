import { parseEventLogs, type Address } from "viem";
import { buildRewardsTree, createDomain, memberAt, memberCount, type Claim } from "../../protocol/index.ts";
import { chainTime } from "../chain/clock.ts";
import { signStruct } from "../chain/sign.ts";
import type { Setting } from "./setting.ts";

/** What an account received. */
export interface PaidClaim {
  readonly seat: number;
  readonly account: Address;
  readonly amount: bigint;
}

/**
 * Hospitals claim what they have earned: the first by a signature that somebody else pays the gas for, the others themselves.
 * @param limit How many claim.
 */
export async function claimAll(setting: Setting, members: Uint8Array, limit: number): Promise<PaidClaim[]> {
  const { kernel, transactor, federation, relayer } = setting;
  const hospitals = setting.hospitals.slice(0, limit);
  const vault = kernel.vaultAt(await kernel.treasury.read.vaultOf([federation]));
  const { chainId } = kernel.deployment;
  const tree = await buildRewardsTree({ chainId, vault: vault.address, federation }, members);
  const paid: PaidClaim[] = [];
  for (const { seat, keys } of hospitals) {
    const member = seat === null || seat >= memberCount(members) ? null : memberAt(members, seat);
    if (seat === null || member === null) continue;
    const item = { index: seat, cumulative: member.cumulative, proof: tree.proofFor(seat) };
    let receipt;
    if (paid.length === 0) {
      const deadline = BigInt((await chainTime(kernel.client)) + 600);
      const claim: Claim = { federation, index: seat, recipient: member.payee, cumulative: member.cumulative, deadline };
      const signature = await signStruct(keys.institution, createDomain(chainId, vault.address), "Claim", claim);
      const args = [member.payee, member.payee, item, deadline, signature] as const;
      receipt = await transactor.send(relayer, { kind: "claim.onBehalf", ...vault, functionName: "claimFor", args });
    } else {
      const args = [item.index, item.cumulative, item.proof] as const;
      receipt = await transactor.send(keys.institution, { kind: "claim", ...vault, functionName: "claim", args });
    }
    for (const { args } of parseEventLogs({ abi: vault.abi, logs: receipt.logs, eventName: "Claimed" })) {
      paid.push({ seat, account: args.recipient, amount: args.amount });
    }
  }
  return paid;
}
