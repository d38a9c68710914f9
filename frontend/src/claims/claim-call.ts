import type { Address } from "viem";
import { pointsVaultAbi } from "../../../protocol/abi/index.ts";
import type { Call } from "../tx/call.ts";
import { callOf } from "../tx/call.ts";
import type { Leaf, SeatBalance } from "./balances.ts";
import type { Permission } from "./permission.ts";
import type { RewardsTable } from "./receipt.ts";

/** Of either kind of vault: the ordinary one's functions and errors, and `VaultNoToken`. */
const VAULT = pointsVaultAbi;

/** One seat takes `claim`; several take `claimMany`, in one transaction. */
export function claimCall(vault: Address, table: RewardsTable, seats: readonly SeatBalance[]): Call {
  const items = seats.map(({ seat, cumulative }) => ({ index: seat, cumulative, proof: table.proofFor(seat) }));
  const [first] = items;
  const contract = { address: vault, abi: VAULT } as const;
  return first !== undefined && items.length === 1
    ? callOf({ ...contract, functionName: "claim", args: [first.index, first.cumulative, first.proof] })
    : callOf({ ...contract, functionName: "claimMany", args: [items] });
}

/** Somebody else sends what the payee signed. */
export function permittedCall({ vault, payee, recipient, index, cumulative, deadline, signature }: Permission, table: RewardsTable): Call {
  const item = { index, cumulative, proof: table.proofFor(index) };
  return callOf({ address: vault, abi: VAULT, functionName: "claimFor", args: [payee, recipient, item, deadline, signature] });
}

/** The seat's payee of now takes what the table still owes to the one before. */
export function recoveredCall(vault: Address, table: RewardsTable, { seat, payee, cumulative }: Leaf): Call {
  const item = { index: seat, cumulative, proof: table.proofFor(seat) };
  return callOf({ address: vault, abi: VAULT, functionName: "claimRecovered", args: [payee, item] });
}
