// How a custodian binds a holdout: what is written, in which order, what is never written over, and what else may lie in the folder.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { holdoutCommitment } from "../../../protocol/scoring/holdout-commitment.ts";
import { encodeHoldout, openingOf } from "../../../protocol/scoring/holdout-files.ts";
import type { Holdout } from "../../../protocol/scoring/window.ts";
import { defaultTerms } from "../../../protocol/terms/terms.ts";
import { COMMITMENT_FILE, handHoldout, prepareHoldout, readPrepared, type PrepareParameters } from "../../../scripts/holdouts/commit.ts";
import { SALT_FILE } from "../../../scripts/holdouts/folder.ts";
import { findHoldout } from "../../../scripts/oracle/quality/holdouts-folder.ts";

const { data } = defaultTerms({ head: { headLane: 0, features: 4, classes: 3, featureBits: 8 }, issuers: {} });
const place = { chainId: 31337, holdouts: `0x${"ab".repeat(20)}`, federation: 2 } as const;
const holdoutOf = (seed: number): Holdout => ({ values: Int16Array.from({ length: 4 * 6 }, (_, i) => i * seed), targets: Uint8Array.from([0, 1, 2, 0, 1, 2]), strata: Uint8Array.from([0, 0, 0, 1, 1, 1]), stratumOf: new Map([[1, 0], [2, 1]]) });

describe("a custodian's holdout", () => {
  let dir: string;
  let drawn = 0;
  const random = (): Uint8Array => new Uint8Array(32).fill(++drawn);
  const never = (): Uint8Array => assert.fail("another salt was drawn");
  before(async () => void (dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-holdout-"))));
  after(() => rm(dir, { recursive: true, force: true }));

  async function folderOf(name: string, seed = 1): Promise<string> {
    const folder = path.join(dir, name);
    await mkdir(folder, { mode: 0o700 });
    for (const [file, bytes] of encodeHoldout(holdoutOf(seed))) await writeFile(path.join(folder, file), bytes);
    return folder;
  }
  const prepare = (folder: string, changes: Partial<PrepareParameters> = {}) => prepareHoldout({ folder, data, place, random, ...changes });
  const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

  it("is bound with a salt of its own, which only its owner can read, and opens for an operator to the same commitment", async () => {
    const folder = await folderOf("ward");
    const umask = process.umask(0);
    const made = await prepare(folder).finally(() => process.umask(umask));
    assert.equal(made.commitment, holdoutCommitment(openingOf(made.salt, holdoutOf(1), 4)));
    assert.deepEqual([made.isNew, made.salt, await modeOf(path.join(folder, SALT_FILE))], [true, `0x${"01".repeat(32)}`, 0o600]);
    assert.deepEqual((await readdir(folder)).toSorted(), ["commitment.json", "holdout.bin", "labels.bin", "salt.json", "strata.bin"]);
    const operator = path.join(dir, "operator");
    const prepared = await readPrepared({ folder, data, place });
    const handed = await handHoldout(prepared, operator);
    assert.deepEqual([await modeOf(handed), await modeOf(path.join(handed, "holdout.bin"))], [0o700, 0o600]);
    const found = await findHoldout(operator, { data, eligible: [made.commitment], warn: assert.fail });
    assert.deepEqual([found?.salt, found?.holdout], [made.salt, holdoutOf(1)]);
    await assert.rejects(handHoldout(prepared, operator), { code: "holdout-there" });
    assert.deepEqual(await readdir(operator), [made.commitment]);
  });

  it("never gets a second salt: a second call finds what the first wrote", async () => {
    const folder = await folderOf("twice");
    const first = await prepare(folder);
    const salt = await readFile(path.join(folder, SALT_FILE), "utf8");
    const second = await prepare(folder, { random: never });
    assert.deepEqual([second.isNew, second.commitment], [false, first.commitment]);
    assert.equal(await readFile(path.join(folder, SALT_FILE), "utf8"), salt);
  });

  for (const point of ["salt", "commitment"] as const) {
    it(`goes on after it was killed with the ${point} written, and with what a killed one left lying about`, async () => {
      const folder = await folderOf(`killed-${point}`);
      const killed = new Error("killed");
      await assert.rejects(prepare(folder, { reached: (at) => {
        if (at === point) throw killed;
      } }), killed);
      await writeFile(path.join(folder, ".0f.part"), "{");
      const salt = await readFile(path.join(folder, SALT_FILE), "utf8");
      const made = await prepare(folder, { random: never });
      assert.equal(await readFile(path.join(folder, SALT_FILE), "utf8"), salt);
      assert.equal(made.commitment, holdoutCommitment(openingOf(made.salt, holdoutOf(1), 4)));
    });
  }

  it("attack_wrongHoldout: records or labels that are not those that were bound are neither committed again nor handed over", async () => {
    const folder = await folderOf("changed");
    await prepare(folder);
    for (const [file, bytes] of encodeHoldout(holdoutOf(2))) {
      const kept = await readFile(path.join(folder, file));
      const other = file === "holdout.bin" ? bytes : Uint8Array.from(bytes, (byte, i) => (i === 0 ? byte ^ 1 : byte));
      await writeFile(path.join(folder, file), other);
      await assert.rejects(prepare(folder, { random: never }), { code: "holdout-changed" }, file);
      await assert.rejects(readPrepared({ folder, data, place }), { code: "holdout-changed" }, file);
      await writeFile(path.join(folder, file), kept);
    }
    for (const other of [{ ...place, federation: 3 }, { ...place, chainId: 1 }, { ...place, holdouts: `0x${"cd".repeat(20)}` as const }]) {
      await assert.rejects(prepare(folder, { random: never, place: other }), { code: "holdout-elsewhere" });
    }
    await rm(path.join(folder, SALT_FILE));
    await assert.rejects(prepare(folder, { random: never }), { code: "holdout-unreadable", message: /nobody can open/ });
    assert.deepEqual(await readdir(dir).then((names) => names.includes("nobody")), false);
  });

  it("attack_hostileFolder: links, pipes of no end, torn and foreign files are not read, and nothing is written beside them", async () => {
    const cases: Record<string, (folder: string) => Promise<unknown>> = {
      "a link in place of the records": async (folder) => (await rm(path.join(folder, "holdout.bin")), symlink("/dev/zero", path.join(folder, "holdout.bin"))),
      "a link in place of the salt": async (folder) => symlink(path.join(dir, "elsewhere"), path.join(folder, SALT_FILE)),
      "a folder in place of the labels": async (folder) => (await rm(path.join(folder, "labels.bin")), mkdir(path.join(folder, "labels.bin"))),
      "records cut short": async (folder) => writeFile(path.join(folder, "holdout.bin"), new Uint8Array(7)),
      "a label of no class": async (folder) => writeFile(path.join(folder, "labels.bin"), Uint8Array.from([0, 1, 2, 0, 1, 3])),
      "a torn salt": async (folder) => writeFile(path.join(folder, SALT_FILE), "{"),
      "a salt of zeros too few": async (folder) => writeFile(path.join(folder, SALT_FILE), '{"format":"chongwen-holdout-salt","records":6,"salt":"0x00","version":1}'),
      "a foreign commitment": async (folder) => (await cp(path.join(dir, "twice", SALT_FILE), path.join(folder, SALT_FILE)), writeFile(path.join(folder, COMMITMENT_FILE), "[]")),
    };
    for (const [name, spoil] of Object.entries(cases)) {
      const folder = await folderOf(name);
      await spoil(folder);
      const before = (await readdir(folder)).toSorted();
      await assert.rejects(prepare(folder), { name: "ChongwenError" }, name);
      assert.deepEqual((await readdir(folder)).toSorted(), before, name);
    }
  });

  it("attack_saltRace: of two at once one draws the salt, and the other does not replace it", async () => {
    const folder = await folderOf("race");
    const made = await Promise.allSettled([prepare(folder), prepare(folder)]);
    const { salt, commitment } = await prepare(folder, { random: never });
    for (const one of made) {
      if (one.status === "fulfilled") assert.deepEqual([one.value.salt, one.value.commitment], [salt, commitment]);
      else assert.equal((one.reason as { code?: string }).code, "holdout-there");
    }
  });
});
