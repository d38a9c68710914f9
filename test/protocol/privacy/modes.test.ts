import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultMode, PRIVACY_MODES, requireMode } from "../../../protocol/privacy/modes.ts";
import { withCode } from "../support/throws.ts";

describe("privacy modes", () => {
  it("escrow medical records unless they are public anyway", () => {
    assert.equal(defaultMode({ medical: true, exempt: false }), PRIVACY_MODES.escrowed);
    assert.equal(defaultMode({ medical: true, exempt: true }), PRIVACY_MODES.published);
    assert.equal(defaultMode({ medical: false, exempt: false }), PRIVACY_MODES.published);
  });

  it("refuse what no software does, and say what it is", () => {
    requireMode(0);
    requireMode(1);
    assert.throws(() => requireMode(2), withCode("privacy-mode-unsupported", /mode C/));
    assert.throws(() => requireMode(3), withCode("privacy-mode-unsupported", /unknown/));
  });
});
