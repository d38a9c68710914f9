// Bundles that somebody made to trip a watcher up: each is a reason why something could not be read, and nothing more.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Hex } from "viem";
import { findRoundFault } from "../../../protocol/faults/find-round-fault.ts";
import { MANIFEST, ROUND_FILES, updatePath } from "../../../protocol/index.ts";
import { createDiskStore, type ArtefactStore } from "../../../scripts/store/index.ts";
import { createFetcher, limitsFor } from "../../../scripts/watch/fetch.ts";
import type { RoundOnChain } from "../../../scripts/watch/read-round.ts";
import { readRoundFiles } from "../../../scripts/watch/round-files.ts";
import { makeEvidence, type Evidence } from "../../protocol/faults/find-evidence.ts";

describe("a hostile bundle", () => {
  let dir: string;
  let store: ArtefactStore;
  let evidence: Evidence;
  let honest: Map<string, Uint8Array>;
  let parent: Hex;

  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-hostile-"));
    store = createDiskStore(dir);
    evidence = await makeEvidence({ evaluated: true });
    const { files, round } = evidence;
    parent = await store.putDirectory(new Map([[ROUND_FILES.model, files.parentModel!]]));
    honest = new Map<string, Uint8Array>([
      [MANIFEST, new TextEncoder().encode(JSON.stringify({ evaluation: files.evaluation }))],
      [ROUND_FILES.norms, files.norms!], [ROUND_FILES.normTraces, files.normTraces!], [ROUND_FILES.signatures, files.signatures!],
      [ROUND_FILES.metrics, files.metrics!], [ROUND_FILES.model, files.model!],
      ["holdout.bin", files.holdout!], ["labels.bin", files.labels!], ["predictions.bin", files.predictions!],
      ...[...files.updates].map(([i, update]) => [updatePath(round.seats[i]!), update] as const),
    ]);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  /** Checks the round of the evidence with the files of this artefact. */
  async function check(artefact: Hex): Promise<{ kind: string; missing: string[]; codes: string[] }> {
    const report = { ...evidence.round.report!, artefact };
    const ledger = { ...evidence.round, report, parent: { ...evidence.round.parent, artefact: parent } };
    const fetcher = createFetcher((fileBytes) => createDiskStore(dir, { limits: limitsFor(fileBytes) }));
    const files = await readRoundFiles({ ledger, report, parentRound: 0, reportedIn: 0n } satisfies RoundOnChain, new Map(), fetcher);
    const { search } = await findRoundFault(ledger, files, evidence.keys);
    return { kind: search.kind, missing: search.kind === "missing" ? search.items.map(({ file }) => file) : [], codes: [...new Set(fetcher.problems.map(({ code }) => code))] };
  }
  const put = (change: Iterable<readonly [string, Uint8Array | null]>): Promise<Hex> => {
    const files = new Map(honest);
    for (const [name, bytes] of change) {
      if (bytes === null) files.delete(name);
      else files.set(name, bytes);
    }
    return store.putDirectory(files);
  };

  it("is told from an honest one", async () => assert.deepEqual(await check(await put([])), { kind: "none", missing: [], codes: [] }));

  it("may not be there at all", async () => {
    const { kind, codes } = await check(`0x${"ab".repeat(32)}`);
    assert.deepEqual([kind, codes], ["missing", ["artefact-missing"]]);
  });

  it("may hold files that are far too long: they are not read", async () => {
    const huge = new Uint8Array(3 * 2 ** 20);
    for (const name of [ROUND_FILES.model, ROUND_FILES.norms, updatePath(2), "predictions.bin"]) {
      const { kind, missing, codes } = await check(await put([[name, huge]]));
      // A model that was recomputed is not missed.
      assert.deepEqual([kind, missing, codes], name === ROUND_FILES.model ? ["none", [], ["artefact-too-large"]] : ["missing", [name], ["artefact-too-large"]]);
    }
  });

  it("may hold files of other lengths, or other bytes", async () => {
    for (const bytes of [new Uint8Array(), Uint8Array.of(1), new Uint8Array(7).fill(9)]) {
      for (const name of [ROUND_FILES.norms, ROUND_FILES.normTraces, ROUND_FILES.signatures, updatePath(11), "labels.bin", "predictions.bin", "holdout.bin"]) {
        const { kind, missing } = await check(await put([[name, bytes]]));
        assert.deepEqual([kind, missing], ["missing", [name]], `${name}: ${bytes.length} bytes`);
      }
    }
  });

  it("may lack files, or have folders and others in their place", async () => {
    assert.deepEqual((await check(await put([[ROUND_FILES.norms, null]]))).missing, [ROUND_FILES.norms]);
    assert.deepEqual((await check(await put([[ROUND_FILES.norms, null], [`${ROUND_FILES.norms}/x`, Uint8Array.of(1)]]))).missing, [ROUND_FILES.norms]);
    assert.equal((await check(await put([["updates/999.bin", new Uint8Array(9)], ["other/file", new Uint8Array(1)]]))).kind, "none");
  });

  it("may have any manifest: only its evaluation is looked at, and only when it has the hash", async () => {
    const texts = ["", "null", "[]", "{", '{"evaluation":[]}', '{"evaluation":{"records":1e300}}', `${"[".repeat(20_000)}`, '{"evaluation":{"__proto__":1}}', JSON.stringify({ evaluation: { ...evidence.files.evaluation, records: 2 ** 31 } })];
    for (const text of texts) {
      const { kind, missing } = await check(await put([[MANIFEST, new TextEncoder().encode(text)]]));
      assert.deepEqual([kind, missing], ["missing", ["manifest.json: evaluation"]], text.slice(0, 40));
    }
  });

  it("may be a single file, or blocks that are not what they are named", async () => {
    const { kind } = await check(await store.putFile(new Uint8Array(100)));
    assert.equal(kind, "missing");
  });
});
