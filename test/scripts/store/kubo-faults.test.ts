import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import {
  ArtefactMismatch,
  ArtefactMissing,
  createKuboStore,
  digestToCid,
  StoreDisagrees,
  StoreUnavailable,
  type ArtefactStore,
  type KuboStoreOptions,
} from "../../../scripts/store/index.ts";
import { HostileDag } from "./dag.ts";
import { failure, files } from "./fixtures.ts";

type Answer = (block: Uint8Array | undefined, response: ServerResponse, request: IncomingMessage) => void;

const dag = new HostileDag();
const digest = dag.digest([["updates", dag.folder([["3.bin", dag.leaf("third")]])]]);

const right: Answer = (block, response) => {
  if (block === undefined) response.writeHead(500).end('{"Message":"ipld: could not find bafy…","Code":0,"Type":"error"}');
  else response.end(block);
};

describe("a Kubo node that does not do as it should", () => {
  it("is read like any store when it does", async (t) => {
    const reader = await (await kubo(t, right)).open(digest);
    assert.deepEqual(await reader.list(), ["updates/3.bin"]);
    assert.equal(Buffer.from(await reader.read("updates/3.bin")).toString(), "third");
  });

  it("is not believed: other bytes are a mismatch, named by path", async (t) => {
    const store = await kubo(t, (block, response) =>
      response.end(Buffer.from(block ?? []).equals(Buffer.from("third")) ? "thirD" : block));
    const error = await failure(ArtefactMismatch, async () => (await store.open(digest)).read("updates/3.bin"));
    assert.equal(error.place.path, "updates/3.bin");
    assert.match(error.place.source ?? "", /^http:\/\/127\.0\.0\.1:\d+\/api\/v0\/block\/get\?arg=bafkrei/);
  });

  it("is cut off when it answers without end", { timeout: 10_000 }, async (t) => {
    let sent = 0;
    const store = await kubo(t, (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.on("drain", more);
      more();
    });
    await failure(ArtefactMismatch, () => store.open(digest));
    assert.ok(sent < 64 * 2 ** 20, `took ${sent} bytes`);
  });

  it("is unavailable when it hangs, before and within an answer", { timeout: 10_000 }, async (t) => {
    for (const answer of [() => undefined, (_, response) => response.write("x")] satisfies Answer[]) {
      const store = await kubo(t, answer, { timeoutMs: 200 });
      const error = await failure(StoreUnavailable, () => store.open(digest));
      assert.equal(error.retryable, true);
      assert.match(error.message, /gave no answer on block bafybei\w+ in 200 ms/);
    }
  });

  it("is unavailable when it breaks off, refuses or fails", async (t) => {
    const answers: Record<string, Answer> = {
      "breaks off": (_, response) => response.destroy(),
      "breaks off within": (_, response) => {
        response.writeHead(200, { "content-length": "1000" }).write("x");
        setTimeout(() => response.destroy(), 20);
      },
      "403": (_, response) => response.writeHead(403).end("403 - Forbidden"),
      "500": (_, response) => response.writeHead(500).end('{"Message":"context deadline exceeded"}'),
      "404, which is another service": (_, response) => response.writeHead(404).end("404 page not found"),
    };
    for (const [name, answer] of Object.entries(answers)) {
      const store = await kubo(t, answer);
      const error = await failure(StoreUnavailable, () => store.open(digest));
      assert.equal(error.retryable, true, name);
      await failure(StoreUnavailable, () => store.has(digest));
      await failure(StoreUnavailable, () => store.verifyAll(digest));
    }
  });

  it("is unavailable when nobody listens", async () => {
    const store = createKuboStore({ url: "http://127.0.0.1:1" });
    await failure(StoreUnavailable, () => store.open(digest));
    await failure(StoreUnavailable, () => store.putFile(Buffer.from("x")));
  });

  it("lacks a block when it says so", async (t) => {
    const store = await kubo(t, (_, response, request) => right(undefined, response, request));
    await failure(ArtefactMissing, () => store.open(digest));
    assert.equal(await store.has(digest), false);
  });

  it("is asked with the headers given, and offline when told so", async (t) => {
    const seen: (string | undefined)[] = [];
    const options = { headers: { authorization: "Bearer token" }, offline: true };
    const store = await kubo(t, (block, response, request) => {
      seen.push(request.method, request.headers.authorization, new URL(request.url ?? "", "http://x").searchParams.get("offline") ?? "");
      right(block, response, request);
    }, options);
    await store.open(digest);
    assert.deepEqual(seen, ["POST", "Bearer token", "true"]);
  });

  it("is not believed about what it stored", async (t) => {
    const other = String(digestToCid(digest));
    const store = await kubo(t, (_, response, request) => {
      request.resume().on("end", () => response.end(`${JSON.stringify({ Name: "", Hash: other, Size: "1" })}\n`));
    });
    const error = await failure(StoreDisagrees, () => store.putDirectory(files({ a: "a" })));
    assert.ok(error.message.includes(other));
    const silent = await kubo(t, (_, response, request) => request.resume().on("end", () => response.end()));
    await failure(StoreDisagrees, () => silent.putDirectory(files({ a: "a" })));
  });

  it("attack: an answer about pins that is none puts nothing, and does not end the process", async (t) => {
    for (const body of ["", "<html>", '{"Keys":7}', '{"Keys":{"bafy":{"Name":[]}}}']) {
      const store = await kubo(t, (_, response) => response.end(body), { pins: "as told" });
      const error = await failure(StoreUnavailable, () => store.putFile(Buffer.from("x")));
      assert.equal(error.retryable, true);
    }
  });

  it("is asked to add with every parameter of the profile", async (t) => {
    let query = "";
    const store = await kubo(t, (_, response, request) => {
      query = new URL(request.url ?? "", "http://x").search;
      request.resume().on("end", () => response.writeHead(500).end("enough"));
    });
    await failure(StoreUnavailable, () => store.putDirectory(files({ a: "a" })));
    for (const parameter of ["cid-version=1", "hash=sha2-256", "raw-leaves=true", "trickle=false", "chunker=size-1048576",
      "max-file-links=1024", "wrap-with-directory=true", "pin=true", "pin-name=chongwen+whole+0x"]) assert.ok(query.includes(parameter), `${parameter} in ${query}`);
  });
});

/** A store over a node that answers as told. */
async function kubo(t: TestContext, answer: Answer, options: Omit<KuboStoreOptions, "url"> & { readonly pins?: "as told" } = {}): Promise<ArtefactStore> {
  const server = createServer((request, response) => {
    // Before a put it is asked who pins the artefact: nobody.
    if (request.url?.includes("/pin/ls?") === true && options.pins !== "as told") return void response.writeHead(500).end(`{"Message":"path 'bafy…' is not pinned","Code":0,"Type":"error"}`);
    const cid = new URL(request.url ?? "", "http://x").searchParams.get("arg") ?? "";
    answer(dag.blocks.get(cid), response, request);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return createKuboStore({ url: `http://127.0.0.1:${port}`, ...options });
}
