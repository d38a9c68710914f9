import type { Address, Hex } from "viem";
import { hexToBytes, keccak256 } from "viem/utils";

/** What this page's own build of a contract looks like at run time: `immutables` are written at deployment and so left out of the hash. */
export interface KnownCode {
  readonly bytes: number;
  readonly immutables: readonly (readonly [start: number, length: number])[];
  readonly hash: Hex;
}

export type CodeTable = Readonly<Record<string, KnownCode>>;

/** The hash of run-time code with zeros where immutable values stand. */
export function maskedHash(code: Uint8Array, immutables: KnownCode["immutables"]): Hex {
  const masked = code.slice();
  for (const [start, length] of immutables) masked.fill(0, start, start + length);
  return keccak256(masked);
}

export interface CodeCheck {
  readonly contract: string;
  readonly address: Address;
  /** Absent: no code there at all. Unknown: code, but not that of this build. */
  readonly state: "known" | "unknown" | "absent";
  readonly expected: Hex | null;
  readonly actual: Hex | null;
}

/** @param code As `eth_getCode` answers. */
export function checkCode(contract: string, address: Address, code: unknown, known: KnownCode | undefined): CodeCheck {
  const said = { contract, address, expected: known?.hash ?? null };
  if (typeof code !== "string" || !/^0x(?:[0-9a-fA-F]{2})+$/.test(code)) return { ...said, state: "absent", actual: null };
  const bytes = hexToBytes(code as Hex);
  const actual = maskedHash(bytes, known?.immutables ?? []);
  return { ...said, state: known !== undefined && bytes.length === known.bytes && actual === known.hash ? "known" : "unknown", actual };
}

/** Names of the contracts behind the names of a deployment. */
const RENAMED: Readonly<Record<string, string>> = { token: "ContributionToken", governor: "ChongwenGovernor" };

export function contractName(name: string): string {
  return RENAMED[name] ?? `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}
