// The commands as a shell sees them: options, exit codes, nothing sent.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { ChongwenError } from "../../../protocol/errors.ts";
import { importCard, type ImportCardOptions } from "../../../scripts/commands/import-card.ts";
import { README } from "../../protocol/cards/hub-card.ts";

const cli = path.resolve(import.meta.dirname, "..", "..", "..", "scripts", "cli.ts");
const run = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => execFile(process.execPath, [cli, ...args], (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err })));

/** The command without the process around it, which takes seconds to start. @returns The code of its refusal */
async function refusal(file: string, options: Partial<ImportCardOptions>): Promise<string> {
  const quiet = { write: () => undefined };
  return importCard(file, { dir: "none", json: true, dryRun: true, ...options }, { out: quiet, err: quiet }).then(
    () => "none",
    (error: unknown) => (error instanceof ChongwenError ? `${error.code}: ${error.message}` : String(error)),
  );
}

describe("cards on the command line", () => {
  let dir: string;
  let readme: string;
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-card-line-"));
    readme = path.join(dir, "README.md");
    await writeFile(readme, README);
  });
  after(() => rm(dir, { recursive: true, force: true }));
  const importing = (...args: string[]) => run("dataset", "import-card", readme, "--dir", dir, "--dry-run", ...args);

  it("shows what a card gives, without any ledger, and writes the data card", async () => {
    const card = path.join(dir, "card.json");
    const { code, out, err } = await importing("--institution", "Example", "--jurisdiction", "AT", "DE", "--exempt", "--consent-version", "1", "--out", card);
    assert.equal(code, 0, err);
    for (const words of ["licence         CC-BY-NC-4.0  ← front matter: license", "legalBasis      --legal-basis:", "not for commercial use", "section about people, line"]) assert.ok(out.includes(words), words);
    assert.match(err, /Nothing was stored or sent/);
    assert.deepEqual((JSON.parse(await readFile(card, "utf8")) as { jurisdictions: string[] }).jurisdictions, ["AT", "DE"]);
  });

  it("names what is still to be said, and sends nothing", async () => {
    const { code, out, err } = await run("dataset", "import-card", readme, "--dir", dir, "--institution", "Example", "--json");
    const { success, errors } = JSON.parse(out) as { success: boolean; errors: { code: string; fix: string }[] };
    assert.deepEqual([code, success, errors[0]?.code], [1, false, "card-incomplete"], err);
    assert.match(errors[0]?.fix ?? "", /--legal-basis, --ethics-approval, --ethics-expiry/);
  });

  it("refuses what cannot be meant", async () => {
    assert.equal((await importing("--privacy-cap", "many")).code, 2);
    const bad: Partial<ImportCardOptions>[] = [
      { privacyCap: 2 ** 48 }, { records: 0 }, { records: 2 ** 32 }, { consentVersion: 0 }, { ethicsExpiry: "2031-02-30" }, { ethicsExpiry: "tomorrow" }, { ethicsExpiry: "2199-01-01" }, { labelLevels: "a,b" },
      { source: "javascript:alert(1)" }, { source: "https://jane@evil.example/" }, { config: "no-such" }, { exempt: true, privacyCap: 5 }, { licence: "x".repeat(201) }, { institution: "a\u202eb" }, { legalBasis: " " }, { jurisdiction: ["AT", "a\nb"] },
    ];
    for (const options of bad) assert.match(await refusal(readme, options), /^usage: /, JSON.stringify(options));
    assert.equal(await refusal(readme, {}), "none");
  });

  it("attack: an option that leads to a person is refused, because what is registered stays for ever", async () => {
    for (const options of [{ legalBasis: "ask jane@hospital.example" }, { ethicsApproval: "Prof. Jane Doe" }, { institution: "+43 1 40400 7700" }, { recipient: ["members", "jane@hospital.example"] }]) {
      assert.match(await refusal(readme, options), /^usage: .*leads to a person/, JSON.stringify(options));
    }
  });

  it("attack: a device, a folder and a file without end are not read", async () => {
    const huge = path.join(dir, "huge.md");
    await writeFile(huge, Buffer.alloc(2 ** 20 + 1, 0x20));
    for (const file of ["/dev/zero", dir, huge, path.join(dir, "none.md")]) assert.match(await refusal(file, {}), /^usage: /, file);
  });
});
