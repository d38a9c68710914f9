// The oracle's OpenAPI document, taken at its word by schemathesis: whatever it makes of it, no answer is a failure, undocumented, or not of its schema. CHONGWEN_SCHEMATHESIS names the program; `.ci/run` installs it where there is Python (tools/ci/openapi.ts).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { makeBundle } from "../aggregator.ts";
import { signIn, jsonOf } from "../sign-in.ts";
import { ask, handOver, reach, startOracleWorld, TOKEN, type OracleWorld } from "../support.ts";

const binary = process.env["CHONGWEN_SCHEMATHESIS"];
/** Of its checks: not that another method is 405 (what is no route is not there), nor that what fits a schema is taken, since a bundle can be wrong in more ways than a schema says. */
const CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance", "missing_required_header", "ignored_auth"];
const EACH = "10";

interface Document {
  readonly paths: Record<string, Record<string, { readonly parameters?: { readonly name: string }[] }>>;
}

describe("schemathesis", { skip: binary === undefined && "NOT RUN: CHONGWEN_SCHEMATHESIS is not set" }, () => {
  let there: OracleWorld;
  let url: string;
  let document: string;
  let operations: number;
  const aggregator = privateKeyToAccount(`0x${"5a".repeat(32)}`);
  before(async () => {
    there = await startOracleWorld();
    ({ url } = await there.start({ sessions: { aggregators: [aggregator.address], origin: null } }));
    const open = await there.open(url);
    const made = await makeBundle(open, await there.model(url, open.parent.round), there.sites);
    await handOver(url, made);
    await reach(url, made.digest, "reported", "refused");
    // What there is, so that more is seen than that nothing is there.
    const examples: Record<string, unknown> = { federation: String(there.world.federation), round: "1", digest: made.digest, file: "manifest.json" };
    const { paths, ...rest } = jsonOf<Document>(await ask(url, "/v1/openapi.json", { token: null }));
    for (const methods of Object.values(paths)) {
      for (const operation of Object.values(methods)) for (const parameter of operation.parameters ?? []) Object.assign(parameter, { example: examples[parameter.name] });
    }
    operations = Object.values(paths).flatMap((methods) => Object.keys(methods)).length;
    document = path.join(there.world.dir, "openapi.json");
    await writeFile(document, JSON.stringify({ ...rest, paths }));
  });
  after(() => there.close());

  /** @returns What it says at the end. */
  async function passes(token: string | null): Promise<string> {
    const header = token === null ? [] : ["--header", `Authorization: Bearer ${token}`];
    const args = ["run", document, "--url", url, "--phases", "examples,coverage,fuzzing", "--checks", CHECKS.join(), "--max-examples", EACH, "--seed", "1", "--no-shrink", "--continue-on-failure", "--request-timeout", "20", "--warnings", "off", ...header];
    const child = spawn(binary ?? "", args, { cwd: there.world.dir, env: { ...process.env, NO_PROXY: "127.0.0.1", PYTHONIOENCODING: "utf-8" }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void (output += chunk.toString()));
    const status = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(status, 0, output);
    return output;
  }

  it("finds no answer that the document does not describe: for who has the token, a session, or nothing", async () => {
    const before = there.warnings.length;
    for (const token of [TOKEN, await signIn(url, aggregator), null]) {
      const output = await passes(token);
      assert.ok(output.includes(`${operations} selected / ${operations} total`), output);
      const [, generated, passed] = /(\d+) generated, (\d+) passed/.exec(output) ?? [];
      assert.ok(Number(generated) > 100, output);
      assert.equal(passed, generated, output);
    }
    assert.deepEqual(there.warnings.slice(before), [], "nothing unexpected happened inside either");
  });
});
