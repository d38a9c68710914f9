import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { artefactDigest } from "../../../protocol/unixfs/encode.ts";
import { createArtefactCache, fetchFrom, type FetchedFile } from "../../../frontend/verify/src/store/artefacts.ts";
import { createGet, nameOf, sourceOf } from "../../../frontend/verify/src/store/fetch-file.ts";
import { sortGiven, type GivenFile } from "../../../frontend/verify/src/store/given.ts";
import { createEgress } from "../../../frontend/verify/src/worker/egress.ts";

const text = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const bundle = (): Map<string, Uint8Array> =>
  new Map([["manifest.json", text({ files: [{ path: "model.bin", bytes: 4 }, { path: "updates/0.bin", bytes: 2 }] })], ["model.bin", Uint8Array.of(1, 2, 3, 4)], ["updates/0.bin", Uint8Array.of(9, 9)]]);
const digest = artefactDigest(bundle());

/** A source that holds these files, with some answers replaced. */
const cacheOf = (files: ReadonlyMap<string, Uint8Array>, special: Readonly<Record<string, FetchedFile>> = {}) => {
  const asked: string[] = [];
  const get = async (url: string, maxBytes: number): Promise<FetchedFile> => {
    const path = url.split(`${digest}/`)[1] ?? "";
    asked.push(path);
    const bytes = files.get(path);
    return special[path] ?? (bytes === undefined ? { kind: "missing" } : { kind: "bytes", bytes: bytes.subarray(0, maxBytes) });
  };
  return { asked, cache: createArtefactCache(fetchFrom([sourceOf("https://store/artefacts")], nameOf, get)) };
};
const codesOf = async (files: ReadonlyMap<string, Uint8Array>, special: Readonly<Record<string, FetchedFile>> = {}): Promise<string[]> => {
  try {
    return (await cacheOf(files, special).cache.verifyAll(digest)).findings.map(({ code }) => code);
  } catch (error) {
    return [(error as { code: string }).code];
  }
};
const changed = (path: string, bytes: Uint8Array | null): Map<string, Uint8Array> => {
  const files = bundle();
  if (bytes === null) files.delete(path);
  else files.set(path, bytes);
  return files;
};

describe("artefacts from a source that nobody trusts", () => {
  it("are what the ledger names when they hash to it", async () => {
    assert.deepEqual(await codesOf(bundle()), []);
  });

  it("a changed, truncated or lengthened file is a mismatch", async () => {
    for (const bytes of [Uint8Array.of(1, 2, 3, 5), Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3, 4, 5)]) assert.deepEqual(await codesOf(changed("model.bin", bytes)), ["artefact-mismatch"]);
  });

  it("a truncated or malformed manifest is a mismatch, and asks for nothing that no bundle has", async () => {
    assert.deepEqual(await codesOf(changed("manifest.json", text('{"files":['))), ["artefact-mismatch"]);
    for (const path of ["../../deployment.json", "a/../../../deployment.json", "//evil/x", "https://evil/x", "a?b", "%2e%2e/x"]) {
      const { asked, cache } = cacheOf(changed("manifest.json", text({ files: [{ path, bytes: 1 }] })));
      assert.equal((await cache.verifyAll(digest)).findings[0]?.code, "artefact-mismatch");
      assert.deepEqual(asked, ["manifest.json"], path);
    }
  });

  it("a file that promises to be huge is refused before it is fetched", async () => {
    const huge = changed("manifest.json", text({ files: [{ path: "model.bin", bytes: 2 ** 40 }] }));
    const { asked, cache } = cacheOf(huge);
    await assert.rejects(cache.verifyAll(digest), { code: "artefact-too-large" });
    assert.deepEqual(asked, ["manifest.json"]);
  });

  it("no more of a file is read than its manifest allows, whatever is sent", async () => {
    let sent = 0;
    const endless = (): Response =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            sent += 65_536;
            controller.enqueue(new Uint8Array(65_536));
          },
        }),
      );
    const got = await createGet(async () => endless())("https://store/x", 5);
    assert.ok(got.kind === "bytes" && got.bytes.length === 5);
    assert.ok(sent <= 4 * 65_536, `${sent}`);
  });

  it("a missing file is missing, and silence is silence: neither is wrong", async () => {
    assert.deepEqual(await codesOf(changed("updates/0.bin", null)), ["artefact-missing"]);
    assert.deepEqual(await codesOf(new Map()), ["artefact-missing"]);
    assert.deepEqual(await codesOf(bundle(), { "manifest.json": { kind: "unavailable", why: "HTTP 503" } }), ["store-unavailable"]);
  });

  it("erased is erased only with a statement about this very artefact", async () => {
    const statement = { format: "chongwen-erasure", version: 1, artefact: digest, erasedAt: 1, basis: "consent withdrawn", statedBy: "Hospital C" };
    assert.deepEqual(await codesOf(new Map(), { "manifest.json": { kind: "gone", statement } }), ["artefact-erased"]);
    assert.deepEqual(await codesOf(new Map(), { "manifest.json": { kind: "gone", statement: { ...statement, artefact: `0x${"00".repeat(32)}` } } }), ["artefact-missing"]);
    assert.deepEqual(await codesOf(new Map(), { "manifest.json": { kind: "gone", statement: null } }), ["artefact-missing"]);
  });

  it("a flipped bit is noticed and can be put back", async () => {
    const { cache } = cacheOf(bundle());
    await cache.verifyAll(digest);
    const undo = cache.flip(digest, "model.bin", 2);
    assert.equal((await cache.verifyAll(digest)).findings[0]?.code, "artefact-mismatch");
    undo?.();
    assert.deepEqual((await cache.verifyAll(digest)).findings, []);
    assert.equal(cache.flip(digest, "model.bin", 4), null);
    assert.equal(cache.flip(digest, "absent", 0), null);
  });

  it("a gateway is asked by content identifier, a server by digest", () => {
    assert.match(nameOf(digest, sourceOf("https://gateway/ipfs")), /^bafy/);
    assert.equal(nameOf(digest, sourceOf("https://store/artefacts/")), digest);
  });
});

describe("what a reader drops", () => {
  const given = (files: ReadonlyMap<string, Uint8Array>, folder: string): GivenFile[] => [...files].map(([path, bytes]) => ({ path: `${folder}${path}`, size: bytes.length, bytes: async () => bytes }));

  it("is sorted into bundles, statements and loose files", async () => {
    const statement = { format: "chongwen-erasure", version: 1, artefact: digest, erasedAt: 1, basis: "b", statedBy: "s" };
    const sorted = await sortGiven([...given(bundle(), "round-1/"), ...given(new Map([["note.txt", text("x")], ["erased.json", text(statement)], ["broken.json", text("{")]]), "")]);
    assert.deepEqual([...sorted.artefacts.keys()], [digest]);
    assert.deepEqual(sorted.loose.map(({ path }) => path), ["note.txt", "broken.json"]);
    assert.equal(sorted.erasures.length, 1);
    assert.equal(sorted.deployment, null);
  });

  it("two bundles in one folder stay two", async () => {
    const sorted = await sortGiven([...given(bundle(), "all/a/"), ...given(changed("model.bin", Uint8Array.of(0)), "all/b/")]);
    assert.equal(sorted.artefacts.size, 2);
  });
});

describe("egress", () => {
  it("counts every host, follows no redirect and sends no cookie", async () => {
    const seen: RequestInit[] = [];
    const egress = createEgress(async (_, init) => {
      seen.push(init ?? {});
      return new Response("four");
    });
    await (await egress.fetch("https://a.example/x")).text();
    await (await egress.fetch(new URL("https://a.example/y"))).text();
    await egress.fetch("https://b.example:8080/");
    assert.deepEqual(egress.contacts(), [{ host: "a.example", requests: 2, bytes: 8 }, { host: "b.example:8080", requests: 1, bytes: 0 }]);
    assert.ok(seen.every(({ redirect, credentials, referrerPolicy }) => redirect === "error" && credentials === "omit" && referrerPolicy === "no-referrer"));
  });

  it("counts also what fails", async () => {
    const egress = createEgress(() => Promise.reject(new TypeError("no")));
    await assert.rejects(egress.fetch("https://a.example/"));
    assert.equal(egress.contacts()[0]?.requests, 1);
  });
});
