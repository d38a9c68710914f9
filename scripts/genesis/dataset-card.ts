import { canonicalJson } from "../../protocol/bundle/canonical-json.ts";
import type { DatasetTerms } from "../../protocol/dataset-terms.ts";
import type { Site } from "../data/split.ts";
import type { Table } from "../data/table.ts";

/** The data card of a simulated hospital's part of a public table, as stored. */
export function datasetCard(table: Table, site: Site): Uint8Array {
  return new TextEncoder().encode(
    canonicalJson({
      format: "chongwen-dataset-card",
      version: 1,
      title: `${table.name}: part of ${site.name}`,
      institution: site.name,
      simulated: "The split into hospitals is simulated: no hospital named here exists or held these records.",
      sourceTitle: table.schema.title ?? table.name,
      source: table.schema.source ?? table.name,
      sourceSha256: table.sha256,
      licence: table.schema.licence ?? "unknown",
      records: site.records.count,
      features: table.columns.map(({ name }) => name),
      // What scales a value to 0 … 1 before a model sees it. Text, because the format knows integers alone.
      ranges: table.columns.map(({ min, max }) => [String(min), String(max)]),
      classes: table.classNames,
      classCounts: site.classCounts,
      // Records by the level at which their label was verified, the lowest first: here every one as a consensus of experts, because the source does not say which
      // of its diagnoses rest on a biopsy.
      labelLevels: [0, 0, site.records.count],
      privacy: "exempt: the table is public",
    }),
  );
}

/** Terms for public data: no privacy budget, no ethics approval to expire before the demonstration does. */
export function publicTerms(table: Table, site: Site, card: `0x${string}`, now: number): DatasetTerms {
  return {
    card,
    ethicsExpiry: BigInt(now + 365 * 86_400),
    consentVersion: 1,
    records: site.records.count,
    privacyCap: 0,
    exempt: true,
    licence: table.schema.licence ?? "unknown",
    legalBasis: "public data",
    ethicsApproval: "not required: public, de-identified data",
  };
}
