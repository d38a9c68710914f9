// A remote signer that is not ours: clef signs an operator's statements and the payer's transactions of a whole round. CHONGWEN_CLEF names the program; `.ci/run` builds it where there is a Go toolchain (tools/ci/clef.ts).
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ChongwenError } from "../../../../protocol/errors.ts";
import type { BundleStatus } from "../../../../protocol/handover/bundle-status.ts";
import { devAccount } from "../../../../scripts/chain/dev-accounts.ts";
import { writeKeystore } from "../../../../scripts/flower/keystore.ts";
import { freePorts } from "../../../../scripts/flower/processes/ports.ts";
import { createRemoteSigner } from "../../../../scripts/oracle/service/remote-signer.ts";
import { makeBundle } from "../aggregator.ts";
import { handOver, reach, startOracleWorld, TOKEN, type OracleWorld } from "../support.ts";
import { spawnService, writeConfig, writeDeployment, type ServiceProcess } from "./process.ts";

const binary = process.env["CHONGWEN_CLEF"];
const MASTER = "the master password of a test";
const PASSWORD = "the keystore's password of a test";
const [operator, payer] = [devAccount(1), devAccount(9)];

describe("clef", { skip: binary === undefined && "NOT RUN: CHONGWEN_CLEF is not set" }, () => {
  let there: OracleWorld;
  let url: string;
  let audit: string;
  const started: { clef?: ChildProcess; service?: ServiceProcess } = {};

  /** As the runbook says: a master seed, rules that are attested, and the keys' passwords. */
  before(async () => {
    there = await startOracleWorld();
    const { dir, kernel } = there.world;
    const at = (name: string) => path.join(dir, name);
    for (const name of ["keys", "clef"]) await mkdir(at(name), { mode: 0o700 });
    for (const account of [operator, payer]) await writeKeystore(at(`keys/${account.address}`), account, PASSWORD);
    const ledger = Object.values(kernel.deployment.contracts).filter((value) => typeof value === "string");
    const rules = `
      var ledger = ${JSON.stringify(ledger.map((address) => address.toLowerCase()))};
      function OnSignerStartup() {}
      function ApproveListing() { return "Reject"; }
      function ApproveSignData(request) { return request.content_type === "data/typed" ? "Approve" : "Reject"; }
      function ApproveTx(request) { return ledger.indexOf(String(request.transaction.to).toLowerCase()) >= 0 ? "Approve" : "Reject"; }`;
    await writeFile(at("rules.js"), rules);
    const common = ["--configdir", at("clef"), "--keystore", at("keys"), "--chainid", String(kernel.deployment.chainId), "--suppress-bootwarn", "--nousb"];
    const attest = createHash("sha256").update(rules).digest("hex");
    for (const [command, ...lines] of [[["init"], MASTER, MASTER], [["attest", attest], MASTER], [["setpw", operator.address], PASSWORD, PASSWORD, MASTER], [["setpw", payer.address], PASSWORD, PASSWORD, MASTER]] as const) {
      const once = spawn(binary ?? "", [...common, ...command], { stdio: ["pipe", "ignore", "ignore"] });
      once.stdin.end(`${lines.join("\n")}\n`);
      assert.equal(await new Promise((resolve) => once.on("close", resolve)), 0, command.join(" "));
    }
    const [port = 0] = await freePorts(1);
    url = `http://127.0.0.1:${port}/`;
    audit = at("audit.log");
    const clef = spawn(binary ?? "", [...common, "--advanced", "--http", "--http.addr", "127.0.0.1", "--http.port", String(port), "--ipcdisable", "--rules", at("rules.js"), "--auditlog", audit], { stdio: ["pipe", "ignore", "ignore"] });
    started.clef = clef;
    clef.stdin.write(`${MASTER}\n`);
    for (const end = Date.now() + 60_000; (await fetch(url).catch(() => null)) === null; await sleep(100)) assert.ok(Date.now() < end && clef.exitCode === null, "clef does not come up");
  });
  after(async () => {
    // Not killed outright: the launcher would leave its child behind.
    started.service?.child.kill();
    await started.service?.exited;
    started.clef?.kill();
    await there.close();
  });

  it("signs for an operator and for the payer, and the round stands", async () => {
    const { dir, kernel, storeDir, federation } = there.world;
    const at = (name: string) => path.join(dir, name);
    await writeFile(at("token"), `${TOKEN}\n`, { mode: 0o600 });
    const key = (account: typeof operator) => ({ signer: url, dialect: "clef" as const, address: account.address });
    const others = [2, 3].map((index) => ({ account: `dev:${index}` }));
    started.service = spawnService(await writeConfig(at("service"), await writeDeployment(at("deployment.json"), kernel.deployment), {
      tokenFile: at("token"), store: { dir: storeDir }, endpoints: { urls: [kernel.rpcUrl] }, operators: [key(operator), ...others], payer: key(payer),
    }));
    const oracle = String((await started.service.says("serving"))["url"]);
    const open = await there.open(oracle);
    const made = await makeBundle(open, await there.model(oracle, open.parent.round), there.sites);
    await handOver(oracle, made);
    // A key is decrypted for every signature, which takes a busy machine seconds.
    const recorded = async (until: number): Promise<BundleStatus> => reach(oracle, made.digest, "reported", "refused").catch((error: unknown) => (Date.now() < until ? recorded(until) : Promise.reject(error)));
    const status = await recorded(Date.now() + 120_000);
    assert.deepEqual([status.state, status.asHanded], ["reported", true], JSON.stringify(status.problem));
    const [event] = await kernel.client.getContractEvents({ ...kernel.rounds, eventName: "RoundReported", args: { federation, round: open.round }, fromBlock: 0n, strict: true });
    assert.ok(event);
    assert.equal((await kernel.client.getTransaction({ hash: event.transactionHash })).from, payer.address.toLowerCase());
    const signed = await readFile(audit, "utf8");
    // Three operators are the threshold: none could be spared.
    for (const what of ["SignTypedData", "SignTransaction"]) assert.ok(signed.split("\n").filter((line) => line.includes(what) && line.includes("response")).length >= 2, `${what}:\n${signed}`);
  });

  it("refuses what its rules do not allow, and the oracle's side says so", async () => {
    const account = createRemoteSigner({ url, address: operator.address, token: null, dialect: "clef" });
    const refused = (error: unknown): boolean => error instanceof ChongwenError && error.code === "signer-refused" && error.retryable;
    await assert.rejects(account.signMessage({ message: "a login" }), refused);
    await assert.rejects(account.signTransaction({ type: "eip1559", chainId: 31_337, nonce: 0, to: devAccount(7).address, value: 1n, gas: 21_000n, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n }), refused);
    const asWeb3Signer = createRemoteSigner({ url, address: operator.address, token: null });
    await assert.rejects(asWeb3Signer.signMessage({ message: "a login" }), (error: unknown) => refused(error) && /does not exist/.test(String(error)));
  });
});
