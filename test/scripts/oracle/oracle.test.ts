// Round bundles from an aggregator to the chain: over HTTP and by a folder, ahead of the chain, twice, and through restarts.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { execFile, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { toHex } from "viem";
import { setTimeout as sleep } from "node:timers/promises";
import { auditLedger } from "../../../protocol/audit/audit.ts";
import { decodeBundleStatus } from "../../../protocol/handover/bundle-status.ts";
import { decodeOpenRound, encodeOpenRound } from "../../../protocol/handover/open-round.ts";
import { privateKeyToAccount } from "viem/accounts";
import { canonicalJson, int32Of, reportHash, type Json } from "../../../protocol/index.ts";
import { frozenAt } from "../../../protocol/ledger/freezes.ts";
import type { RoundFacts } from "../../../protocol/ledger/facts.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { readPart } from "../../../protocol/ledger/read-part.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { publishedEvaluation } from "../../../scripts/trainer/evaluate.ts";
import { makeBundle, type Made } from "./aggregator.ts";
import { signIn } from "./sign-in.ts";
import { ask, drop, handOver, reach, startOracleWorld, statusOf, TOKEN, type OracleWorld } from "./support.ts";

type RequestOptions = Parameters<typeof ask>[2];
interface OpenApi {
  readonly paths: Record<string, Record<string, { readonly responses: Record<number, { readonly description: string; readonly content?: Record<string, { readonly schema?: { readonly $ref?: string } }> }> }>>;
  readonly components: { readonly schemas: Record<string, { readonly required?: readonly string[] }> };
}

const ADAPTER = fileURLToPath(new URL("../../../integrations/adapter/adapter.py", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../../../integrations/flower/src", import.meta.url));
/** Python 3.11 with what the protocol's twin needs; CHONGWEN_PYTHON names one. */
const python = [process.env["CHONGWEN_PYTHON"], "python3", "python"].find(
  (command) => command !== undefined && spawnSync(command, ["-c", "import sys, numpy, eth_account; sys.exit(sys.version_info < (3, 11))"]).status === 0,
);
const withoutPython = python === undefined ? "there is no Python 3.11 with numpy and eth-account here (CHONGWEN_PYTHON)" : false;
if (withoutPython !== false) console.warn(`The adapter in Python was not run: ${withoutPython}.`);

describe("an oracle", () => {
  let there: OracleWorld;
  before(async () => {
    there = await startOracleWorld();
  });
  after(() => there.close());

  const evaluation = () => publishedEvaluation(there.world.setting.split.holdout.records);
  const seals = async (round: number) => {
    const { kernel, federation } = there.world;
    const range = { ...kernel.rounds, args: { federation, round }, fromBlock: 0n, strict: true } as const;
    const [sealed, reported] = await Promise.all([kernel.client.getContractEvents({ ...range, eventName: "RoundSealed" }), kernel.client.getContractEvents({ ...range, eventName: "RoundReported" })]);
    return [sealed.length, reported.length];
  };

  it("records a round over HTTP exactly as it was handed over", async () => {
    const told: string[] = [];
    const tell = (name: string) => ({ round, bundle = "" }: { readonly round: number; readonly bundle?: string }) => void told.push(`${name} ${round} ${bundle}`);
    const oracle = await there.start({ observer: { bundleReceived: tell("received"), bundleRefused: tell("refused"), roundSealed: tell("sealed"), roundReported: tell("reported") } });
    const open = await there.open(oracle.url);
    assert.equal(open.round, 1);
    assert.deepEqual(open.seats.map(({ seat }) => seat), there.sites.map(({ seat }) => seat));
    const made = await makeBundle(open, await there.model(oracle.url, 0), there.sites, { evaluation: evaluation() });
    assert.equal((await handOver(oracle.url, made)).status, 202);
    const status = await reach(oracle.url, made.digest, "reported", "refused");
    assert.deepEqual(status, { bundle: made.digest, state: "reported", federation: open.federation, round: 1, reportHash: reportHash(made.report), artefact: made.digest, asHanded: true, problem: null });
    assert.deepEqual(await there.model(oracle.url, 1), made.model);
    assert.deepEqual(told, ["received", "sealed", "reported"].map((name) => `${name} 1 ${made.digest}`));
    await oracle.stop();
  });

  it("waits while the ethics council has frozen the federation, says so, and goes on afterwards with nothing lost", async () => {
    const { kernel, federation, setting } = there.world;
    const oracle = await there.start();
    const open = await there.open(oracle.url);
    const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), there.sites, { seed: 11 });
    await setting.transactor.send(devAccount(5), { kind: "council.freeze", ...kernel.freezes, functionName: "freeze", args: [federation, made.digest] });
    assert.equal((await handOver(oracle.url, made)).status, 202);
    let status = await statusOf(oracle.url, made.digest);
    for (const end = Date.now() + 10_000; status.problem === null && Date.now() < end; status = await statusOf(oracle.url, made.digest)) await sleep(50);
    assert.deepEqual([status.state, status.problem?.code], ["waiting", "federation-frozen"]);
    assert.deepEqual([await seals(open.round), oracle.holds().frozen], [[0, 0], [federation]]);
    await setting.transactor.send(devAccount(5), { kind: "council.lift", ...kernel.freezes, functionName: "lift", args: [federation] });
    const reported = await reach(oracle.url, made.digest, "reported", "refused");
    assert.deepEqual([reported.state, reported.problem, reported.asHanded], ["reported", null, true]);
    assert.deepEqual(oracle.holds().frozen, []);
    const { freezes, rounds } = await readFacts(there.world.setting.kernel, federation);
    const [frozen, lifted] = freezes?.changes ?? [];
    assert.deepEqual([freezes?.changes.length, frozen?.reason, lifted?.reason, lifted?.until], [2, made.digest, null, lifted?.at]);
    assert.equal(freezes?.until, lifted?.until);
    assert.ok((frozen?.until ?? 0) > (lifted?.until ?? 0));
    assert.deepEqual(freezes?.moves.filter(({ round }) => round === open.round).map(({ move }) => move), ["sealed", "reported"]);
    assert.ok(freezes !== null && rounds.length > 1 && freezes.moves.every((move) => frozenAt(freezes, move) === 0));
    await oracle.stop();
  });

  it("takes rounds ahead of the chain, in any order, and records each once its parent is", async () => {
    const oracle = await there.start();
    const open = await there.open(oracle.url);
    const chain: Made[] = [];
    let [at, base] = [open, await there.model(oracle.url, open.parent.round)];
    for (let i = 0; i < 3; i++) {
      const made = await makeBundle(at, base, there.sites, { seed: i });
      chain.push(made);
      [at, base] = [made.next, made.model];
    }
    const [first, second, third] = chain;
    assert.ok(first && second && third);
    for (const made of [third, second]) assert.equal((await handOver(oracle.url, made)).status, 202);
    await sleep(300);
    assert.equal((await statusOf(oracle.url, second.digest)).state, "waiting");
    await handOver(oracle.url, first);
    for (const made of chain) assert.equal((await reach(oracle.url, made.digest, "reported", "refused")).asHanded, true);
    await oracle.stop();
  });

  it("does one thing for one digest: handed over twice, at the same time, and again after a restart", async () => {
    const oracle = await there.start();
    const open = await there.open(oracle.url);
    const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), there.sites);
    const answers = await Promise.all([1, 2, 3].map(() => handOver(oracle.url, made)));
    assert.deepEqual(answers.map(({ status }) => status), [202, 202, 202]);
    await reach(oracle.url, made.digest, "reported");
    await oracle.stop();
    const again = await there.start();
    assert.equal((await handOver(again.url, made)).status, 202);
    assert.equal((await statusOf(again.url, made.digest)).state, "reported");
    assert.deepEqual(await seals(open.round), [1, 1]);
    await again.stop();
  });

  it("knows what it recorded, and another's report of the same bundle, from the chain alone", async () => {
    const oracle = await there.start({ dir: path.join(there.world.dir, "another-oracle") });
    const open = await there.open(oracle.url);
    const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), there.sites);
    const other = await there.start();
    await handOver(oracle.url, made);
    await reach(oracle.url, made.digest, "reported");
    await handOver(other.url, made);
    assert.equal((await reach(other.url, made.digest, "reported", "refused")).asHanded, true);
    assert.deepEqual(await seals(open.round), [1, 1]);
    await Promise.all([oracle.stop(), other.stop()]);
  });

  it("takes bundles from an account that the operator lists, and shows rounds, models and statuses to a site that has a seat", async () => {
    const [aggregator, other, stranger] = ["5b", "5c", "5d"].map((byte) => privateKeyToAccount(`0x${byte.repeat(32)}`));
    const site = there.sites[0]?.signer;
    assert.ok(aggregator && other && stranger && site);
    const oracle = await there.start({ token: null, sessions: { aggregators: [aggregator.address, other.address] } });
    const [token, second, reading] = [await signIn(oracle.url, aggregator), await signIn(oracle.url, other), await signIn(oracle.url, site)];
    await assert.rejects(signIn(oracle.url, stranger), /role-refused/);
    assert.equal((await ask(oracle.url, `/v1/federations/${there.world.federation}/round`)).code, "token-refused", "there is no other token");
    const open = decodeOpenRound((await ask(oracle.url, `/v1/federations/${there.world.federation}/round`, { token: reading })).bytes);
    const base = int32Of((await ask(oracle.url, `/v1/federations/${there.world.federation}/rounds/${open.parent.round}/model`, { token: reading })).bytes);
    const made = await makeBundle(open, base, there.sites);
    // What another sends under the same name stands in nobody's way.
    assert.equal((await ask(oracle.url, `/v1/bundles/${made.digest}/metrics.json`, { method: "PUT", body: "{}", token: second })).status, 200);
    assert.equal((await handOver(oracle.url, made, token)).status, 202);
    assert.equal((await ask(oracle.url, `/v1/bundles/${made.digest}`, { method: "POST", token: reading })).code, "role-refused");
    assert.equal((await reach([oracle.url, reading], made.digest, "reported", "refused")).asHanded, true);
    await oracle.stop();
  });

  it("does not share its folder with another", async () => {
    const oracle = await there.start();
    await assert.rejects(there.start(), { code: "oracle-taken" });
    await oracle.stop();
  });

  it("takes bundles from a folder and answers there", async () => {
    const dir = path.join(there.world.dir, "drop");
    const oracle = await there.start({ drop: dir, port: null });
    const read = async (name: string): Promise<Uint8Array> => {
      for (;;) {
        const bytes = await readFile(path.join(dir, "outgoing", name)).catch(() => null);
        if (bytes !== null) return bytes;
        await sleep(20);
      }
    };
    const open = decodeOpenRound(await read("round.json"));
    const base = int32Of(await read(`model-${open.parent.round}.bin`));
    const made = await makeBundle(open, base, there.sites, { evaluation: evaluation() });
    await drop(dir, made);
    const ended = async () => {
      for (;;) {
        const status = decodeBundleStatus(await read(`${made.digest}.json`));
        if (["reported", "refused"].includes(status.state)) return status;
        await sleep(20);
      }
    };
    assert.deepEqual(await ended(), { bundle: made.digest, state: "reported", federation: open.federation, round: open.round, reportHash: reportHash(made.report), artefact: made.digest, asHanded: true, problem: null });
    // The folder names the next round, with the model that was just reported.
    for (;;) if (decodeOpenRound(await read("round.json")).round === open.round + 1) break;
    assert.deepEqual(int32Of(await read(`model-${open.round}.bin`)), made.model);
    await oracle.stop();
  });

  it("is spoken to by the adapter of docs/adapters.md, in Python", { skip: withoutPython }, async () => {
    const oracle = await there.start();
    const { dir, setting, federation } = there.world;
    const [tokenFile, keysFile] = [path.join(dir, "token.txt"), path.join(dir, "keys.json")];
    const keys = setting.hospitals.flatMap(({ seat, keys: { signer } }) => (seat === null ? [] : [[seat, toHex(signer.getHdKey().privateKey ?? new Uint8Array())]]));
    await Promise.all([writeFile(tokenFile, TOKEN), writeFile(keysFile, JSON.stringify(Object.fromEntries(keys)))]);
    const { stdout } = await promisify(execFile)(python ?? "", [ADAPTER, oracle.url, String(federation), tokenFile, keysFile, "2"], { env: { ...process.env, PYTHONPATH: PACKAGE } });
    const statuses = stdout.trim().split("\n").map((line) => decodeBundleStatus(new TextEncoder().encode(canonicalJson(JSON.parse(line) as Json))));
    assert.deepEqual(statuses.map(({ state, asHanded }) => [state, asHanded]), [["reported", true], ["reported", true]]);
    await oracle.stop();
  });

  it("is signed in to by the example of docs/adapters.md, in Python", { skip: withoutPython }, async () => {
    const account = privateKeyToAccount(`0x${"5e".repeat(32)}`);
    const oracle = await there.start({ sessions: { aggregators: [account.address] } });
    const [keyFile, program] = [path.join(there.world.dir, "key.txt"), path.join(there.world.dir, "sign-in.py")];
    const page = await readFile(new URL("../../../docs/adapters.md", import.meta.url), "utf8");
    const [, example = ""] = /```python\n([\s\S]*?)```/.exec(page) ?? [];
    await Promise.all([writeFile(keyFile, `0x${"5e".repeat(32)}\n`), writeFile(program, example)]);
    const { stdout } = await promisify(execFile)(python ?? "", [program, oracle.url, keyFile]);
    const { account: named, role } = JSON.parse(stdout) as { account: string; role: string };
    assert.deepEqual([named, role], [account.address, "aggregator"]);
    await oracle.stop();
  });

  it("answers every route as its OpenAPI document says", async () => {
    const [aggregator, contributor] = [privateKeyToAccount(`0x${"5a".repeat(32)}`), there.sites[0]?.signer];
    assert.ok(contributor);
    const oracle = await there.start({ sessions: { aggregators: [aggregator.address] } });
    const [handing, reading] = [await signIn(oracle.url, aggregator), await signIn(oracle.url, contributor)];
    const document = JSON.parse(new TextDecoder().decode((await ask(oracle.url, "/v1/openapi.json", { token: null })).bytes)) as OpenApi;
    const { federation } = there.world;
    const made = await makeBundle(await there.open(oracle.url), await there.model(oracle.url, 0), there.sites);
    const unknown = `0x${"00".repeat(32)}`;
    // Each route with what it answers when all is well, and what it refuses.
    const cases: readonly (readonly [string, string, string, RequestOptions, number])[] = [
      ["get", "/v1/openapi.json", "/v1/openapi.json", {}, 200],
      ["get", "/v1/federations/{federation}/round", `/v1/federations/${federation}/round`, {}, 200],
      ["get", "/v1/federations/{federation}/round", `/v1/federations/${federation}/round`, { token: "wrong" }, 401],
      ["get", "/v1/federations/{federation}/round", "/v1/federations/77/round", {}, 404],
      ["get", "/v1/sessions/nonce", "/v1/sessions/nonce", { token: null }, 200],
      ["post", "/v1/sessions", "/v1/sessions", { token: null, body: "{}" }, 400],
      ["post", "/v1/sessions", "/v1/sessions", { token: null, body: "x".repeat(10_000) }, 413],
      ["post", "/v1/sessions", "/v1/sessions", { token: null, body: '{"message":"","signature":"0x"}' }, 401],
      ["get", "/v1/sessions", "/v1/sessions", { token: handing }, 200],
      ["get", "/v1/sessions", "/v1/sessions", { token: null }, 401],
      ["delete", "/v1/sessions", "/v1/sessions", { token: handing }, 204],
      ["delete", "/v1/sessions", "/v1/sessions", { token: handing }, 401],
      ["put", "/v1/bundles/{digest}/{file}", `/v1/bundles/${made.digest}/metrics.json`, { body: "{}", token: reading }, 403],
      ["get", "/v1/federations/{federation}/rounds/{round}/model", `/v1/federations/${federation}/rounds/0/model`, {}, 200],
      ["get", "/v1/federations/{federation}/rounds/{round}/model", `/v1/federations/${federation}/rounds/9999/model`, {}, 404],
      ["put", "/v1/bundles/{digest}/{file}", `/v1/bundles/${made.digest}/metrics.json`, { body: "{}" }, 200],
      ["put", "/v1/bundles/{digest}/{file}", `/v1/bundles/${made.digest}/run.sh`, { body: "{}" }, 400],
      ["put", "/v1/bundles/{digest}/{file}", `/v1/bundles/${made.digest}/model.bin`, { body: "x".repeat(10_000) }, 413],
      ["get", "/v1/bundles/{digest}", `/v1/bundles/${made.digest}`, {}, 200],
      ["get", "/v1/bundles/{digest}", `/v1/bundles/${unknown}`, {}, 404],
      ["get", "/v1/bundles/{digest}", "/v1/bundles/1", {}, 400],
      ["post", "/v1/bundles/{digest}", `/v1/bundles/${made.digest}`, {}, 422],
      ["post", "/v1/bundles/{digest}", `/v1/bundles/${unknown}`, {}, 404],
    ];
    const asked = new Set<string>();
    for (const [method, route, address, options, status] of cases) {
      const answer = await ask(oracle.url, address, { method: method.toUpperCase(), ...options });
      assert.equal(answer.status, status, `${method} ${address}: ${answer.message}`);
      const said = document.paths[route]?.[method]?.responses[status];
      assert.ok(said, `${method} ${route} does not say that it answers ${status}`);
      if (answer.code !== null) assert.ok(said.description.includes(`\`${answer.code}\``), `${method} ${route} does not name ${answer.code}`);
      const [type = "", body] = Object.entries(said.content ?? {})[0] ?? [];
      assert.equal(answer.type, type);
      const name = body?.schema?.$ref?.split("/").at(-1);
      if (name !== undefined) for (const field of document.components.schemas[name]?.required ?? [`no schema ${name}`]) assert.ok(field in (JSON.parse(new TextDecoder().decode(answer.bytes)) as object), `${name} without ${field}`);
      asked.add(`${method} ${route}`);
    }
    assert.deepEqual(asked, new Set(Object.entries(document.paths).flatMap(([route, methods]) => Object.keys(methods).map((method) => `${method} ${route}`))));
    await oracle.stop();
  });

  it("follows rounds to finality, settles them, and everything audits", async () => {
    const oracle = await there.start();
    const open = await there.open(oracle.url);
    const made = await makeBundle(open, await there.model(oracle.url, open.parent.round), there.sites);
    await handOver(oracle.url, made);
    await reach(oracle.url, made.digest, "reported");
    await there.world.jump(2_001);
    assert.equal((await reach(oracle.url, made.digest, "final")).state, "final");
    const { kernel, federation, store } = there.world;
    for (let index = 1; index <= open.round; index++) {
      for (let account = await kernel.settlement.read.accountOf([federation]); account.nextIndex === index; account = await kernel.settlement.read.accountOf([federation])) {
        if (account.state === 1) await there.world.jump(2_001);
        await sleep(100);
      }
    }
    const facts = await readFacts(kernel, federation);
    const audit = await auditLedger({ facts, store, hashPairs: nativeHashPairs });
    assert.deepEqual(audit.findings, []);
    assert.ok(audit.ok);
    await oracle.stop();

    // What an operator reads of a few rounds is what everyone reads of them.
    assert.ok(facts.rounds.length > 2 && facts.settlements.length > 2);
    const bare = (round: RoundFacts): RoundFacts => ({ ...round, seats: [] });
    const last = facts.settlements.slice(-1).map((settlement) => ({ ...settlement, payees: [] }));
    for (const wanted of [[], ...facts.rounds.map(({ round }) => [round]), [1, 2, 3]]) {
      const { rounds, settlements, genesis, vault } = await readPart(kernel, federation, wanted);
      const parentsOf = (children: readonly number[]) => facts.rounds.filter(({ round }) => children.includes(round)).map(({ parentRound }) => parentRound);
      const ancestors = new Set([...parentsOf(wanted), ...parentsOf(parentsOf(wanted))]);
      const expected = facts.rounds.filter(({ round }) => wanted.includes(round) || ancestors.has(round)).map((round) => (wanted.includes(round.round) ? round : bare(round)));
      assert.deepEqual({ rounds, settlements, genesis, vault }, { rounds: expected, settlements: last, genesis: facts.genesis, vault: facts.vault });
    }
  });

  it("says the same open round as its file does, and 409 while a round is sealed", async () => {
    const oracle = await there.start();
    const { bytes } = await ask(oracle.url, `/v1/federations/${there.world.federation}/round`);
    assert.deepEqual(encodeOpenRound(decodeOpenRound(bytes)), bytes);
    await oracle.stop();
    await there.world.seal(await there.world.contribute());
    const sealed = await there.start();
    const answer = await ask(sealed.url, `/v1/federations/${there.world.federation}/round`);
    assert.deepEqual([answer.status, answer.code], [409, "round-not-open"]);
    await sealed.stop();
  });
});
