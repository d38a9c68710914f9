// What a configuration may say, and what is said of one that is wrong.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { ChongwenError } from "../../../../protocol/errors.ts";
import { configSchema, type OracleConfigInput } from "../../../../scripts/oracle/service/config.ts";
import { parseOracleConfig, readOracleConfig } from "../../../../scripts/oracle/service/read-config.ts";
import { fieldsOf } from "../../../../scripts/oracle/service/schema-fields.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..", "..");
const example = path.join(root, "deploy", "oracle", "oracle.example.json");
const minimal: OracleConfigInput = {
  format: "chongwen-oracle-config", version: 1, deployment: "d.json", federations: [1], operators: [{ keystore: "k.json", passwordFile: "p" }], dir: "state", store: { dir: "store" },
};

/** The message of the error that a configuration is refused with. */
function refusal(value: unknown): string {
  try {
    parseOracleConfig(value);
  } catch (error) {
    assert.ok(error instanceof ChongwenError && error.code === "oracle-config-invalid", String(error));
    return error.message;
  }
  return assert.fail(`was taken: ${JSON.stringify(value)}`);
}

/** The same with what `change` does to a copy. */
function changed(change: (copy: Record<string, unknown>) => void): unknown {
  const copy = structuredClone(minimal) as unknown as Record<string, unknown>;
  change(copy);
  return copy;
}

describe("the oracle's configuration", () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-config-"));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it("reads the example, and every optional part that it shows", async () => {
    const config = await readOracleConfig(example);
    assert.equal(config.endpoints?.agree, 2);
    assert.equal(config.deployment, path.join(root, "deploy", "oracle", "deployment.json"));
    assert.equal(config.operators[0]?.keystore, path.join(root, "deploy", "oracle", "operator-keystore"));
    assert.equal(config.dir, "/var/lib/chongwen-oracle");
  });

  it("fills in what is left out", () => {
    const { listen, monitor, limits, log } = parseOracleConfig(minimal);
    assert.deepEqual([listen, monitor, log], [{ host: "127.0.0.1", port: 8091, names: [] }, { port: 8092 }, { level: "info" }]);
    assert.deepEqual([limits.confirmations, limits.maxGasPriceGwei, limits.graceSeconds], [64, "200", 30]);
  });

  it("names a field that does not exist and the nearest that does, wherever it stands", () => {
    assert.match(refusal({ ...minimal, federation: [1] }), /there is no field federation; did you mean federations\?/);
    assert.match(refusal({ ...minimal, limits: { quotabytes: 1 } }), /no field limits\.quotabytes; did you mean quotaBytes\?/);
    assert.match(refusal(changed((copy) => (copy["operators"] = [{ keystore: "k", passwordfile: "p" }]))), /no field operators\.0\.passwordfile; did you mean passwordFile\?/);
    assert.match(refusal({ ...minimal, listen: { prot: 1 } }), /no field listen\.prot; did you mean port\?/);
    assert.match(refusal({ ...minimal, checkpoint: { block: { numer: 1, hash: "0x" } } }), /checkpoint\.block/);
    assert.match(refusal({ ...minimal, zzzzzzzzzzzz: 1 }), /no field zzzzzzzzzzzz; known are format, version/);
  });

  it("refuses every field of a wrong type, and every required one that is missing, by its name", () => {
    for (const [name, value] of Object.entries(minimal)) {
      const without = changed((copy) => delete copy[name]);
      assert.match(refusal(without), new RegExp(name), `without ${name}`);
      for (const wrong of [null, true, -1, 1.5, {}, [null], "\0".repeat(5000)]) {
        if (name === "store" && wrong === value) continue;
        assert.match(refusal(changed((copy) => (copy[name] = wrong))), new RegExp(name), `${name} = ${JSON.stringify(wrong).slice(0, 40)}`);
      }
    }
    for (const wrong of [null, [], "text", 7, true]) assert.match(refusal(wrong), /value: /);
  });

  it("wants one kind of key, and all of it", () => {
    const key = (value: object) => refusal({ ...minimal, operators: [value] });
    const address = `0x${"ab".repeat(20)}`;
    assert.match(key({}), /exactly one of keystore, signer and account/);
    assert.match(key({ keystore: "k", passwordFile: "p", account: "dev:1" }), /exactly one/);
    assert.match(key({ keystore: "k" }), /keystore and passwordFile go together/);
    assert.match(key({ signer: "http://127.0.0.1:9000" }), /signer and address go together/);
    assert.match(key({ account: "dev:1", tokenFile: "t" }), /tokenFile goes with signer/);
    assert.match(key({ signer: "file:///etc/passwd", address }), /http/);
    assert.match(key({ privateKey: `0x${"11".repeat(32)}` }), /no field operators\.0\.privateKey/);
  });

  it("wants a majority of different endpoints", () => {
    const urls = ["http://a.example", "http://b.example"];
    assert.match(refusal({ ...minimal, endpoints: { urls, agree: 1 } }), /1 of 2 are no majority/);
    assert.match(refusal({ ...minimal, endpoints: { urls, agree: 3 } }), /3 of 2 are no majority/);
    assert.match(refusal({ ...minimal, endpoints: { urls: [...urls, urls[0]], agree: 2 } }), /named twice/);
  });

  it("does not repeat a broken file, which may hold an endpoint's key", async () => {
    const file = path.join(dir, "broken.json");
    await writeFile(file, `{ "endpoints": { "urls": ["https://rpc.example/v3/verysecret"] } ,,, }`);
    await assert.rejects(readOracleConfig(file), (error: unknown) => error instanceof ChongwenError && /is not JSON/.test(error.message) && !String(error.stack).includes("verysecret") && error.cause === undefined);
    await assert.rejects(readOracleConfig(path.join(dir, "none.json")), /cannot be read/);
  });

  it("has every field in the runbook as it is in the schema", async () => {
    const runbook = await readFile(path.join(root, "docs", "runbooks", "oracle.md"), "utf8");
    const rows = fieldsOf(configSchema).map(({ path: name, what, needed, byDefault }) => `| \`${name}\` | ${needed ? "needed" : byDefault === null ? "" : `\`${byDefault}\``} | ${what} |`);
    assert.ok(rows.every((row) => !row.endsWith("|  |")), "every field says what it is");
    assert.deepEqual(rows.filter((row) => !runbook.includes(`${row}\n`)), []);
    const documented = runbook.split("\n").filter((line) => /^\| `[a-zA-Z.[\]]+` \| (needed|`.*`)? ?\| /.test(line));
    assert.deepEqual(documented.filter((line) => !rows.includes(line)), []);
  });
});
