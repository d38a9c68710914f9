import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawAtlas } from "../../../protocol/flow/atlas.ts";
import { decodeEpoch, encodeEpoch } from "../../../protocol/flow/epoch-file.ts";
import { fateName, FATE } from "../../../protocol/flow/fate.ts";
import { find, slipOf } from "../../../protocol/flow/follow.ts";
import { encodeFlowIndex, readFlowIndex } from "../../../protocol/flow/index-file.ts";
import { lineageOf } from "../../../protocol/flow/lineage.ts";
import { WHOLE } from "../../../protocol/flow/query.ts";
import { createTable } from "../../../protocol/flow/table.ts";
import { flowOf } from "./support.ts";

const SUPPORT_FATE = FATE.dropped + 8;

/** A flow whose last seat is a support seat, the entry of which the contract dropped in the first round. */
async function withSupportSeat() {
  const { index, files } = await flowOf(200);
  const seat = index.seats.length;
  const first = decodeEpoch(files[0] ?? new Uint8Array());
  const end = first.offsets[1] ?? 0;
  const put = <T extends Uint8Array | Uint16Array | Uint32Array>(column: T, value: number): T => {
    const longer = new (column.constructor as new (length: number) => T)(column.length + 1);
    longer.set(column.subarray(0, end));
    longer[end] = value;
    longer.set(column.subarray(end), end + 1);
    return longer;
  };
  const entitlements = new Uint32Array(3 * (seat + 1));
  entitlements.set(first.entitlements);
  const bytes = encodeEpoch({
    ...first, offsets: first.offsets.map((offset, i) => (i === 0 ? offset : offset + 1)), seats: put(first.seats, seat), weights: put(first.weights, 0), samples: put(first.samples, 0),
    fates: put(first.fates, SUPPORT_FATE), entitlements,
  });
  const support = { contributor: 99, institution: 0, dataset: null, payee: "0x00000000000000000000000000000000000000Ee" as const };
  const epochs = index.epochs.map((epoch, i) => (i === 0 ? { ...epoch, bytes: bytes.length, rows: epoch.rows + 1 } : epoch));
  const longer = { ...index, seats: [...index.seats, support], epochs };
  return { plain: createTable(index, files), table: createTable(longer, [bytes, ...files.slice(1)]), index: longer, seat, round: first.firstRound };
}

describe("a support seat in the knowledge flow", () => {
  it("has no dataset in the index, and goes there and back", async () => {
    const { index, seat } = await withSupportSeat();
    assert.equal(readFlowIndex(encodeFlowIndex(index)).seats[seat]?.dataset, null);
  });

  it("changes no number of the drawing, and hides nobody", async () => {
    const { plain, table } = await withSupportSeat();
    for (const measure of ["weight", "samples", "tokens"] as const) {
      const [before, after] = [plain, table].map((each) => drawAtlas(each, { ...WHOLE, measure }).atlas);
      assert.deepEqual({ ...after, rows: 0 }, { ...before, rows: 0 }, measure);
    }
    assert.deepEqual(table.withheld.hidden.slice(0, -1), plain.withheld.hidden);
  });

  it("is followed by its number and payee, says why its entry was dropped, and comes from an institution alone", async () => {
    const { table, seat, round } = await withSupportSeat();
    const slip = slipOf(table, seat, round);
    assert.deepEqual([slip?.dataset, slip?.weight, fateName(slip?.fate ?? 0)], [null, 0, "supportSeat"]);
    assert.deepEqual(find(table, "0x00000000000000000000000000000000000000ee").map((found) => (found.kind === "seat" ? found.dataset : undefined)), [null]);
    assert.deepEqual(lineageOf(table, WHOLE, { kind: "seat", at: seat }).from.map(({ item }) => item.kind), ["institution"]);
  });
});
