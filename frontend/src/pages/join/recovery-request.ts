/** What somebody who lost a device gives to the officers: account and new passkey. Pure. */
import type { Address, Hex } from "viem";
import { encodeAbiParameters, getAddress, isAddress, keccak256 } from "viem/utils";
import type { PasskeyPoint } from "../../../../protocol/accounts/assertion.ts";

export interface RecoveryRequest {
  readonly account: Address;
  readonly point: PasskeyPoint;
  readonly rpIdHash: Hex;
}

const WORD = /^0x[0-9a-f]{64}$/;

/** A link to the officers' page. Nothing in it is secret. */
export function requestLink(page: string, { account, point, rpIdHash }: RecoveryRequest): string {
  const url = new URL(page);
  url.search = new URLSearchParams({ account, qx: point.qx, qy: point.qy, site: rpIdHash }).toString();
  url.hash = "/join/officers";
  return url.href;
}

/** @returns Undefined for anything else */
export function readRequest(text: string): RecoveryRequest | undefined {
  const query = URL.canParse(text.trim()) ? new URL(text.trim()).searchParams : new URLSearchParams();
  const [account = "", qx = "", qy = "", site = ""] = ["account", "qx", "qy", "site"].map((name) => query.get(name) ?? "");
  if (!isAddress(account, { strict: false }) || ![qx, qy, site].every((word) => WORD.test(word))) return undefined;
  return { account: getAddress(account), point: { qx: qx as Hex, qy: qy as Hex }, rpIdHash: site as Hex };
}

/** Digits that two people can compare by voice: fifteen, so that nobody finds another key with the same ones by trying. */
export function checkNumber({ account, point, rpIdHash }: RecoveryRequest): string {
  const types = [{ type: "address" }, { type: "bytes32" }, { type: "bytes32" }, { type: "bytes32" }] as const;
  const hash = keccak256(encodeAbiParameters(types, [account, point.qx, point.qy, rpIdHash]));
  const digits = String(BigInt(hash) % 10n ** 15n).padStart(15, "0");
  return digits.match(/\d{3}/g)?.join(" ") ?? digits;
}
