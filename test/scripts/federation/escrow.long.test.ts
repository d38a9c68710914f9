// Privacy mode B on a real chain, by the real commands: who reads what, a fault proven by an escrow holder, erasure, and the cards of the budget.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { encryptKeystoreJson } from "ethers";
import { privateKeyToAccount } from "viem/accounts";
import { erasureOf, isSignatureRight } from "../../../protocol/audit/erasure.ts";
import { aggregate, buildRoundBundle, createDomain, type Entry } from "../../../protocol/index.ts";
import { reportedRound } from "../../../protocol/ledger/expectations.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { ROUND_STATES } from "../../../protocol/ledger/states.ts";
import { createRegister, type Recipient } from "../../../protocol/privacy/escrow.ts";
import { createEscrowReader } from "../../../protocol/privacy/escrow-reader.ts";
import { parseEnvelope } from "../../../protocol/privacy/envelope.ts";
import { deriveEscrowKey, type EscrowKey } from "../../../protocol/privacy/key-slip.ts";
import { varianceFor } from "../../../protocol/privacy/privatise.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { startDevnet } from "../../../scripts/chain/devnet.ts";
import { readManifest, type Manifest } from "../../../scripts/chain/manifest.ts";
import { DERMATOLOGY_PATH, loadTable } from "../../../scripts/data/index.ts";
import { runRound, sealAll, type RoundOutcome } from "../../../scripts/federation/run-round.ts";
import { createSetting, type Setting } from "../../../scripts/federation/setting.ts";
import { openWorkspace } from "../../../scripts/federation/workspace.ts";
import { readOpenRound } from "../../../scripts/ledger/open-round.ts";
import { addressOf, collectQuorum } from "../../../scripts/operator/quorum.ts";
import { reportRound, type SealedRound } from "../../../scripts/operator/report-round.ts";
import { sealRound } from "../../../scripts/operator/seal-round.ts";
import { silentProgress } from "../../../scripts/output/progress.ts";
import { contributePrivately } from "../../../scripts/site/contribute.ts";
import { cryptoRandom } from "../../../scripts/site/random.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { createDiskStore, diskKeySlips, type KeySlips } from "../../../scripts/store/index.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");
const RHO = 1_000_000;
const CLIP = 4_000n;

/** Long enough for a slow machine to start a program in. */
const longWindows = (manifest: Manifest): Manifest => ({
  ...manifest,
  kernel: { ...manifest.kernel, rotationDelay: 10_000, unbondingPeriod: 60 * 6_000 },
  federation: { ...manifest.federation, forceWindow: 0, reportWindow: 2_000, challengeWindow: 2_000 },
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe("an escrowed federation", () => {
  let dir: string;
  let close: () => Promise<void>;
  let setting: Setting;
  let slips: KeySlips;
  let auditor: EscrowKey;
  let outcome: RoundOutcome;
  let password: string;

  /** The command line, as people run it. */
  const chongwen = (...args: string[]): Promise<Said> =>
    new Promise((resolve) => {
      execFile(process.execPath, [path.join(root, "scripts", "cli.ts"), ...args, "--dir", dir], { cwd: root }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });
  const audit = async (...args: string[]) => {
    const said = await chongwen("audit", "--json", ...args);
    const { data } = JSON.parse(said.out) as { data: { findings: { kind: string; message: string; subject: string }[] } };
    return { ...said, kinds: [...new Set(data.findings.map(({ kind }) => kind))], findings: data.findings };
  };
  const withKey = ["--escrow-key", "auditor.json", "--escrow-password-file", "password"];
  const keyArgs = (): string[] => withKey.map((arg) => (arg.startsWith("--") ? arg : path.join(dir, arg)));

  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-escrow-"));
    const devnet = await startDevnet(0);
    close = () => devnet.close();
    const manifest = await readManifest(path.join(root, "deploy", "manifests", "local.json"));
    const workspace = openWorkspace(dir);
    slips = diskKeySlips(workspace.keysDir, workspace.erasedDir);
    const operators = await Promise.all(manifest.operators.members.map(async ({ name, key }, i) => ({ name, account: key, escrow: await deriveEscrowKey(new Uint8Array(32).fill(i + 1)) })));
    const secret = `0x${"5e".repeat(32)}` as const;
    auditor = await deriveEscrowKey(Buffer.from(secret.slice(2), "hex"));
    password = path.join(dir, "password");
    await writeFile(password, "secret\n");
    await writeFile(path.join(dir, "auditor.json"), await encryptKeystoreJson({ address: privateKeyToAccount(secret).address, privateKey: secret }, "secret", { scrypt: { N: 1_024, r: 8, p: 1 } }));
    const recipients: Recipient[] = [
      ...operators.map(({ name, account, escrow }): Recipient => ({ role: "operator", name, account, publicKey: escrow.publicKey })),
      { role: "auditor", name: "Auditor", account: devAccount(30).address, publicKey: auditor.publicKey },
    ];
    setting = await createSetting({
      rpcUrl: devnet.url, manifest: longWindows(manifest), store: createDiskStore(workspace.storeDir),
      table: loadTable(DERMATOLOGY_PATH), seed: 1, progress: silentProgress,
      privacy: { noise: { clip: CLIP, sigmaSquared: varianceFor(BigInt(RHO), CLIP, "site"), unit: "site" }, rhoPerRound: RHO, cap: 3 * RHO, budget: () => 3 * RHO, random: cryptoRandom },
      escrow: { register: createRegister(recipients), keyOf: (operator) => operators.find(({ account }) => account === operator)?.escrow ?? assert.fail(operator), slips, random: cryptoRandom },
    });
    outcome = await runRound(setting, setting.model);
    await workspace.saveDeployment({ ...setting.kernel.deployment, rpcUrl: devnet.url });
  });
  after(async () => {
    await close();
    await rm(dir, { recursive: true, force: true });
  });

  it("counts every entry, whose payloads only readers of the escrow can open", async () => {
    assert(outcome.weights.every((weight) => weight > 0));
    assert.equal(outcome.report.excluded, 0n);
    const bundle = await setting.store.open(outcome.report.artefact);
    assert.deepEqual((await bundle.list()).filter((name) => name.startsWith("updates/") && !name.endsWith(".envelope")), []);
    assert.equal((await slips.list()).length, 5);
  });

  it("is escrowed to an audit without a key, and verified to one with an auditor's key file", async () => {
    const without = await audit();
    assert.deepEqual([without.code, without.kinds], [5, ["unverified"]]);
    assert(without.findings.every(({ message }) => message.startsWith("escrowed: not readable here")), JSON.stringify(without.findings));
    const reader = await audit(...keyArgs());
    assert.deepEqual([reader.code, reader.findings], [0, []], reader.err);
  });

  it("attack_keyOnTheCommandLine: there is no option that takes one", async () => {
    const { code, err } = await chongwen("audit", "--escrow-key", `0x${"5e".repeat(32)}`, "--escrow-password-file", password);
    assert.deepEqual([code, /cannot be read/.test(err)], [2, true], err);
  });

  describe("whose operators do wrong", () => {
    let sealed: SealedRound;
    const round = 2;

    before(async () => {
      const { kernel, federation, config, modelSpec, hospitals, privacy, escrow } = setting;
      const open = (await readOpenRound(kernel, federation)) ?? assert.fail();
      const domain = createDomain(kernel.deployment.chainId, kernel.rounds.address);
      const updates = new Map<number, Int16Array>();
      const entries: Entry[] = [];
      for (const { seat, keys } of hospitals) {
        if (seat === null) continue;
        const update = Int16Array.from({ length: 210 }, (_, i) => seat + i);
        const made = await contributePrivately({ signer: keys.signer, domain, context: open.context, seat, rho: RHO, update, noise: privacy?.noise ?? null, random: cryptoRandom });
        entries.push(made.entry);
        updates.set(seat, made.update);
      }
      const weighed = await sealRound(setting, open, entries);
      const envelopes = await sealAll(setting, escrow ?? assert.fail(), round, weighed, updates);
      sealed = {
        federation, round, sealAttempt: open.attempt, attempt: open.attempt, parentRound: open.parentRound, config, modelSpec, base: outcome.model, entries: weighed,
        updates, escrow: { register: escrow?.register ?? assert.fail(), envelopes },
      };
    });

    it("attack_reporterWithoutEscrowKey: an operator that cannot read signs nothing", async () => {
      const evaluate = () => ({ metrics: {}, evaluation: null });
      const parameters = { store: setting.store, hashPairs: nativeHashPairs, evaluate };
      await assert.rejects(reportRound(setting, { ...sealed, updates: new Map() }, parameters), { code: "envelope-key-missing" });
      const blind = createEscrowReader(await deriveEscrowKey(new Uint8Array(32).fill(99)), slips.get);
      await assert.rejects(reportRound(setting, sealed, { ...parameters, readerOf: () => blind }), { code: "quorum-missing" });
    });

    it("attack_auditorsAreTheOperators: a register in which an operator audits is refused before anybody signs", async () => {
      const register = { ...(sealed.escrow?.register ?? assert.fail()) };
      const recipients = register.recipients.map((recipient) => (recipient.role === "auditor" ? { ...recipient, account: setting.operators.map(addressOf)[0] ?? assert.fail() } : recipient));
      const posing = { ...sealed, escrow: { register: { ...register, recipients }, envelopes: new Map<number, Uint8Array>() } };
      await assert.rejects(reportRound(setting, posing, { store: setting.store, hashPairs: nativeHashPairs, evaluate: () => ({ metrics: {}, evaluation: null }) }), { code: "escrow-invalid" });
    });

    it("attack_wrongAggregateOfAnEscrowedRound: an auditor with a key proves it on chain, and who has none says escrowed", async () => {
      const { kernel, federation, transactor, relayer, operators, store } = setting;
      const model = aggregate(sealed.config.ruleId, sealed.config.ruleParam, sealed.base, sealed.entries.map(({ seat }) => sealed.updates.get(seat) ?? assert.fail()), sealed.entries.map(({ weight }) => weight));
      model[7] = (model[7] ?? 0) + 1;
      const { modelRoot: _, ...parent } = reportedRound(await readFacts(kernel, federation), sealed.parentRound) ?? assert.fail();
      const { chainId } = kernel.deployment;
      const bundle = buildRoundBundle({ ...sealed, chainId, ledger: kernel.rounds.address, parent, excluded: 0n, model, metrics: {}, hashPairs: nativeHashPairs });
      const artefact = await store.putDirectory(bundle.files);
      const report = { ...bundle.report, artefact };
      const quorum = await collectQuorum(kernel, operators, { domain: createDomain(chainId, kernel.rounds.address), name: "Report", value: report }, async () => Promise.resolve());
      const { modelRoot, metricsHash } = report;
      await transactor.send(relayer, { kind: "report", ...kernel.rounds, functionName: "report", args: [federation, { modelRoot, metricsHash, excluded: 0n, artefact }, quorum] });

      const stateOf = async (): Promise<string> => ROUND_STATES[(await kernel.rounds.read.roundOf([federation, round])).state] ?? "None";
      const outside = await chongwen("watch", "--once", "--account", "dev:40");
      assert.match(outside.out, /round 2 .*ESCROWED/, outside.err);
      assert.equal(await stateOf(), "Reported");
      const seen = await chongwen("watch", "--once", "--account", "dev:40", ...keyArgs());
      assert.equal(seen.code, 3, seen.err + seen.out);
      assert.match(seen.out, /lane 7/);
      assert.equal(await stateOf(), "Sealed", "overturned: it waits for another report");
    });
  });

  it("shows what its datasets have spent, with ε and its δ", async () => {
    const { code, out } = await chongwen("privacy", "--dataset", "1");
    assert.equal(code, 0);
    assert.match(out, /dataset 1: ρ 0\.00[12]000 of 0\.003000 spent.*at δ = 0\.00001 \(federation 1 seat 0/);
    assert.match(out, /attested/);
  });

  it("makes a reader's key file, and never over another", async () => {
    const file = path.join(dir, "new.json");
    const args = ["escrow", "key", "--keystore", file, "--password-file", password];
    const run = (...more: string[]): Promise<Said> => new Promise((resolve) => execFile(process.execPath, [path.join(root, "scripts", "cli.ts"), ...args, ...more], (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err })));
    const made = await run("--new", "--json");
    assert.equal(made.code, 0, made.err);
    assert.equal((await run("--new")).code, 2);
    assert.equal(JSON.parse((await run("--json")).out).data.publicKey, JSON.parse(made.out).data.publicKey);
    assert(!made.out.includes(JSON.stringify(await readFile(file, "utf8"))));
  });

  const ERASE = ["artefact", "erase", "--round", "1", "--seat", "2", "--basis", "consent withdrawn", "--stated-by", "Hospital C", "--account", "dev:3"];

  it("erases a seat's key and payload by command, and an audit says erased, not mismatch", async () => {
    await cp(path.join(dir, "store"), path.join(dir, "copy"), { recursive: true });
    const { artefact } = outcome.report;
    const envelope = parseEnvelope(await (await setting.store.open(artefact)).read("updates/2.envelope"));
    const slip = (await slips.get(envelope.id)) ?? assert.fail();

    const before = (await slips.list()).length;
    const dry = await chongwen(...ERASE, "--dry-run");
    assert.deepEqual([dry.code, dry.err, (await slips.list()).length], [0, "", before]);
    const { code, out, err } = await chongwen(...ERASE, "--json");
    assert.equal(code, 0, err);
    const { data } = JSON.parse(out) as { data: { keys: number; blocks: number; statements: string[] } };
    assert.deepEqual([data.keys, data.blocks, data.statements.length], [1, 1, 2]);
    assert.equal((await slips.list()).length, before - 1);

    const statement = erasureOf(JSON.parse(await readFile(data.statements[0] ?? "", "utf8")), artefact) ?? assert.fail();
    assert.deepEqual([await isSignatureRight(statement), statement.signed?.signer], [true, devAccount(3).address]);
    assert.equal(await isSignatureRight({ ...statement, basis: "another" }), false);

    for (const args of [[], keyArgs()]) {
      const seen = await audit(...args, "--round", "1");
      assert.equal(seen.code, 5, JSON.stringify(seen.findings));
      assert(!seen.kinds.includes("mismatch"));
      const erased = seen.findings.filter(({ kind }) => kind === "erased");
      assert.equal(erased.length, 1, JSON.stringify(seen.findings));
      assert.match(erased[0]?.message ?? "", /updates\/2\.envelope .* erased .*consent withdrawn.*Hospital C \(signed by 0x/);
    }

    // Somebody kept a copy of the envelope: without the slip it is noise, even to the auditor, and the audit still says erased.
    const kept = await audit(...keyArgs(), "--round", "1", "--store", path.join(dir, "copy"));
    assert.deepEqual([kept.code, kept.kinds], [5, ["erased"]], JSON.stringify(kept.findings));
    // A reader who kept a copy of the slip as well can read: erasure reaches what we hold.
    const { register } = setting.escrow ?? assert.fail();
    const about = { chainId: 31_337, ledger: setting.kernel.rounds.address, federation: 1, round: 1, seat: 2, updateRoot: envelope.header.updateRoot };
    const copied = await (await createDiskStore(path.join(dir, "copy")).open(artefact)).read("updates/2.envelope");
    assert.equal((await createEscrowReader(auditor, async () => await Promise.resolve(slip)).open(copied, about, register)).slipProblem, null);
  });

  it("erases again without harm, refuses without a signature, and erases a whole artefact", async () => {
    assert.equal((await chongwen(...ERASE)).code, 0);
    assert.equal((await chongwen(...ERASE.slice(0, -2))).code, 4);
    assert.equal((await chongwen("artefact", "erase", "--basis", "x", "--stated-by", "y", "--account", "dev:3")).code, 2);
    const card = await setting.store.putFile(new TextEncoder().encode("a card that is in no other artefact"));
    const { code, out, err } = await chongwen("artefact", "erase", card, "--basis", "consent withdrawn", "--stated-by", "Hospital C", "--account", "dev:3", "--json");
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out).data.blocks, 2);
    assert.equal(await setting.store.has(card), false);
    assert((await setting.store.verifyAll(outcome.report.artefact)).findings.length === 1, "nothing else went with it");
  });

  it("attack_statementCoversUpAChange: it is believed only of what is missing, and only with its own signature", async () => {
    const { artefact } = outcome.report;
    const file = path.join(dir, "erased", `${artefact}.updates-2.envelope.json`);
    const forged = { ...JSON.parse(await readFile(file, "utf8")), statedBy: "Somebody else" };
    const good = await readFile(file);
    await writeFile(file, JSON.stringify(forged));
    const seen = await audit("--round", "1");
    await writeFile(file, good);
    assert(!seen.kinds.includes("erased"), JSON.stringify(seen.findings));
    assert.equal(seen.code, 5);
  });
});
