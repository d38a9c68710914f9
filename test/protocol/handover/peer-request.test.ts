// How operators' services show each other who they are: the vector of docs/protocol.md, and that every field is signed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { getAddress, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { bodyHashOf, isSignedBySender, peerHeader, peerRequestData, peerRequestDigest, readPeerHeader, type PeerRequest } from "../../../protocol/handover/peer-request.ts";
import { createDomain, toCompactSignature } from "../../../protocol/index.ts";
import { withCode } from "../support/throws.ts";

const self = privateKeyToAccount(`0x${"11".repeat(32)}`);
const at = (byte: string) => getAddress(`0x${byte.repeat(20)}`);
const domain = createDomain(31_337, at("aa"));
const request: PeerRequest = { from: self.address, to: at("bb"), method: "POST", path: "/v1/peers/signatures", bodyHash: bodyHashOf(new TextEncoder().encode("{}")), time: 1_800_000_000, nonce: `0x${"22".repeat(32)}` };
const signed = async (): Promise<Hex> => toCompactSignature(await self.signTypedData(peerRequestData(domain, request)));

describe("a request between operators", () => {
  it("is the vector of docs/protocol.md", async () => {
    const page = readFileSync(path.resolve(import.meta.dirname, "..", "..", "..", "docs", "protocol.md"), "utf8");
    assert.ok(page.includes(peerRequestDigest(domain, request)), peerRequestDigest(domain, request));
    assert.ok(page.includes(peerHeader(request, await signed())), peerHeader(request, await signed()));
  });

  it("is read back as it was written", async () => {
    const signature = await signed();
    assert.deepEqual(readPeerHeader(peerHeader(request, signature), request), { request, signature });
    assert.equal(await isSignedBySender(domain, request, signature), true);
  });

  it("attack_changedRequest: not a field can be changed, nor the chain or the ledger", async () => {
    const signature = await signed();
    const changes: Partial<PeerRequest>[] = [
      { from: at("cc") }, { to: at("cc") }, { method: "GET" }, { path: "/v1/peers/bundles" }, { bodyHash: bodyHashOf(new Uint8Array()) }, { time: request.time + 1 }, { nonce: `0x${"23".repeat(32)}` },
    ];
    for (const change of changes) assert.equal(await isSignedBySender(domain, { ...request, ...change }, signature), false, Object.keys(change).join());
    for (const other of [createDomain(1, at("aa")), createDomain(31_337, at("ab"))]) assert.equal(await isSignedBySender(other, request, signature), false);
  });

  it("attack_malformedHeader: nothing but the one form is read", async () => {
    const header = peerHeader(request, await signed());
    for (const bad of [undefined, "", "Bearer x", header.toUpperCase(), `${header} `, header.replace("0x", ""), header.replace("1800000000", "01800000000"), header.replace("1800000000", "1e9"), header.slice(0, -1), `${header}0`]) {
      assert.throws(() => readPeerHeader(bad, request), withCode("peer-header-invalid"), String(bad));
    }
  });
});
