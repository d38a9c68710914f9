import type { Hex } from "viem";
import { createDomain, digestOf } from "../eip712/hash.ts";
import { recoverSigner } from "../eip712/signature.ts";
import { contributionOf } from "../seal.ts";
import type { CheckList } from "./checks.ts";
import type { RoundColumns } from "./round-columns.ts";
import type { RoundExpectations } from "./round-expectations.ts";
import { ROUND_FILES, type RoundManifest } from "./round-manifest.ts";

async function signerOf(digest: Hex, signature: Hex): Promise<string> {
  try {
    return await recoverSigner(digest, signature);
  } catch (error) {
    return error instanceof Error ? error.message : "no valid signature";
  }
}

/** Every entry with sealed weight: signed by its seat's key over exactly these values. A dropped entry counts for nothing, whoever signed it. */
export async function checkSignatures(list: CheckList, manifest: RoundManifest, columns: RoundColumns, expected: RoundExpectations): Promise<void> {
  const domain = createDomain(expected.chainId, expected.ledger);
  const context = { federation: expected.federation, round: expected.round, parentReportHash: expected.parent.reportHash, configHash: expected.configHash };
  for (const [i, entry] of manifest.entries.entries()) {
    if (columns.weights[i] === 0) continue;
    const subject = `${ROUND_FILES.signatures}: entry ${i}, seat ${entry.seat}`;
    const seat = expected.seats.get(entry.seat);
    const signer = await signerOf(digestOf(domain, "Contribution", contributionOf(entry, context)), columns.signatures[i]!);
    list.same("signature", subject, seat?.key ?? "a seat of the registry", signer);
    list.same("signer", `manifest.json: seat ${entry.seat}`, seat?.key ?? "a seat of the registry", entry.signer);
    if (seat !== undefined) list.same("privacy cost", `manifest.json: seat ${entry.seat}`, seat.exempt ? 0 : manifest.config.rhoPerRound, entry.rho);
  }
}
