/** A round's bundle without any ledger: whether it agrees with itself. That shows damage, and nothing about what the chain holds. */
import type { Hex } from "viem";
import { int32Of } from "../../../../protocol/bytes.ts";
import type { Comparison } from "../../../../protocol/audit/findings.ts";
import { readRoundManifest, ROUND_FILES } from "../../../../protocol/bundle/round-manifest.ts";
import { verifyRoundBundle } from "../../../../protocol/bundle/round-verify.ts";
import { mapReader } from "../../../../protocol/bundle/reader.ts";
import { configHash, reportHash } from "../../../../protocol/eip712/hash.ts";
import { modelRoot } from "../../../../protocol/ssz/vector.ts";
import type { Files } from "../store/artefacts.ts";

/** @param waived Comparisons that need what is not here: the parent's model, a key to what is escrowed. @throws what makes a bundle unreadable */
export async function checkAlone(digest: Hex, files: Files, others: ReadonlyMap<Hex, Files>): Promise<{ comparisons: Comparison[]; waived: number; privacyMode: number }> {
  const reader = mapReader(files);
  const manifest = await readRoundManifest(reader);
  const base = others.get(manifest.parent.artefact)?.get(ROUND_FILES.model);
  const model = base === undefined ? null : int32Of(base);
  const verification = await verifyRoundBundle(reader, {
    chainId: manifest.chainId,
    ledger: manifest.ledger,
    federation: manifest.federation,
    round: manifest.round,
    configHash: configHash(manifest.config),
    reportHash: reportHash({ ...manifest.report, artefact: digest }),
    artefact: digest,
    parent: { ...manifest.parent, modelRoot: model === null ? `0x${"00".repeat(32)}` : modelRoot(model), model },
    seats: new Map(manifest.entries.map(({ seat, signer, rho }) => [seat, { key: signer, exempt: rho === 0 }])),
  });
  const needsBase = (name: string): boolean => model === null && manifest.config.hasBase && (name === "parent's model root" || name === "aggregate");
  const kept = verification.checks.filter(({ name }) => !needsBase(name));
  return {
    comparisons: kept.map((check) => ({ entry: `round ${manifest.round}`, ...check })),
    waived: verification.checks.length - kept.length + verification.unread.length,
    privacyMode: manifest.config.privacyMode,
  };
}
