import type { Address } from "viem";
import type { FederationHistory } from "../../chain/book.ts";
import { balancesOf, sameAddress } from "../../claims/balances.ts";
import type { Balances } from "../../claims/balances.ts";
import { tableOf, useClaimed, useRewards, useSettlementPages } from "../../claims/queries.ts";
import type { Loaded, SettlementPage } from "../../claims/queries.ts";
import type { RewardsState } from "../../claims/read-settlement.ts";
import type { RewardsTable } from "../../claims/receipt.ts";

export interface FederationAccountState {
  /** Undefined until the chain was asked. */
  readonly rewards: RewardsState | undefined;
  readonly failed: boolean;
  /** The settlement whose table the vault pays by; undefined when there is none, or its event was not found. */
  readonly final: Loaded<SettlementPage> | undefined;
  readonly table: RewardsTable | undefined;
  readonly pendingKnown: boolean;
  /** Undefined until the table was checked: unknown is not zero. */
  readonly balances: Balances | undefined;
  readonly claimed: ReadonlyMap<number, bigint> | undefined;
}

/** What a federation owes an account, as of the newest block; every amount checked against the vault's root. */
export function useFederationAccount(account: Address, history: FederationHistory): FederationAccountState {
  const { data: rewards, isError } = useRewards(history.federation);
  const wanted = (root: string | undefined) => (root === undefined ? [] : history.settlements.filter(({ rewardsRoot }) => rewardsRoot === root).slice(-1));
  const finalRecords = wanted(rewards?.rewardsRoot);
  const pendingRecords = wanted(rewards?.underWay?.rewardsRoot);
  const [final] = useSettlementPages([history], finalRecords);
  const [pending] = useSettlementPages([history], pendingRecords);
  const table = tableOf(final?.data);
  const pendingTable = tableOf(pending?.data);
  const seats = (table?.leaves ?? []).map(({ seat, payee }) => ({ seat, payee })).filter(({ payee }) => sameAddress(payee, account)).map(({ seat }) => seat);
  const claimed = useClaimed(history.vault, seats).data;

  // Before the first final settlement the table is empty, and that needs no proof.
  const leaves = rewards !== undefined && rewards.rewardsRoot === undefined ? [] : table?.leaves;
  const balances = leaves === undefined || (claimed === undefined && history.vault !== undefined) ? undefined : balancesOf(account, leaves, claimed ?? new Map(), pendingTable?.leaves, history.points);
  return {
    rewards,
    failed: isError && rewards === undefined,
    final,
    table,
    pendingKnown: rewards?.underWay === undefined || pendingTable !== undefined,
    balances,
    claimed,
  };
}
