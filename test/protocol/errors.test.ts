import assert from "node:assert/strict";
import { test } from "node:test";
import { ChongwenError, PROTOCOL_ERROR_CODES, protocolError } from "../../protocol/errors.ts";

test("every protocol error says what to do and where to read", () => {
  for (const code of PROTOCOL_ERROR_CODES) {
    const error = protocolError(code, "what happened");
    assert.equal(error.code, code);
    assert.equal(error.message, "what happened");
    assert.equal(error.name, "ChongwenError");
    assert.match(error.fix, /^[A-Z].{19,}\.$/);
    assert.equal(error.docs, "docs/protocol.md");
    assert.equal(error.retryable, code === "bundle-unreadable");
  }
});

test("a ChongwenError keeps its cause and is not retryable unless it says so", () => {
  const cause = new Error("below");
  const error = new ChongwenError({ code: "x", message: "m", fix: "f", cause });
  assert.equal(error.cause, cause);
  assert.equal(error.retryable, false);
  assert.equal(error.docs, undefined);
  assert(!("cause" in new ChongwenError({ code: "x", message: "m", fix: "f" })));
});
