/** Licences of data under the names that people write, the SPDX identifier, and what each forbids. Pure. */

/** What a licence asks beyond leaving the notice in place. */
export const RESTRICTIONS = ["attribution", "share-alike", "non-commercial", "no-derivatives", "responsible-use"] as const;
export type Restriction = (typeof RESTRICTIONS)[number];

/** @param hub Name that the Hugging Face Hub uses. @param spdx SPDX identifier, or `LicenseRef-…` where SPDX has none. */
export interface Licence {
  readonly hub: string;
  readonly spdx: string;
  readonly restrictions: readonly Restriction[];
}

/** Hub's name, SPDX identifier, and letters: a attribution, s share-alike, n non-commercial, d no derivatives, r responsible use. */
const TABLE = `
cc0-1.0 CC0-1.0 -
pddl PDDL-1.0 -
unlicense Unlicense -
mit MIT a
apache-2.0 Apache-2.0 a
bsd-2-clause BSD-2-Clause a
bsd-3-clause BSD-3-Clause a
isc ISC a
cc-by-2.0 CC-BY-2.0 a
cc-by-2.5 CC-BY-2.5 a
cc-by-3.0 CC-BY-3.0 a
cc-by-4.0 CC-BY-4.0 a
odc-by ODC-By-1.0 a
cdla-permissive-1.0 CDLA-Permissive-1.0 a
cdla-permissive-2.0 CDLA-Permissive-2.0 a
etalab-2.0 etalab-2.0 a
c-uda C-UDA-1.0 a
cc-by-sa-3.0 CC-BY-SA-3.0 as
cc-by-sa-4.0 CC-BY-SA-4.0 as
odbl ODbL-1.0 as
cdla-sharing-1.0 CDLA-Sharing-1.0 as
gfdl GFDL-1.3-only as
gpl-2.0 GPL-2.0-only as
gpl-3.0 GPL-3.0-only as
agpl-3.0 AGPL-3.0-only as
mpl-2.0 MPL-2.0 as
eupl-1.2 EUPL-1.2 as
cc-by-nc-2.0 CC-BY-NC-2.0 an
cc-by-nc-3.0 CC-BY-NC-3.0 an
cc-by-nc-4.0 CC-BY-NC-4.0 an
cc-by-nc-sa-2.0 CC-BY-NC-SA-2.0 asn
cc-by-nc-sa-3.0 CC-BY-NC-SA-3.0 asn
cc-by-nc-sa-4.0 CC-BY-NC-SA-4.0 asn
cc-by-nd-4.0 CC-BY-ND-4.0 ad
cc-by-nc-nd-3.0 CC-BY-NC-ND-3.0 and
cc-by-nc-nd-4.0 CC-BY-NC-ND-4.0 and
openrail LicenseRef-OpenRAIL ar
creativeml-openrail-m LicenseRef-CreativeML-OpenRAIL-M ar
bigscience-openrail-m LicenseRef-BigScience-OpenRAIL-M ar
h-research LicenseRef-H-Research anr
fair-noncommercial-research-license LicenseRef-FAIR-Noncommercial-Research anr
`;

const LETTERS = new Map<string, Restriction>([["a", "attribution"], ["s", "share-alike"], ["n", "non-commercial"], ["d", "no-derivatives"], ["r", "responsible-use"]]);

export const LICENCES: readonly Licence[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [hub = "", spdx = "", letters = ""] = line.split(" ");
    return { hub, spdx, restrictions: [...letters].flatMap((letter) => LETTERS.get(letter) ?? []) };
  });

/** “CC BY-NC 4.0”, `cc_by_nc_4.0`, `CC-BY-NC-4.0` are one name. */
const nameOf = (text: string): string => text.trim().toLowerCase().replaceAll(/[\s_]+/g, "-");
const BY_NAME = new Map(LICENCES.flatMap((licence) => [[nameOf(licence.hub), licence], [nameOf(licence.spdx), licence]]));

/** A licence that this software knows, by either name. */
export const findLicence = (text: string): Licence | undefined => BY_NAME.get(nameOf(text));

/** Whether a licence that nobody here knows says of itself that it is not for commerce. */
export const soundsNonCommercial = (text: string): boolean => /non-?\s?commercial|research[-\s]only|(^|[^a-z])nc([^a-z]|$)|非商业|非商用/i.test(text);

export const isNonCommercial = (text: string): boolean => findLicence(text)?.restrictions.includes("non-commercial") ?? soundsNonCommercial(text);

/**
 * The one licence of several that asks all that the others ask. None when one is unknown, when none asks for everything, or when two of them ask that
 * what is made of the data be shared under their own terms alone.
 */
export function mostRestrictive(texts: readonly string[]): Licence | undefined {
  const found = texts.map(findLicence);
  const known = [...new Set(found)].filter((licence) => licence !== undefined);
  if (known.length === 0 || found.includes(undefined)) return undefined;
  const covers = (one: Licence): boolean => known.every(({ restrictions }) => restrictions.every((restriction) => one.restrictions.includes(restriction)));
  const [strictest, ...equals] = known.filter(covers);
  // Of several that ask the same, none may be chosen over another: they are different texts.
  if (strictest === undefined || equals.length > 0) return undefined;
  return known.some((other) => other !== strictest && other.restrictions.includes("share-alike")) ? undefined : strictest;
}
