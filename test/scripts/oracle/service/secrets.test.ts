// What is secret is read from files that others cannot read, and is written nowhere, whatever form it comes in.
import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { HttpRequestError } from "viem";
import { ChongwenError } from "../../../../protocol/errors.ts";
import { devAccount } from "../../../../scripts/chain/dev-accounts.ts";
import { writeKeystore } from "../../../../scripts/flower/keystore.ts";
import { openKey } from "../../../../scripts/oracle/service/keys.ts";
import { createLog } from "../../../../scripts/oracle/service/logs.ts";
import { createSecrets } from "../../../../scripts/oracle/service/secrets.ts";

const PASSWORD = 'pass"word\\of a test';
const TOKEN = "0123456789abcdef0123456789abcdef";
const URLS = ["https://user:p%40ssw0rd@rpc.example/v3/a-key-in-the-path?apikey=a-key-in-the-query", "http://127.0.0.1:8545"];

describe("secrets of an oracle's service", () => {
  let dir: string;
  const file = (name: string) => path.join(dir, name);
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-secrets-"));
    await writeFile(file("password"), `${PASSWORD}\n`, { mode: 0o600 });
    await writeFile(file("token"), TOKEN, { mode: 0o600 });
    await writeKeystore(file("key.json"), devAccount(1), PASSWORD);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it("are in no line of a log: not as text, as JSON, in an error or by their names", async () => {
    const secrets = createSecrets(() => undefined);
    await secrets.read(file("token"));
    const account = await openKey({ keystore: file("key.json"), passwordFile: file("password") }, 1, secrets);
    assert.equal(account.address, devAccount(1).address);
    for (const url of URLS) secrets.addUrl(url);
    const key = Buffer.from(devAccount(1).getHdKey().privateKey ?? []).toString("hex");
    const all = [PASSWORD, TOKEN, key, "p%40ssw0rd", "p@ssw0rd", "a-key-in-the-path", "a-key-in-the-query"];
    for (const pretty of [false, true]) {
      const lines: string[] = [];
      const log = createLog({ level: "trace", pretty, secrets, write: (line) => void lines.push(line) }).child({ module: "test" });
      for (const secret of all) {
        log.info(`it is ${secret}, and that was it`);
        log.warn({ detail: { deep: [secret] } }, "deep");
        log.error(new Error(`failed with ${secret}`));
      }
      for (const url of URLS) log.warn(new HttpRequestError({ url, details: "no", body: { jsonrpc: "2.0" } }), "endpoint");
      log.info({ password: "unknown-one", config: { token: "unknown-two", authorization: "Bearer unknown-three" } }, "by name");
      const text = lines.join("");
      assert.ok(text.includes("[redacted]") && text.includes("rpc.example"));
      for (const secret of [...all, JSON.stringify(PASSWORD).slice(1, -1), "unknown-one", "unknown-two", "unknown-three"]) assert.ok(!text.includes(secret), `${secret} stands in:\n${text}`);
      if (!pretty) for (const line of lines) JSON.parse(line);
    }
  });

  it("lie in files that others cannot read, or are refused", { skip: process.platform === "win32" }, async () => {
    const warnings: string[] = [];
    const secrets = createSecrets((message) => void warnings.push(message));
    for (const mode of [0o604, 0o644, 0o606]) {
      await chmod(file("token"), mode);
      await assert.rejects(secrets.read(file("token")), (error: unknown) => error instanceof ChongwenError && error.code === "secret-exposed" && error.fix.includes("chmod 600"));
    }
    await chmod(file("token"), 0o640);
    assert.equal(await secrets.read(file("token")), TOKEN);
    assert.deepEqual(warnings, [`A group of users may read ${file("token")}.`]);
    await assert.rejects(secrets.read(file("none")), (error: unknown) => error instanceof ChongwenError && error.code === "secret-unreadable");
  });

  it("open nothing when they are wrong, and a public key opens no real chain", async () => {
    const secrets = createSecrets(() => undefined);
    await writeFile(file("wrong"), "another password", { mode: 0o600 });
    await assert.rejects(openKey({ keystore: file("key.json"), passwordFile: file("wrong") }, 1, secrets), (error: unknown) => error instanceof ChongwenError && error.code === "keystore-locked");
    await assert.rejects(openKey({ account: "dev:1" }, 1, secrets), (error: unknown) => error instanceof ChongwenError && error.code === "key-public");
    assert.equal((await openKey({ account: "dev:1" }, 31337, secrets)).address, devAccount(1).address);
  });
});
