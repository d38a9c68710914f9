/** What a challenger commits to before it shows its proof, so that nobody who sees the proof can be faster. Read by `contracts/disputes/Disputes.sol`. */
import type { Address, Hex } from "viem";
import { keccak256 } from "viem/utils";
import { concatBytes, fromHex } from "../bytes.ts";
import { packUint } from "./header.ts";

/**
 * `keccak256(abi.encode(challenger, federation, target, verifier, keccak256(proof)))`, as `Disputes.commitmentOf`.
 * @param target The round's number, or the settlement's index.
 * @throws out-of-range, column-invalid (an address of another length)
 */
export function faultCommitment(challenger: Address, federation: number, target: number, verifier: Address, proof: Uint8Array): Hex {
  const addressWord = (address: Address) => [new Uint8Array(12), fromHex(address, 20)];
  const uint32Word = (value: number, name: string) => [new Uint8Array(28), packUint(value, 4, name)];
  return keccak256(
    concatBytes([
      ...addressWord(challenger),
      ...uint32Word(federation, "federation"),
      ...uint32Word(target, "target"),
      ...addressWord(verifier),
      fromHex(keccak256(proof), 32),
    ]),
  );
}
