import type { Address } from "viem";
import { rewardsVaultAbi } from "../../../protocol/abi/index.ts";
import type { Call } from "../tx/call.ts";
import { callOf } from "../tx/call.ts";
import type { Leaf, SeatBalance } from "./balances.ts";
import type { Permission } from "./permission.ts";
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

/** Somebody else sends what the payee signed. */
export function permittedCall({ vault, payee, recipient, index, cumulative, deadline, signature }: Permission, table: RewardsTable): Call {
  const item = { index, cumulative, proof: table.proofFor(index) };
  return callOf({ address: vault, abi: rewardsVaultAbi, functionName: "claimFor", args: [payee, recipient, item, deadline, signature] });
}

/** The seat's payee of now takes what the table still owes to the one before. */
export function recoveredCall(vault: Address, table: RewardsTable, { seat, payee, cumulative }: Leaf): Call {
  const item = { index: seat, cumulative, proof: table.proofFor(seat) };
  return callOf({ address: vault, abi: rewardsVaultAbi, functionName: "claimRecovered", args: [payee, item] });
}
