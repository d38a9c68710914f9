import type { Address } from "viem";
import { rewardsVaultAbi } from "../../../protocol/abi/index.ts";
import type { Call } from "../tx/call.ts";
import { callOf } from "../tx/call.ts";
import type { SeatBalance } from "./balances.ts";
import type { RewardsTable } from "./receipt.ts";

/** One seat takes `claim`; several take `claimMany`, in one transaction. */
export function claimCall(vault: Address, table: RewardsTable, seats: readonly SeatBalance[]): Call {
  const items = seats.map(({ seat, earned }) => ({ index: seat, cumulative: earned, proof: table.proofFor(seat) }));
  const [first] = items;
  const contract = { address: vault, abi: rewardsVaultAbi } as const;
  return first !== undefined && items.length === 1
    ? callOf({ ...contract, functionName: "claim", args: [first.index, first.cumulative, first.proof] })
    : callOf({ ...contract, functionName: "claimMany", args: [items] });
}
