import assert from "node:assert/strict";
import { ChongwenError, type ProtocolErrorCode } from "../../../protocol/errors.ts";

/** Whether an error has this code, a message and an instruction. For `assert.throws` and `assert.rejects`. */
export function withCode(code: ProtocolErrorCode, message?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert(error instanceof ChongwenError, `expected a ChongwenError, got ${String(error)}`);
    assert.equal(error.code, code, error.message);
    assert(error.fix.length > 20, "says what to do");
    if (message !== undefined) assert.match(error.message, message);
    return true;
  };
}
