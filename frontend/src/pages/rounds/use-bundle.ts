import { useMemo } from "react";
import type { Hex } from "viem";
import { contributorsAbi } from "../../../../protocol/abi/index.ts";
import { ARTEFACT_PATHS } from "../../chain/artefact-paths.ts";
import { fetchArtefact } from "../../chain/artefacts.ts";
import { useFixed } from "../../chain/at-block.ts";
import { useEvents } from "../../chain/use-history.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import type { CheckedBundle } from "./bundle.ts";
import { checkBundle } from "./bundle.ts";

interface Reported {
  readonly artefact: Hex;
  readonly metricsHash: Hex;
}

/** What the bundle of a report states, as far as it hashes to the ledger's. */
export function useBundle(report: Reported | undefined, normsHash: Hex | undefined) {
  const read = async (): Promise<CheckedBundle | null> => {
    if (report === undefined) return null;
    const [manifest, metrics] = await Promise.all([ARTEFACT_PATHS.manifest, ARTEFACT_PATHS.metrics].map((path) => fetchArtefact(report.artefact, path)));
    return (manifest && metrics && checkBundle(manifest, metrics, { metricsHash: report.metricsHash, normsHash })) ?? null;
  };
  return useFixed(["bundle", report?.artefact, report?.metricsHash, normsHash], read, report !== undefined);
}

/** Organisation of each contributor. */
export function useOrganisationOf(): (contributor: number | undefined) => number | undefined {
  const { contributors } = useLedger().deployment.contracts;
  const events = useEvents({ address: contributors, abi: contributorsAbi, eventName: "ContributorRegistered" });
  return useMemo(() => {
    const organisations = new Map(events?.map(({ args }) => [args.contributor, args.organisation]));
    return (contributor) => (contributor === undefined ? undefined : organisations.get(contributor));
  }, [events]);
}
