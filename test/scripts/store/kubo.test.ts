import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createKuboStore, StoreUnavailable } from "../../../scripts/store/index.ts";
import { testStoreContract } from "./contract.ts";
import { failure, files } from "./fixtures.ts";

/*
 * Against a real node: start `ipfs daemon` and set CHONGWEN_KUBO_URL=http://127.0.0.1:5001. The node keeps what these
 * tests put, pinned.
 */
const url = process.env["CHONGWEN_KUBO_URL"];

if (url === undefined || url === "") {
  const reason = "NOT RUN against a real Kubo node: CHONGWEN_KUBO_URL is not set";
  it("Kubo store: what every store does", { skip: reason }, () => undefined);
} else {
  // The node may be online: a block that nobody has is then searched for until the time-out.
  testStoreContract(`Kubo store at ${url}`, () => createKuboStore({ url, offline: true }));

  describe(`Kubo store at ${url}`, () => {
    it("gives a put up at its time limit", async () => {
      const store = createKuboStore({ url, putTimeoutMs: 1 });
      const error = await failure(StoreUnavailable, () => store.putDirectory(files({ a: "a" })));
      assert.equal(error.retryable, true);
    });
  });
}
