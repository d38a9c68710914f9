// What a model card takes from earlier rounds is not recomputed, so it must at least be what was reported.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { zeroHash } from "viem";
import { MANIFEST, ROUND_FILES, type BundleReader } from "../../../protocol/index.ts";
import { readCardRound } from "../../../protocol/cards/read-round.ts";
import { buildLedger, type Fixture } from "../audit/fixture.ts";

describe("a round that a model card names", () => {
  let ledger: Fixture;
  let reader: BundleReader;
  const reported = () => ledger.facts.rounds[0]?.report ?? assert.fail();
  /** The bundle with another file. */
  const changed = (name: string, change: (bytes: Uint8Array) => Uint8Array): BundleReader => ({
    list: () => reader.list(),
    read: async (path, most) => (path === name ? change(await reader.read(path, most)) : reader.read(path, most)),
  });
  before(async () => {
    ledger = await buildLedger();
    reader = await ledger.store.open(reported().artefact);
  });
  after(() => rm(ledger.dir, { recursive: true, force: true }));

  it("is read with the weights of its seal", async () => {
    const read = await readCardRound(reader, reported(), new Map());
    assert.deepEqual(read?.entries, [10, 20, 30].map((weight, seat) => ({ seat, weight, dropped: null, excluded: false })));
    assert.deepEqual([...(read?.charged ?? [])], [[0, 0n], [1, 0n], [2, 0n]]);
  });

  it("attack: is not read from another bundle than the one that was reported", async () => {
    assert.equal(await readCardRound(reader, { ...reported(), reportHash: zeroHash }, new Map()), null);
    assert.equal(await readCardRound(reader, { ...reported(), artefact: zeroHash }, new Map()), null);
  });

  it("attack: is not read with other weights or seats than those that were sealed", async () => {
    assert.equal(await readCardRound(changed(ROUND_FILES.weights, (bytes) => bytes.map((byte) => byte ^ 1)), reported(), new Map()), null);
    assert.equal(await readCardRound(changed(ROUND_FILES.weights, (bytes) => bytes.slice(2)), reported(), new Map()), null);
    const seats = changed(MANIFEST, (bytes) => new TextEncoder().encode(new TextDecoder().decode(bytes).replace('"seat":0,', '"seat":7,').replace('"seat":0}', '"seat":7}')));
    assert.equal(await readCardRound(seats, reported(), new Map()), null);
  });
});
