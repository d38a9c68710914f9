import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { ethers as E, type BytesLike, type HDNodeWallet, type Wallet } from "ethers";
import { network } from "hardhat";

/** One chain for a whole file; every test starts from a snapshot of its fixture. */
export async function openChain() {
  const { ethers, networkHelpers } = await network.create();
  return { ethers, helpers: networkHelpers, signers: await ethers.getSigners() };
}
export type Chain = Awaited<ReturnType<typeof openChain>>;

export const DAY = 86_400;
export const SHU = 10n ** 18n;
export const ZERO = E.ZeroAddress;

export const TOKEN_PARAMS = { cap: 1_000_000n * SHU, emissionPerEpoch: 10_000n * SHU, epochLength: 30 * DAY };
export const GENESIS = 10_000n * SHU;
export const BOND = 100n * SHU;
export const UNBONDING = 14 * DAY;

export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}

/** A returned struct as a plain object, to compare it whole. */
export const plain = (struct: unknown) => (struct as E.Result).toObject();

export function accounts<N extends string>(chain: Chain, ...names: N[]): Record<N, HardhatEthersSigner> {
  return Object.fromEntries(names.map((name, i) => [name, must(chain.signers[i])])) as Record<N, HardhatEthersSigner>;
}

/** Token, treasury and their registries, with one account playing governance and another the settlement contract. */
export async function deployTreasury(chain: Chain, holders: string[] = []) {
  const { ethers } = chain;
  const { owner, settlement } = accounts(chain, "owner", "settlement");
  const seats = await ethers.deployContract("MockSeats");
  const contributors = await ethers.deployContract("MockContributors");
  const genesis = [owner.address, ...holders].map((account) => ({ account, amount: GENESIS }));
  const treasury = await ethers.deployContract("Treasury", [owner, seats, contributors, TOKEN_PARAMS, genesis]);
  const token = await ethers.getContractAt("ContributionToken", await treasury.token());
  await treasury.connect(owner).changeSettlement(settlement);
  const openVault = async (federation: number, amount: bigint) => {
    await treasury.connect(owner).reserve(federation, amount);
    return ethers.getContractAt("RewardsVault", await treasury.vaultOf(federation));
  };
  return { owner, settlement, seats, contributors, treasury, token, openVault };
}

/** Adds operators with a bond of `units` each, every one of an organisation of its own, addresses ascending. */
export async function deployOperators(chain: Chain, size = 7, units = 10n) {
  const { ethers, helpers } = chain;
  const keys: Wallet[] = Array.from({ length: size }, (_, i) => new E.Wallet(E.id(`operator ${i}`), ethers.provider))
    .toSorted((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const base = await deployTreasury(chain, keys.map((key) => key.address));
  const { owner, token, treasury, contributors } = base;
  const operators = await ethers.deployContract("Operators", [owner, token, treasury, contributors, BOND, UNBONDING]);
  const rounds = must(chain.signers[2]);
  for (const [i, key] of keys.entries()) {
    await helpers.setBalance(key.address, 10n ** 20n);
    await contributors.setOrganisation(i + 1, key.address, 0);
    await operators.connect(owner).admit(key, i + 1);
    await token.connect(key).approve(operators, E.MaxUint256);
    await operators.connect(key).bond(BOND * units);
  }
  await operators.connect(owner).changeLedgers(rounds, base.settlement);
  const form = (members = keys, threshold = Math.floor(members.length / 2) + 1, roundUnits = 6, settlementUnits = 4) =>
    operators.connect(owner).formEpoch(members.map((key) => key.address), threshold, roundUnits, settlementUnits);
  return { ...base, operators, keys, rounds, form };
}

/** EIP-2098 signatures by the chosen members of an ascending set. */
export function quorumOf(digest: BytesLike, set: (Wallet | HDNodeWallet)[], chosen: number[]) {
  const ordered = chosen.toSorted((a, b) => a - b);
  return {
    signers: ordered.reduce((bits, i) => bits | (2 ** i), 0) >>> 0,
    signatures: E.concat(ordered.map((i) => must(set[i]).signingKey.sign(digest).compactSerialized)),
  };
}

export type Leaf = { index: number; payee: string; cumulative: bigint };

/** The tree exactly as IRewardsVault draws it: absent leaves are zero, positions are indices. */
export class RewardsTree {
  readonly levels: string[][];
  readonly chainId: bigint;
  readonly vault: string;
  readonly federation: number;
  readonly leaves: Leaf[];

  constructor(chainId: bigint, vault: string, federation: number, leaves: Leaf[]) {
    this.chainId = chainId;
    this.vault = vault;
    this.federation = federation;
    this.leaves = leaves;
    const highest = Math.max(0, ...leaves.map((leaf) => leaf.index));
    const width = 2 ** Math.ceil(Math.log2(highest + 1));
    let level = Array.from({ length: width }, () => E.ZeroHash);
    for (const leaf of leaves) level[leaf.index] = this.hashLeaf(leaf);
    this.levels = [level];
    while (level.length > 1) {
      const below = level;
      level = Array.from({ length: below.length / 2 }, (_, i) => E.keccak256(E.concat([must(below[2 * i]), must(below[2 * i + 1])])));
      this.levels.push(level);
    }
  }

  hashLeaf({ index, payee, cumulative }: Leaf): string {
    return E.keccak256(E.AbiCoder.defaultAbiCoder().encode(
      ["uint256", "address", "uint32", "uint32", "address", "uint256"],
      [this.chainId, this.vault, this.federation, index, payee, cumulative],
    ));
  }

  get root(): string {
    return must(must(this.levels.at(-1))[0]);
  }

  get total(): bigint {
    return this.leaves.reduce((sum, leaf) => sum + leaf.cumulative, 0n);
  }

  proof(index: number): string[] {
    return this.levels.slice(0, -1).map((level, height) => must(level[(index >> height) ^ 1]));
  }

  item(index: number) {
    const leaf = must(this.leaves.find((each) => each.index === index));
    return { index, cumulative: leaf.cumulative, proof: this.proof(index) };
  }
}

/** A tree too large to build: one leaf under `depth` siblings that stand for all the others. */
export function branchOf(tree: Pick<RewardsTree, "hashLeaf">, leaf: Leaf, depth: number) {
  const proof = Array.from({ length: depth }, (_, i) => E.id(`sibling ${i}`));
  let root = tree.hashLeaf(leaf);
  for (const [height, sibling] of proof.entries()) {
    root = E.keccak256((leaf.index >> height) & 1 ? E.concat([sibling, root]) : E.concat([root, sibling]));
  }
  return { root, proof };
}

export const CLAIM_TYPES = {
  Claim: [
    { name: "federation", type: "uint32" },
    { name: "index", type: "uint32" },
    { name: "recipient", type: "address" },
    { name: "cumulative", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

export const STATEMENT_TYPES = {
  SettlementStatement: [
    { name: "federation", type: "uint32" },
    { name: "index", type: "uint32" },
    { name: "attempt", type: "uint8" },
    { name: "firstRound", type: "uint32" },
    { name: "lastRound", type: "uint32" },
    { name: "lastReportHash", type: "bytes32" },
    { name: "scoresHash", type: "bytes32" },
    { name: "entitlementsHash", type: "bytes32" },
    { name: "rewardsRoot", type: "bytes32" },
    { name: "distributed", type: "uint128" },
    { name: "total", type: "uint128" },
    { name: "artefact", type: "bytes32" },
  ],
};

/** Operators before and after the first epoch is formed, with somebody who challenges and a stranger. */
export function operatorFixtures(chain: () => Chain) {
  async function deploy() {
    const base = await deployOperators(chain());
    const { challenger, stranger } = accounts(chain(), "_", "_1", "_2", "challenger", "stranger");
    return { ...base, challenger, stranger };
  }
  async function deployFormed() {
    const base = await deploy();
    await base.form();
    return base;
  }
  return { unformed: () => chain().helpers.loadFixture(deploy), formed: () => chain().helpers.loadFixture(deployFormed) };
}

export async function domainOf(chain: Chain, contract: { getAddress(): Promise<string> }) {
  const { chainId } = await chain.ethers.provider.getNetwork();
  return { name: "Chongwen", version: "1", chainId, verifyingContract: await contract.getAddress() };
}
