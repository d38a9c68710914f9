/**
 * The cumulative tree, as drawn in `contracts/interfaces/IRewardsVault.sol`:
 *   leaf = keccak256(abi.encode(chainId, vault, federation, index, payee, cumulative)), zero when absent or nothing is earned;
 *   node = keccak256(left ‖ right), position fixed by the bits of the index; width padded to a power of two with zero leaves; one leaf is its own root.
 * Source: Merkle, 1987; cumulative claims after Uniswap's merkle distributor; 192-byte leaves cannot be read as 64-byte nodes.
 */
import type { Address, Hex } from "viem";
import { encodeAbiParameters, keccak256 } from "viem/utils";
import { createKeccak } from "hash-wasm";
import { fromHex, toHex } from "../bytes.ts";
import { protocolError } from "../errors.ts";
import { packUints } from "../columns.ts";
import { MEMBER_BYTES, memberCount } from "./members.ts";

const LEAF_BYTES = 192;
const MAX_MEMBERS = 2 ** 24;

/** Where the amounts are claimed: part of every leaf. */
export interface VaultDomain {
  readonly chainId: number;
  readonly vault: Address;
  readonly federation: number;
}

/** @param depth ⌈log2 n⌉: length of every proof. @param proofFor Siblings of leaf `index`, bottom-up. */
export interface RewardsTree {
  readonly root: Hex;
  readonly depth: number;
  readonly memberCount: number;
  proofFor(index: number): Hex[];
}

/** One leaf. `buildRewardsTree` computes the same over flat buffers. */
export function rewardsLeaf(domain: VaultDomain, index: number, payee: Address, cumulative: bigint): Hex {
  const types = ["uint256", "address", "uint32", "uint32", "address", "uint256"].map((type) => ({ type }));
  return keccak256(encodeAbiParameters(types, [BigInt(domain.chainId), domain.vault, domain.federation, index, payee, cumulative]));
}

/** The part of a leaf's preimage that all leaves share. */
function leafTemplate(domain: VaultDomain): Uint8Array {
  const leaf = new Uint8Array(LEAF_BYTES);
  leaf.set(packUints([domain.chainId], 32), 0);
  leaf.set(fromHex(domain.vault, 20), 44);
  leaf.set(packUints([domain.federation], 4), 92);
  return leaf;
}

/**
 * Builds the whole tree: about 2n hashes, 64 bytes of memory a member of padded width.
 * @param table Packed members, see `members.ts`; 0 to 2^24 of them. None: the root is zero.
 * @throws column-invalid, out-of-range
 */
export async function buildRewardsTree(domain: VaultDomain, table: Uint8Array): Promise<RewardsTree> {
  const count = memberCount(table);
  if (count > MAX_MEMBERS) throw protocolError("out-of-range", `A rewards tree has at most 2^24 members, got ${count}.`);
  const keccak = await createKeccak(256);
  const depth = count < 2 ? 0 : Math.ceil(Math.log2(count));
  const width = 2 ** depth;
  // Nodes as in a heap: the root at 1, leaf i at width + i.
  const nodes = new Uint8Array(2 * width * 32);
  const leaf = leafTemplate(domain);
  const view = new DataView(leaf.buffer);
  for (let index = 0; index < count; index++) {
    const item = table.subarray(index * MEMBER_BYTES, (index + 1) * MEMBER_BYTES);
    if (item.subarray(20).every((byte) => byte === 0)) continue;
    view.setUint32(124, index);
    leaf.set(item.subarray(0, 20), 140);
    leaf.set(item.subarray(20), 176);
    nodes.set(keccak.init().update(leaf).digest("binary"), (width + index) * 32);
  }
  for (let node = width - 1; node >= 1; node--) {
    nodes.set(keccak.init().update(nodes.subarray(node * 64, node * 64 + 64)).digest("binary"), node * 32);
  }
  const at = (node: number): Hex => toHex(nodes.subarray(node * 32, node * 32 + 32));
  return {
    root: at(1),
    depth,
    memberCount: count,
    proofFor(index) {
      if (!Number.isInteger(index) || index < 0 || index >= count) throw protocolError("out-of-range", `Member ${index} is not in 0..${count - 1}.`);
      const proof: Hex[] = [];
      for (let node = width + index; node > 1; node = Math.floor(node / 2)) proof.push(at(node ^ 1));
      return proof;
    },
  };
}

/** @param proof Siblings of leaf `index`, bottom-up. */
export interface ClaimProof {
  readonly index: number;
  readonly payee: Address;
  readonly cumulative: bigint;
  readonly proof: readonly Hex[];
}

/** Whether the vault with this root would accept the claim. Needs no tree: a reader checks its own proof before paying for a transaction. */
export function verifyClaim(root: Hex, domain: VaultDomain, { index, payee, cumulative, proof }: ClaimProof): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** proof.length || cumulative <= 0n || BigInt(payee) === 0n) return false;
  let node = rewardsLeaf(domain, index, payee, cumulative);
  let position = index;
  for (const sibling of proof) {
    node = keccak256(position % 2 === 0 ? `${node}${sibling.slice(2)}` : `${sibling}${node.slice(2)}`);
    position = Math.floor(position / 2);
  }
  return node === root.toLowerCase();
}
