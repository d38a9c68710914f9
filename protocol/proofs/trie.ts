/** Opens a Merkle Patricia trie by a proof (EIP-1186). The library walks the nodes; how many there are and how long they may be is decided before it sees them. */
import { verifyMerkleProof } from "@ethereumjs/mpt";
import type { Hex } from "viem";
import { hexToBytes, keccak256 } from "viem/utils";
import { protocolError } from "../errors.ts";

/** A key has 64 nibbles, and each node but the last takes at least one. */
export const MOST_NODES = 65;
/** A node with 16 children has 532 bytes; a leaf holds an account of at most 110. */
export const MOST_NODE_BYTES = 600;

/** keccak256(rlp("")): a trie without a key. */
const EMPTY_ROOT: Hex = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

/**
 * @param key Before hashing: an address, a slot. @param what Names it in a message.
 * @returns The value, null when the proof shows that there is none.
 * @throws proof-invalid
 */
export async function openTrie(root: Hex, key: Hex, nodes: readonly Hex[], what: string): Promise<Uint8Array | null> {
  const refuse = (why: string, cause?: unknown) => protocolError("proof-invalid", `The proof of ${what} ${why}.`, cause);
  if (nodes.length > MOST_NODES) throw refuse(`has ${nodes.length} nodes; none needs more than ${MOST_NODES}`);
  if (nodes.some((node) => node.length > 2 + 2 * MOST_NODE_BYTES)) throw refuse(`has a node of more than ${MOST_NODE_BYTES} bytes`);
  if (root === EMPTY_ROOT) {
    // Clients send no node, or the empty one.
    if (nodes.length === 0 || (nodes.length === 1 && nodes[0] === "0x80")) return null;
    throw refuse("has nodes, and there is nothing under its root");
  }
  const [first] = nodes;
  if (first === undefined) throw refuse("is empty");
  // Said here and not left to the library: everything hangs on it.
  if (keccak256(first) !== root) throw refuse(`begins with another node than its root ${root}`);
  try {
    return await verifyMerkleProof(hexToBytes(key), nodes.map((node) => hexToBytes(node)), { root: hexToBytes(root), useKeyHashing: true });
  } catch (cause) {
    throw refuse("does not lead from its root to the key", cause);
  }
}
