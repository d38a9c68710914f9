import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findLicence, isNonCommercial, LICENCES, mostRestrictive } from "../../../protocol/cards/licences.ts";

describe("licences of data", () => {
  it("are known by the Hub's name, by SPDX, and as people write them", () => {
    for (const text of ["cc-by-nc-4.0", "CC-BY-NC-4.0", "CC BY-NC 4.0", " cc_by_nc_4.0 "]) assert.equal(findLicence(text)?.spdx, "CC-BY-NC-4.0", text);
    for (const text of ["", "unknown", "other", "CC", "cc-by", "mit\u202e", "constructor"]) assert.equal(findLicence(text), undefined, text);
    assert.equal(new Set(LICENCES.flatMap(({ hub, spdx }) => [...new Set([hub.toLowerCase(), spdx.toLowerCase()])])).size, LICENCES.reduce((sum, { hub, spdx }) => sum + (hub.toLowerCase() === spdx.toLowerCase() ? 1 : 2), 0));
  });

  it("for no commerce are flagged, also those nobody here knows", () => {
    for (const text of ["CC BY-NC 4.0", "cc-by-nc-nd-3.0", "LicenseRef-ISIC-NC", "for research only", "h-research", "仅限非商业用途"]) assert.equal(isNonCommercial(text), true, text);
    for (const text of ["CC-BY-4.0", "MIT", "announced", "LicenseRef-Hospital"]) assert.equal(isNonCommercial(text), false, text);
  });

  it("of several, the one that asks what all ask", () => {
    assert.equal(mostRestrictive(["CC0-1.0", "cc-by-4.0", "CC BY-NC 4.0"])?.spdx, "CC-BY-NC-4.0");
    assert.equal(mostRestrictive(["CC-BY-4.0", "cc-by-4.0"])?.spdx, "CC-BY-4.0");
    assert.equal(mostRestrictive(["CC-BY-SA-4.0", "CC-BY-4.0"])?.spdx, "CC-BY-SA-4.0");
  });

  it("of several, none where none asks for all, two ask the same, one is unknown, or two must each be passed on as they are", () => {
    assert.equal(mostRestrictive(["CC-BY-SA-4.0", "CC-BY-NC-4.0"]), undefined);
    assert.equal(mostRestrictive(["CC-BY-3.0", "CC-BY-4.0"]), undefined);
    assert.equal(mostRestrictive(["CC-BY-NC-4.0", "hospital terms"]), undefined);
    assert.equal(mostRestrictive(["CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"]), undefined);
    assert.equal(mostRestrictive([]), undefined);
  });
});
