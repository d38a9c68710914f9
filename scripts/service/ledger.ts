import { isAddressEqual, recoverAddress, zeroAddress, type Address, type Hex } from "viem";
import { createDomain, type Domain } from "../../protocol/index.ts";
import { libraryCardAbi } from "../../protocol/abi/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { Refused } from "./refusal.ts";

/** @param organisation Its organisation's number. */
export interface Member {
  readonly organisation: number;
}

/** What services ask the ledger. Another one stands in for it in tests. */
export interface ServiceLedger {
  readonly chainId: number;
  readonly domain: Domain;
  /** Whether the account signed: by its key, or as a contract (ERC-1271; ERC-6492 before it is deployed). @throws ledger-silent */
  signed(account: Address, digest: Hex, signature: Hex): Promise<boolean>;
  /** A contributor's present key, or who holds an organisation's library card; null for anyone else. @throws ledger-silent */
  memberOf(account: Address): Promise<Member | null>;
  /** Whether this is the model that the round reported, or that the federation began with (round 0). @throws ledger-silent */
  hasModel(federation: number, round: number, modelRoot: Hex): Promise<boolean>;
}

const MOST_ORGANISATIONS = 2000;

export function createServiceLedger({ client, deployment, contributors, rounds }: Kernel): ServiceLedger {
  /** A reader has to know a silent chain from a refusal. */
  const ask = async <Value>(question: () => Promise<Value>): Promise<Value> => {
    try {
      return await question();
    } catch (cause) {
      throw new Refused("ledger-silent", "The chain does not answer.", cause);
    }
  };

  async function cardHolder(account: Address): Promise<Member | null> {
    const card = { address: await contributors.read.libraryCard(), abi: libraryCardAbi } as const;
    if ((await client.readContract({ ...card, functionName: "balanceOf", args: [account] })) === 0n) return null;
    const count = Math.min(await contributors.read.organisationCount(), MOST_ORGANISATIONS);
    for (let organisation = 1; organisation <= count; organisation++) {
      // A card that was revoked has no owner, and the call reverts.
      const owner = await client.readContract({ ...card, functionName: "ownerOf", args: [BigInt(organisation)] }).catch(() => zeroAddress);
      if (isAddressEqual(owner, account)) return { organisation };
    }
    return null;
  }

  return {
    chainId: deployment.chainId,
    domain: createDomain(deployment.chainId, deployment.contracts.rounds),
    async signed(account, hash, signature) {
      const byKey = signature.length === 132 && (await recoverAddress({ hash, signature }).then((signer) => isAddressEqual(signer, account), () => false));
      return byKey || ask(() => client.verifyHash({ address: account, hash, signature }));
    },
    memberOf: (account) =>
      ask(async () => {
        const [contributor] = await contributors.read.keyRecordOf([account]);
        if (contributor !== 0) {
          const { key, organisation, suspended } = await contributors.read.contributorOf([contributor]);
          if (isAddressEqual(key, account) && !suspended) return { organisation };
        }
        return cardHolder(account);
      }),
    hasModel: (federation, round, modelRoot) =>
      ask(async () => {
        const range = { ...rounds, fromBlock: deployment.fromBlock, strict: true } as const;
        if (round === 0) {
          const created = await client.getContractEvents({ ...range, eventName: "FederationCreated", args: { federation } });
          return created.some(({ args }) => args.modelRoot === modelRoot);
        }
        const reports = await client.getContractEvents({ ...range, eventName: "RoundReported", args: { federation, round } });
        return reports.at(-1)?.args.report.modelRoot === modelRoot;
      }),
  };
}
