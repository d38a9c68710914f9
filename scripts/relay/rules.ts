import { toFunctionSelector, type Abi, type Address, type Hex } from "viem";
import {
  chongwenGovernorAbi, commendationsAbi, contributionTokenAbi, contributorsAbi, datasetsAbi, passkeyAccountsAbi, rewardsVaultAbi,
} from "../../protocol/abi/index.ts";
import type { RelayRequest } from "../../protocol/accounts/index.ts";
import type { ContractName } from "../../protocol/deployment.ts";
import type { Kernel } from "../chain/kernel.ts";
import { Refused } from "../service/refusal.ts";

type Covered = Partial<Record<ContractName | "vault", { readonly abi: Abi; readonly functions: readonly string[] }>>;

/**
 * What a relay pays for: what the people whom it serves need, and nothing that anyone could use to spend its budget on something else. All are functions of
 * the kernel, and none of them calls a contract that the caller chooses: what takes somebody's signature (`…BySig`, `claimFor`) or executes proposals does.
 */
export const COVERED: Covered = {
  token: { abi: contributionTokenAbi, functions: ["delegate", "transfer"] },
  vault: { abi: rewardsVaultAbi, functions: ["claim", "claimMany", "claimRecovered"] },
  governor: {
    abi: chongwenGovernorAbi,
    functions: ["propose", "cancel", "queue", "castVote", "castVoteWithReason", "castVoteWithReasonAndParams"],
  },
  contributors: {
    abi: contributorsAbi,
    functions: ["registerContributor", "recoverKey", "cancelRotation", "completeRotation", "changePayee", "cancelPayeeChange", "completePayeeChange", "suspend"],
  },
  commendations: { abi: commendationsAbi, functions: ["commend"] },
  datasets: { abi: datasetsAbi, functions: ["propose", "proposeAmendment", "withdraw"] },
  passkeyAccounts: { abi: passkeyAccountsAbi, functions: ["revokeInvitation", "proposeRecovery", "confirmRecovery", "cancelRecovery", "completeRecovery"] },
};

/** "token.delegate", for people to read. */
export const coveredNames = (covered: Covered = COVERED): readonly string[] =>
  Object.entries(covered).flatMap(([contract, { functions }]) => functions.map((name) => `${contract}.${name}`));

function selectorsOf({ abi, functions }: NonNullable<Covered[ContractName]>): ReadonlySet<Hex> {
  return new Set(abi.flatMap((item) => (item.type === "function" && functions.includes(item.name) ? [toFunctionSelector(item)] : [])));
}

export type Batch = Extract<RelayRequest, { readonly kind: "execute" }>;

/** Refuses what is not covered. Vaults are found through the treasury, which creates them. */
export function createGate({ deployment, rounds, treasury }: Kernel, covered: Covered = COVERED): (batch: Batch) => Promise<void> {
  const allowed = new Map<Address, ReadonlySet<Hex>>();
  for (const [name, entry] of Object.entries(covered)) {
    if (name !== "vault") allowed.set(deployment.contracts[name as ContractName], selectorsOf(entry));
  }
  let known = 0;

  async function learnVaults(): Promise<void> {
    const { vault } = covered;
    if (vault === undefined) return;
    const count = await rounds.read.federationCount();
    for (; known < count; known++) allowed.set(await treasury.read.vaultOf([known + 1]), selectorsOf(vault));
  }

  return async ({ calls }) => {
    if (calls.some(({ to }) => !allowed.has(to))) await learnVaults();
    for (const { to, value, data } of calls) {
      if (value !== 0n) throw new Refused("not-covered", "This relay passes on no payments of coins.");
      if (!(allowed.get(to)?.has(data.slice(0, 10) as Hex) ?? false)) throw new Refused("not-covered", `This relay does not pay for the function ${data.slice(0, 10)} of ${to}.`);
    }
  };
}
