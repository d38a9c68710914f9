// The commands of a custodian against a ledger: bound before the rounds, once, and handed to operators only then.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { encodeHoldout } from "../../../protocol/scoring/holdout-files.ts";
import type { Holdout } from "../../../protocol/scoring/window.ts";
import { encodeTerms } from "../../../protocol/terms/terms.ts";
import { commitHoldout, handOverHoldout } from "../../../scripts/commands/holdout.ts";
import { openWorkspace } from "../../../scripts/federation/workspace.ts";
import { SALT_FILE } from "../../../scripts/holdouts/folder.ts";
import { findHoldout } from "../../../scripts/oracle/quality/holdouts-folder.ts";
import { startWorld, type World } from "../watch/world.ts";

const CUSTODIAN = "dev:63";

describe("chongwen custodian holdout", () => {
  let world: World;
  let dir: string;
  let terms: string;
  before(async () => {
    world = await startWorld({}, { windows: 1 });
    dir = path.join(world.dir, "workspace");
    terms = path.join(world.dir, "terms.json");
    await mkdir(dir, { recursive: true });
    await openWorkspace(dir).saveDeployment({ ...world.kernel.deployment, rpcUrl: world.url });
    await writeFile(terms, encodeTerms(world.setting.quality?.terms ?? assert.fail()));
  });
  after(() => world.close());

  async function folderOf(name: string): Promise<string> {
    const { features } = (world.setting.quality?.terms ?? assert.fail()).data.head;
    const holdout: Holdout = { values: Int16Array.from({ length: features * 12 }, (_, i) => i), targets: Uint8Array.from({ length: 12 }, (_, i) => i % 3), strata: null, stratumOf: new Map() };
    const folder = path.join(world.dir, name);
    await mkdir(folder, { mode: 0o755 });
    for (const [file, bytes] of encodeHoldout(holdout)) await writeFile(path.join(folder, file), bytes);
    return folder;
  }
  async function run<Options>(command: (options: Options, streams: Parameters<typeof commitHoldout>[1]) => Promise<number>, options: Options) {
    let [out, err] = ["", ""];
    const code = await command(options, { out: { write: (text: string) => ((out += text), true) }, err: { write: (text: string) => ((err += text), true) } } as Parameters<typeof commitHoldout>[1]);
    return { code, err, data: (JSON.parse(out) as { data: Record<string, unknown> }).data };
  }
  const common = (holdout: string) => ({ dir, rpc: undefined, federation: world.federation, json: true, holdout, terms });
  const sent = async () => (await world.kernel.client.getContractEvents({ ...world.kernel.holdouts, eventName: "HoldoutCommitted", args: { federation: world.federation }, fromBlock: 0n, strict: true })).length;

  it("shows what another account has to send, and sends nothing; then commits that very thing, once", async () => {
    const folder = await folderOf("ward");
    const before = await sent();
    const shown = await run(commitHoldout, { ...common(folder), show: true });
    assert.deepEqual([shown.code, shown.data["committed"], await sent()], [0, false, before]);
    assert.match(shown.err, /chmod 700/);
    await assert.rejects(run(handOverHoldout, { ...common(folder), to: path.join(world.dir, "operator") }), { code: "holdout-uncommitted" });
    const salt = await readFile(path.join(folder, SALT_FILE), "utf8");
    const committed = await run(commitHoldout, { ...common(folder), show: false, account: CUSTODIAN });
    assert.deepEqual([committed.data["committed"], committed.data["commitment"], committed.data["fromRound"]], [true, shown.data["commitment"], shown.data["fromRound"]]);
    // As after it was killed before it could say that it had sent it.
    const again = await run(commitHoldout, { ...common(folder), show: false, account: CUSTODIAN });
    assert.deepEqual([again.data["commitment"], again.data["transaction"], await sent(), await readFile(path.join(folder, SALT_FILE), "utf8")], [shown.data["commitment"], null, before + 1, salt]);
    const handed = await run(handOverHoldout, { ...common(folder), to: path.join(world.dir, "operator") });
    assert.match(handed.err, /train for it/);
    const { data } = world.setting.quality?.terms ?? assert.fail();
    assert.notEqual(await findHoldout(path.join(world.dir, "operator"), { data, eligible: [shown.data["commitment"] as `0x${string}`], warn: assert.fail }), null);
  });

  it("leaves nothing behind for an account that is no custodian, or under other terms", async () => {
    const folder = await folderOf("other");
    await assert.rejects(run(commitHoldout, { ...common(folder), show: false, account: "dev:1" }), { code: "usage", message: /no custodian/ });
    const others = path.join(world.dir, "others.json");
    const own = world.setting.quality?.terms ?? assert.fail();
    await writeFile(others, encodeTerms({ ...own, data: { ...own.data, replayCosinePpm: own.data.replayCosinePpm - 1 } }));
    await assert.rejects(run(commitHoldout, { ...common(folder), terms: others, show: true }), { code: "terms-differ" });
    await assert.rejects(readFile(path.join(folder, SALT_FILE)), { code: "ENOENT" });
  });
});
