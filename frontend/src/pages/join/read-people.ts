import { isAddressEqual } from "viem";
import type { Address } from "viem";
import { getContractEvents, readContract } from "viem/actions";
import { contributorsAbi } from "../../../../protocol/abi/contributors.ts";
import { passkeyAccountsAbi } from "../../../../protocol/abi/passkey-accounts.ts";
import type { Ledger } from "../../chain/ledger.ts";
import { readAccount } from "./read-account.ts";
import type { AccountState } from "./read-account.ts";

export interface Person extends AccountState {
  readonly account: Address;
  /** Whoever began or confirmed its recovery is no officer any more. */
  readonly stale: boolean;
}

export interface Office {
  readonly organisation: number;
  readonly people: readonly Person[];
}

const MOST_ORGANISATIONS = 2000;

/** The organisations whose officer somebody is, and everybody who joined them. */
export async function readOffices(ledger: Ledger, officer: Address, blockNumber: bigint): Promise<readonly Office[]> {
  const { client, deployment } = ledger;
  const registry = { address: deployment.contracts.contributors, abi: contributorsAbi, blockNumber } as const;
  const count = Math.min(await readContract(client, { ...registry, functionName: "organisationCount" }), MOST_ORGANISATIONS);
  const organisations = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { officerA, officerB } = await readContract(client, { ...registry, functionName: "organisationOf", args: [i + 1] });
      return { organisation: i + 1, officers: [officerA, officerB] };
    }),
  );
  const own = organisations.filter(({ officers }) => officers.some((account) => isAddressEqual(account, officer)));
  return Promise.all(own.map(({ organisation, officers }) => readOffice(ledger, organisation, officers, blockNumber)));
}

async function readOffice(ledger: Ledger, organisation: number, officers: readonly Address[], blockNumber: bigint): Promise<Office> {
  const { client, deployment } = ledger;
  const created = await getContractEvents(client, {
    address: deployment.contracts.passkeyAccounts,
    abi: passkeyAccountsAbi,
    eventName: "AccountCreated",
    args: { organisation },
    fromBlock: deployment.fromBlock,
    toBlock: blockNumber,
    strict: true,
  });
  const inOffice = (account: Address | undefined): boolean => account === undefined || officers.some((officer) => isAddressEqual(officer, account));
  const people = await Promise.all(
    created.map(async ({ args: { account } }) => {
      const state = await readAccount(ledger, account, blockNumber);
      const stale = !inOffice(state?.recovery?.proposedBy) || !inOffice(state?.recovery?.confirmedBy);
      return state === undefined ? undefined : { ...state, account, stale };
    }),
  );
  return { organisation, people: people.filter((person) => person !== undefined) };
}
