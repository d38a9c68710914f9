// The protocol in TypeScript and in Python, on random input: the same bytes, or one of them is wrong. One Python process answers everything.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Hex } from "viem";
import { firstFailure, commitUpdate, mapReader, modelRoot, quantiseModel, quantiseUpdate, parameterCount, reportHash, specRoot, verifyRoundBundle } from "../../protocol/index.ts";
import { bytesOf, int32Of } from "../../protocol/bytes.ts";
import { decodeOpenRound } from "../../protocol/handover/open-round.ts";
import { modelSpecJson } from "../../protocol/model-spec.ts";
import { PRIVACY_UNITS, privatise } from "../../protocol/privacy/privatise.ts";
import { digestOf } from "../../scripts/store/index.ts";
import { createRandom, int16s } from "../../tools/vectors/random.ts";
import { base64, fromBase64, skip, startPython, type Answerer } from "./support/python.ts";
import { dice, drawRound, openRoundText, randomSpec } from "./support/rounds.ts";

const SEEDS = Array.from({ length: 60 }, (_, i) => 1_000 + 17 * i);

interface Built {
  readonly files: Readonly<Record<string, string>>;
  readonly artefact: Hex;
  readonly reportHash: Hex;
  readonly modelRoot: Hex;
}

describe("the protocol in Python", { skip }, () => {
  let python: Answerer;
  let folder = "";

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "chongwen-python-"));
    python = startPython();
  });
  after(async () => {
    await python.close();
    await rm(folder, { recursive: true });
  });

  it("quantises and commits to the same bytes", async () => {
    for (const seed of SEEDS) {
      const drawn = dice(seed);
      const spec = randomSpec(drawn);
      const random = createRandom(seed);
      const float = (): number => ((random() - 2 ** 31) / 2 ** drawn.between(16, 50)) * (drawn.between(0, 9) === 0 ? 2 ** 40 : 1);
      const floats = Float64Array.from({ length: parameterCount(spec) }, () => drawn.pick([0, -0, float(), float(), float()]));
      for (const values of [floats, Float32Array.from(floats)]) {
        const kind = values instanceof Float32Array ? "<f4" : "<f8";
        const [update, model] = [quantiseUpdate(spec, values), quantiseModel(spec, values)];
        const { updateRoot, normSq, normTraceRoot } = commitUpdate(update.values);
        assert.deepEqual(await python.ask({ op: "quantise", spec: modelSpecJson(spec), kind, floats: base64(new Uint8Array(values.buffer)) }), {
          update: base64(bytesOf(update.values)), model: base64(bytesOf(model.values)), counts: [update.saturated, update.zeroed, model.saturated, model.zeroed],
          updateRoot, normSq: String(normSq), normTraceRoot, modelRoot: modelRoot(model.values), specRoot: specRoot(spec),
        });
      }
    }
  });

  it("signs, aggregates, evaluates and builds the same bundle, with the same digest and report hash", async () => {
    for (const seed of SEEDS) {
      const { question, bundle, artefact, expected } = await drawRound(seed);
      const built = await python.ask<Built>(question);
      assert.equal(built.code, undefined, `seed ${seed}`);
      assert.deepEqual(Object.keys(built.files).sort(), [...bundle.files.keys()].sort());
      for (const [file, bytes] of bundle.files) assert(built.files[file] === base64(bytes), `seed ${seed}: ${file} differs`);
      assert.deepEqual([built.artefact, built.reportHash, built.modelRoot], [artefact, expected.reportHash, bundle.report.modelRoot], `seed ${seed}`);
    }
  });

  it("writes folders that verify here", async () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const place = path.join(folder, `python-${seed}`);
      const written = await python.ask<Omit<Built, "files"> & { openRound: string; base: string | null }>({ op: "write", seed, folder: place });
      const files = await readFolder(place);
      const open = decodeOpenRound(new TextEncoder().encode(written.openRound));
      const model = written.base === null ? null : int32Of(fromBase64(written.base));
      const seats = new Map(open.seats.map(({ seat, key, exempt }) => [seat, { key, exempt }]));
      const expected = { ...open, reportHash: written.reportHash, artefact: written.artefact, parent: { ...open.parent, model }, seats };
      const { ok, checks, manifest } = await verifyRoundBundle(mapReader(files), expected);
      assert.equal(firstFailure(checks), null, `seed ${seed}`);
      assert(ok);
      assert.equal(await digestOf(files), written.artefact, "the store names it as Python does");
      assert.equal(reportHash({ ...manifest.report, artefact: written.artefact }), written.reportHash);
    }
  });

  it("verifies folders that are written here", async () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const { bundle, open, base, artefact, expected } = await drawRound(seed);
      const place = path.join(folder, `typescript-${seed}`);
      for (const [file, bytes] of bundle.files) {
        await mkdir(path.dirname(path.join(place, file)), { recursive: true });
        await writeFile(path.join(place, file), bytes);
      }
      const question = { op: "read", folder: place, openRound: openRoundText(open), base: base === null ? null : base64(bytesOf(base)), artefact, reportHash: expected.reportHash };
      assert.deepEqual(await python.ask(question), { problems: [] }, `seed ${seed}`);
    }
  });

  it("draws the same noise from the same bytes", async () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const { between, pick } = dice(seed);
      const update = int16s(between(1, 120), seed);
      const [clip, unit] = [BigInt(pick([1, 1_000, 40_000, 2 ** 31 - 1])), pick(PRIVACY_UNITS)];
      const sigmaSquared = { numerator: BigInt(pick([1, 77, 10 ** 6, 10 ** 9 + 7])), denominator: BigInt(between(1, 1_000)) };
      const [random, batches] = [createRandom(seed), [] as string[]];
      const noised = privatise(update, { clip, sigmaSquared, unit }, (bytes) => {
        for (let i = 0; i < bytes.length; i++) bytes[i] = random() >>> 16;
        batches.push(base64(bytes));
      });
      const question = { op: "noise", update: base64(bytesOf(update)), clip: String(clip), unit, numerator: String(sigmaSquared.numerator), denominator: String(sigmaSquared.denominator), random: batches };
      assert.deepEqual(await python.ask(question), { update: base64(bytesOf(noised.update)), rho: String(noised.rho), counts: [noised.saturated, noised.zeroed] }, `seed ${seed}`);
    }
  });
});

async function readFolder(place: string): Promise<Map<string, Uint8Array>> {
  const names = (await readdir(place, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = names.map(({ parentPath, name }) => path.join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (file) => [path.relative(place, file).split(path.sep).join("/"), new Uint8Array(await readFile(file))] as const)));
}
