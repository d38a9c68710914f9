import { createPublicClient, getContract, http, type Address, type PublicClient, type Transport } from "viem";
import {
  arbitrationAbi,
  attestationsAbi,
  chongwenGovernorAbi,
  commendationsAbi,
  contributionTokenAbi,
  contributorsAbi,
  datasetsAbi,
  demandsAbi,
  disputesAbi,
  freezesAbi,
  holdoutsAbi,
  loneReportsAbi,
  operatorsAbi,
  passkeyAccountsAbi,
  postingsAbi,
  rewardsVaultAbi,
  roundsAbi,
  seatsAbi,
  settlementAbi,
  timelockAbi,
  treasuryAbi,
} from "../../protocol/abi/index.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { ChongwenError } from "../../protocol/errors.ts";

/** The deployed kernel: typed reading access to every contract, over one client. */
export type Kernel = Awaited<ReturnType<typeof connectKernel>>;

/**
 * @param transport Another way to ask than that one endpoint: several, that must agree.
 * @throws chain-unreachable (retryable), chain-mismatch, ledger-missing: a ledger that is not the one described is never read from
 */
export async function connectKernel(deployment: Deployment, rpcUrl: string = deployment.rpcUrl, transport: Transport = http(rpcUrl, { batch: true })) {
  const client: PublicClient = createPublicClient({ transport, pollingInterval: 100, cacheTime: 0 });
  await requireLedger(client, deployment, rpcUrl);
  const at = deployment.contracts;
  return {
    deployment,
    rpcUrl,
    client,
    contributors: getContract({ address: at.contributors, abi: contributorsAbi, client }),
    datasets: getContract({ address: at.datasets, abi: datasetsAbi, client }),
    seats: getContract({ address: at.seats, abi: seatsAbi, client }),
    treasury: getContract({ address: at.treasury, abi: treasuryAbi, client }),
    token: getContract({ address: at.token, abi: contributionTokenAbi, client }),
    operators: getContract({ address: at.operators, abi: operatorsAbi, client }),
    rounds: getContract({ address: at.rounds, abi: roundsAbi, client }),
    settlement: getContract({ address: at.settlement, abi: settlementAbi, client }),
    disputes: getContract({ address: at.disputes, abi: disputesAbi, client }),
    demands: getContract({ address: at.demands, abi: demandsAbi, client }),
    attestations: getContract({ address: at.attestations, abi: attestationsAbi, client }),
    postings: getContract({ address: at.postings, abi: postingsAbi, client }),
    loneReports: getContract({ address: at.loneReports, abi: loneReportsAbi, client }),
    arbitration: getContract({ address: at.arbitration, abi: arbitrationAbi, client }),
    holdouts: getContract({ address: at.holdouts, abi: holdoutsAbi, client }),
    commendations: getContract({ address: at.commendations, abi: commendationsAbi, client }),
    freezes: getContract({ address: at.freezes, abi: freezesAbi, client }),
    passkeyAccounts: getContract({ address: at.passkeyAccounts, abi: passkeyAccountsAbi, client }),
    timelock: getContract({ address: at.timelock, abi: timelockAbi, client }),
    governor: getContract({ address: at.governor, abi: chongwenGovernorAbi, client }),
    vaultAt: (address: Address) => getContract({ address, abi: rewardsVaultAbi, client }),
  };
}

async function requireLedger(client: PublicClient, deployment: Deployment, rpcUrl: string): Promise<void> {
  let chainId: number;
  try {
    chainId = await client.getChainId();
  } catch (cause) {
    throw new ChongwenError({
      code: "chain-unreachable",
      message: `No chain answers at ${rpcUrl}.`,
      fix: "Start one with `npm start`, or name another endpoint with --rpc.",
      retryable: true,
      cause,
    });
  }
  if (chainId !== deployment.chainId) {
    throw new ChongwenError({
      code: "chain-mismatch",
      message: `The chain at ${rpcUrl} has id ${chainId}; the ledger is on chain ${deployment.chainId}.`,
      fix: "Name an endpoint of the right chain with --rpc.",
    });
  }
  const code = await client.getCode({ address: deployment.contracts.rounds });
  if (code === undefined) {
    throw new ChongwenError({
      code: "ledger-missing",
      message: `There is no ledger at ${deployment.contracts.rounds} on the chain at ${rpcUrl}.`,
      fix: "The local chain was probably restarted and forgot it: run `npm start` again.",
    });
  }
}
