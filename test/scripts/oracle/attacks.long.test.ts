// What an aggregator, or somebody with its token, may try. Nothing of it makes an operator sign.
import assert from "node:assert/strict";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Hex, LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { decodeBundleStatus } from "../../../protocol/handover/bundle-status.ts";
import type { OpenRound } from "../../../protocol/handover/open-round.ts";
import { bytesOf, canonicalJson, encodeJson } from "../../../protocol/index.ts";
import type { Json } from "../../../protocol/bundle/canonical-json.ts";
import { artefactDigest } from "../../../protocol/unixfs/encode.ts";
import { isHere } from "../../../scripts/operator/quorum.ts";
import { publishedEvaluation } from "../../../scripts/trainer/evaluate.ts";
import { readFile } from "node:fs/promises";
import { makeBundle, type Made } from "./aggregator.ts";
import { ask, drop, handOver, reach, startOracleWorld, statusOf, TOKEN, type Answer, type OracleWorld } from "./support.ts";

const stranger = privateKeyToAccount(`0x${"77".repeat(32)}`);
const DIGEST: Hex = `0x${"ab".repeat(32)}`;

describe("an oracle under attack", () => {
  let there: OracleWorld;
  let url: string;
  let open: OpenRound;
  let base: Int32Array;
  let stop: () => Promise<void>;
  let signed = 0;
  /** An operator that counts what it signs. */
  const counting = ({ account }: { readonly account: LocalAccount }) => ({
    account: { ...account, signTypedData: async (typed: unknown) => { signed++; return account.signTypedData(typed as Parameters<typeof account.signTypedData>[0]); } } as LocalAccount,
  });
  before(async () => {
    there = await startOracleWorld();
    const oracle = await there.start({ operators: there.parameters.operators.filter(isHere).map(counting), quota: 4_000_000, drop: path.join(there.world.dir, "drop") });
    ({ url, stop } = oracle);
    open = await there.open(url);
    base = await there.model(url, 0);
  });
  after(() => there.close());

  const good = () => makeBundle(open, base, there.sites);
  const put = (file: string, body: Blob | ReadableStream | string, headers: Record<string, string> = {}, digest = DIGEST): Promise<Answer> => ask(url, `/v1/bundles/${digest}/${file}`, { method: "PUT", body, headers });
  /** The same files with others in their place, under the digest that they then have. */
  const altered = ({ files }: Pick<Made, "files">, changes: Record<string, Uint8Array>): Pick<Made, "digest" | "files"> => {
    const all = new Map([...files, ...Object.entries(changes)]);
    return { files: all, digest: artefactDigest(all) };
  };
  const manifestOf = ({ files }: Pick<Made, "files">) => JSON.parse(new TextDecoder().decode(files.get("manifest.json"))) as { [key: string]: Json };
  const withManifest = (made: Pick<Made, "files">, change: (manifest: { [key: string]: Json }) => void): Pick<Made, "digest" | "files"> => {
    const manifest = manifestOf(made);
    change(manifest);
    return altered(made, { "manifest.json": encodeJson(manifest) });
  };
  /** Refused at the door, or once it is looked at; and nobody signed. */
  async function refused(made: Pick<Made, "digest" | "files">, code: string, words: RegExp = /./): Promise<void> {
    const answer = await handOver(url, made);
    const problem = answer.status === 202 ? (await reach(url, made.digest, "refused", "reported")).problem : { code: answer.code, message: answer.message };
    assert.equal(problem?.code, code, problem?.message);
    assert.match(problem.message, words);
    assert.equal(signed, 0, "an operator signed");
  }

  describe("at the door", () => {
    it("attack: no token, a wrong token, half a token", async () => {
      for (const token of [null, "", "wrong", TOKEN.slice(0, -1), `${TOKEN}x`]) {
        const answer = await ask(url, `/v1/federations/${open.federation}/round`, { token });
        assert.deepEqual([answer.status, answer.code], [401, "token-refused"]);
      }
    });

    it("attack: a page in a browser, or another name for this machine", async () => {
      assert.equal((await ask(url, "/v1/openapi.json", { headers: { origin: "http://localhost:8080" } })).code, "origin-refused");
      const status = await new Promise<number>((resolve, reject) => {
        request(`${url}/v1/openapi.json`, { headers: { host: "evil.example" } }, ({ statusCode = 0 }) => resolve(statusCode)).on("error", reject).end();
      });
      assert.equal(status, 421);
    });

    it("attack: a path that leads out of the folder, or that no bundle has", async () => {
      for (const file of ["..%2f..%2foracle.sqlite", "%2e%2e/%2e%2e/x", "updates%2f..%2fmanifest.json", "updates%2f..%2f..%2fx.bin", "/etc/passwd", "updates/01.bin", "updates/1.zip", "model.bin%00", "UPDATES/1.bin", "updates/1.bin/x"]) {
        const code = await new Promise<string>((resolve, reject) => {
          // Not through fetch, which would tidy the path up.
          const call = request(`${url}/v1/bundles/${DIGEST}/x`, { method: "PUT", headers: { authorization: `Bearer ${TOKEN}` } }, (response) => {
            let text = "";
            response.on("data", (piece: Buffer) => void (text += piece.toString())).on("end", () => resolve((JSON.parse(text) as { error?: { code: string } }).error?.code ?? text));
          });
          call.path = `/v1/bundles/${DIGEST}/${file}`;
          call.on("error", reject).end("x");
        });
        assert.ok(["file-refused", "request-invalid", "nothing-there"].includes(code), `${file}: ${code}`);
      }
    });

    it("attack: a file that is too long, says so, or does not", async () => {
      const lanes = 2 * base.length;
      assert.equal((await put("updates/1.bin", new Blob([new Uint8Array(lanes + 1)]))).code, "file-too-large");
      assert.equal((await put("model.bin", new Blob([new Uint8Array(4 * base.length + 1)]))).code, "file-too-large");
      assert.equal((await put("manifest.json", new Blob([new Uint8Array(2 ** 20)]))).code, "file-too-large");
      let sent = 0;
      const endless = new ReadableStream({ pull: (controller) => { sent += 65_536; controller.enqueue(new Uint8Array(65_536)); } });
      await put("updates/1.bin", endless).then(({ code }) => assert.equal(code, "file-too-large"), () => undefined);
      assert.ok(sent < 2 ** 24, `${sent} bytes were taken`);
      assert.equal((await put("updates/1.bin", "x", { "content-encoding": "gzip" })).code, "file-refused");
    });

    it("attack: a body that is cut off leaves nothing behind", async () => {
      const digest: Hex = `0x${"cd".repeat(32)}`;
      await new Promise<void>((resolve) => {
        const call = request(`${url}/v1/bundles/${digest}/updates/1.bin`, { method: "PUT", headers: { authorization: `Bearer ${TOKEN}`, "content-length": "400" } });
        call.on("error", () => resolve()).on("close", () => resolve());
        call.write("x".repeat(100), () => setTimeout(() => call.destroy(), 100));
      });
      await sleep(200);
      assert.equal((await ask(url, `/v1/bundles/${digest}`)).code, "bundle-unknown");
    });

    it("attack: more files than any bundle has, more bundles than there is room for, more bytes than the quota", async () => {
      // One that waits for a parent that never comes takes its room only for so long.
      const waiting = await makeBundle({ ...open, round: 4_000_000, parent: { ...open.parent, round: 3_999_999, reportHash: DIGEST } }, base, there.sites);
      assert.equal((await handOver(url, waiting)).status, 202);
      for (let seat = 0; seat < 270; seat++) {
        const answer = await put(`updates/${seat}.bin`, "x");
        if (seat === 269) assert.equal(answer.code, "file-refused", "a 270th");
        else assert.equal(answer.status, 200, `${seat}: ${answer.code} ${answer.message}`);
      }
      const name = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
      const answers: Answer[] = [];
      for (let n = 1; n <= 70; n++) answers.push(await put("metrics.json", new Blob([new Uint8Array(60_000)]), {}, name(n)));
      const full = answers.filter(({ code }) => code === "intake-full");
      assert.ok(full.length >= 6 && full[0]?.status === 507);
      await stop();
      // Abandoned: with a day gone, there is room again.
      const oracle = await there.start({ operators: there.parameters.operators.filter(isHere).map(counting), now: () => Date.now() / 1000 + 100_000, keepWaiting: 90_000, drop: path.join(there.world.dir, "drop") });
      ({ url, stop } = oracle);
      assert.equal((await reach(url, waiting.digest, "refused")).problem?.code, "round-not-kept");
      assert.equal((await ask(url, `/v1/bundles/${name(1)}`)).code, "bundle-unknown");
    });
  });

  describe("with a bundle", () => {
    it("attack: the digest of another bundle", async () => {
      const made = await good();
      await refused({ ...made, digest: DIGEST }, "bundle-digest-wrong");
      // What was thrown away does not stand in the way of the real one.
      assert.equal((await ask(url, `/v1/bundles/${DIGEST}`)).code, "bundle-unknown");
    });

    it("attack: a file cut short, a file missing, a file more", async () => {
      const made = await good();
      const model = made.files.get("model.bin") ?? new Uint8Array();
      const files = new Map(made.files).set("model.bin", model.subarray(0, -4));
      await refused({ files, digest: made.digest }, "bundle-incomplete", /model\.bin has \d+ bytes/);
      await refused({ files: new Map([...made.files].filter(([file]) => file !== "updates/1.bin")), digest: `0x${"12".repeat(32)}` }, "bundle-incomplete", /updates\/1\.bin/);
      await refused(altered(made, { "updates/40.bin": new Uint8Array(2 * base.length) }), "file-refused", /updates\/40\.bin/);
    });

    it("attack: a manifest that is no manifest", async () => {
      const made = await good();
      const text = (value: string) => altered(made, { "manifest.json": new TextEncoder().encode(value) });
      await refused(text("{"), "json-invalid");
      await refused(text("[".repeat(100_000)), "json-invalid");
      await refused(text(` ${canonicalJson(manifestOf(made))}`), "json-invalid", /canonical/);
      await refused(text('{"format":"chongwen-round","version":2}'), "version-unknown");
      await refused(text('{"format":"chongwen-round","version":1}'), "manifest-invalid");
      await refused(withManifest(made, (manifest) => { manifest["__proto__ "] = 1; }), "manifest-invalid");
      await refused(withManifest(made, (manifest) => { manifest["files"] = [{ path: "../x", bytes: 1, keccak256: DIGEST }]; }), "bundle-path");
    });

    it("attack: 257 entries", async () => {
      const made = await good();
      await refused(withManifest(made, (manifest) => {
        const [entry] = manifest["entries"] as readonly { [key: string]: Json }[];
        manifest["entries"] = Array.from({ length: 257 }, (_, seat) => ({ ...entry, seat }));
      }), "manifest-invalid", /entries/);
    });

    it("attack: another federation's, another ledger's, another chain's", async () => {
      const made = await good();
      for (const change of [{ federation: 2 }, { ledger: `0x${"11".repeat(20)}` }, { chainId: 1 }]) await refused(withManifest(made, (manifest) => void Object.assign(manifest, change)), "bundle-foreign");
    });

    it("attack: a model that is not what the updates give", async () => {
      await refused(await makeBundle(open, base, there.sites, { model: (model) => { model[7] = (model[7] ?? 0) + 1; } }), "bundle-wrong", /model\.bin: aggregate is coordinate 7/);
    });

    it("attack: a base that is not the parent's model", async () => {
      await refused(await makeBundle(open, base.map((lane) => lane + 1), there.sites), "bundle-wrong", /aggregate/);
    });

    it("attack: an update that is not the one that was signed", async () => {
      const made = await good();
      const update = Int16Array.from(made.updates.get(1) ?? []);
      update[0] = (update[0] ?? 0) ^ 1;
      await refused(altered(made, { "updates/1.bin": Uint8Array.from(bytesOf(update)) }), "bundle-wrong", /updates\/1\.bin/);
    });

    it("attack: an entry signed by the aggregator, in the site's name or in its own", async () => {
      const made = await good();
      const [first] = there.sites;
      assert.ok(first);
      const own = await makeBundle(open, base, [{ ...first, signer: stranger }, ...there.sites.slice(1)]);
      await refused(own, "entry-forged", /seat 0/);
      await refused(withManifest(own, (manifest) => { manifest["entries"] = manifestOf(made)["entries"] ?? null; }), "entry-forged", /seat 0/);
    });

    it("attack: another's signature, and a seat that there is not", async () => {
      const [first, second] = there.sites;
      assert.ok(first && second);
      await refused(await makeBundle(open, base, [{ ...first, signer: second.signer }, ...there.sites.slice(1)]), "entry-forged");
      await refused(await makeBundle(open, base, [...there.sites, { seat: 99, signer: stranger }]), "entry-forged", /no seat 99/);
    });

    it("attack: a seat twice, and an update twice", async () => {
      const made = await good();
      await refused(withManifest(made, (manifest) => {
        const [entry, , ...others] = manifest["entries"] as Json[];
        manifest["entries"] = [entry, entry, ...others] as Json[];
      }), "bundle-wrong");
      await refused(await makeBundle(open, base, there.sites, { change: (update, seat) => update.fill(seat < 2 ? 5 : 6 + seat) }), "bundle-wrong", /different roots/);
    });

    it("attack: lanes of another shape: floats with NaN, and a norm above the bound", async () => {
      const made = await good();
      const floats = new Float32Array(base.length).fill(Number.NaN);
      await refused(altered(made, { "updates/1.bin": new Uint8Array(floats.buffer) }), "file-too-large");
      await refused(await makeBundle(open, base, there.sites, { change: (update) => update.fill(-32_768) }), "bundle-wrong", /norms within the bound|different roots/);
    });

    it("attack: an evaluation that says more than the model does", async () => {
      const made = await makeBundle(open, base, there.sites, { evaluation: publishedEvaluation(there.world.setting.split.holdout.records) });
      const predictions = Uint8Array.from(made.files.get("predictions.bin") ?? []);
      predictions[0] = (predictions[0] ?? 0) ^ 1;
      await refused(altered(made, { "predictions.bin": predictions }), "bundle-wrong", /predictions\.bin/);
      await refused(altered(made, { "metrics.json": new TextEncoder().encode('{"accuracy":0.99}') }), "bundle-incomplete");
    });

    it("attack: too few sites, and too many updates that never came", async () => {
      await refused(await makeBundle(open, base, there.sites.slice(0, 2)), "too-few-contributors");
      await refused(await makeBundle(open, base, there.sites.slice(0, 3), { missing: [0] }), "too-few-contributors");
      await refused(await makeBundle(open, base, [...there.sites], { missing: [0, 1] }), "too-many-missing");
    });

    it("attack: a round on a parent that never was, and one that builds on a refused bundle", async () => {
      const parent = { ...open.parent, reportHash: DIGEST };
      await refused(await makeBundle({ ...open, parent }, base, there.sites), "parent-replaced");
      const wrong = await makeBundle(open, base, there.sites, { seed: 3, model: (model) => { model[0] = 1; } });
      const child = await makeBundle(wrong.next, wrong.model, there.sites);
      await refused(wrong, "bundle-wrong");
      await refused(child, "parent-replaced", /was refused/);
    });

    it("attack: a link and a pipe in the folder, and names that mean something else", async () => {
      const incoming = path.join(there.world.dir, "drop", "incoming");
      const outcome = async (digest: Hex) => {
        for (;;) {
          const bytes = await readFile(path.join(incoming, "..", "outgoing", `${digest}.json`)).catch(() => null);
          if (bytes !== null) return decodeBundleStatus(bytes);
          await sleep(20);
        }
      };
      const made = await good();
      const linked: Hex = `0x${"34".repeat(32)}`;
      await drop(path.join(there.world.dir, "drop"), { digest: linked, files: made.files });
      const part = path.join(incoming, "x.part");
      await mkdir(part);
      await symlink("/etc/passwd", path.join(part, "metrics.json"));
      const link: Hex = `0x${"56".repeat(32)}`;
      await rename(part, path.join(incoming, link));
      assert.deepEqual([(await outcome(linked)).problem?.code, (await outcome(link)).problem?.code], ["bundle-digest-wrong", "file-refused"]);
      await mkdir(part);
      await writeFile(path.join(part, "run.sh"), "rm -rf /");
      const named: Hex = `0x${"78".repeat(32)}`;
      await rename(part, path.join(incoming, named));
      assert.equal((await outcome(named)).problem?.code, "file-refused");
      assert.equal(signed, 0);
    });

    it("attack: an old round again, as it was and under a new number", async () => {
      const made = await good();
      await handOver(url, made);
      assert.equal((await reach(url, made.digest, "reported", "refused")).asHanded, true);
      const after = signed;
      assert.ok(after > 0);
      const other = await makeBundle(open, base, there.sites, { seed: 9 });
      await handOver(url, other);
      const taken = await reach(url, other.digest, "refused", "reported");
      assert.deepEqual([taken.problem?.code, taken.artefact, taken.asHanded], ["round-taken", made.digest, false]);
      const again = withManifest(made, (manifest) => { manifest["round"] = 2; manifest["parent"] = { round: 1, reportHash: made.next.parent.reportHash, artefact: made.digest }; });
      assert.equal((await handOver(url, again)).status, 202);
      assert.equal((await reach(url, again.digest, "refused", "reported")).problem?.code, "bundle-wrong");
      assert.equal((await statusOf(url, made.digest)).state, "reported");
      assert.equal(signed, after);
      assert.deepEqual(there.warnings, []);
    });
  });
});
