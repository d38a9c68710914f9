// An operator's escrow key as its service opens it: from an encrypted file, with the slips of a folder.
import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { it } from "node:test";
import { encryptKeystoreJson } from "ethers";
import { hexToBytes } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { commitUpdate, int16Of } from "../../../../protocol/index.ts";
import { createRegister } from "../../../../protocol/privacy/escrow.ts";
import { deriveEscrowKey } from "../../../../protocol/privacy/key-slip.ts";
import { openEscrowKey } from "../../../../scripts/oracle/service/escrow.ts";
import { createSecrets } from "../../../../scripts/oracle/service/secrets.ts";
import { sealUpdate } from "../../../../scripts/site/escrow.ts";
import { cryptoRandom } from "../../../../scripts/site/random.ts";
import { diskKeySlips } from "../../../../scripts/store/index.ts";

it("opens what was wrapped for it once the slip is there, and refuses a password that everybody may read", async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-escrow-key-"));
  try {
    const at = (name: string): string => path.join(dir, name);
    const secret = `0x${"5e".repeat(32)}` as const;
    await writeFile(at("key.json"), await encryptKeystoreJson({ address: privateKeyToAccount(secret).address, privateKey: secret }, "a password", { scrypt: { N: 1_024, r: 8, p: 1 } }));
    await writeFile(at("password"), "a password\n", { mode: 0o600 });
    const [own, auditor] = [await deriveEscrowKey(hexToBytes(secret)), await deriveEscrowKey(new Uint8Array(32).fill(9))];
    const account = (digit: string): `0x${string}` => `0x${digit.repeat(40)}`;
    const register = createRegister([{ role: "operator", name: "A", account: account("1"), publicKey: own.publicKey }, { role: "auditor", name: "B", account: account("2"), publicKey: auditor.publicKey }]);
    const update = Int16Array.from({ length: 210 }, (_, i) => i - 100);
    const context = { chainId: 31337, ledger: account("3"), federation: 1, round: 1, seat: 0, updateRoot: commitUpdate(update).updateRoot };
    const sealedInto = diskKeySlips(at("elsewhere"), at("erased"));
    const envelope = await sealUpdate({ update, context, register, slips: sealedInto, random: cryptoRandom });
    const secrets = createSecrets(() => undefined);
    const config = { federation: 1, keystore: at("key.json"), passwordFile: at("password"), slips: at("slips") };
    const reader = await openEscrowKey(config, dir, secrets);
    await assert.rejects(reader.open(envelope, context, register), { code: "envelope-key-missing" });
    const [id] = await sealedInto.list();
    assert.ok(id !== undefined);
    await diskKeySlips(at("slips"), at("erased")).put(id, (await sealedInto.get(id)) ?? assert.fail());
    const opened = await reader.open(envelope, context, register);
    assert.deepEqual([int16Of(opened.payload), opened.slipProblem], [update, null]);
    assert.equal(secrets.scrub(`the key is ${secret}`), "the key is [redacted]");
    await chmod(at("password"), 0o644);
    await assert.rejects(openEscrowKey(config, dir, secrets), { code: "secret-exposed" });
    await assert.rejects(openEscrowKey({ ...config, keystore: at("nothing") }, dir, secrets), { code: "secret-unreadable" });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
