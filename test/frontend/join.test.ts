import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hex } from "viem";
import { hashTypedData } from "viem/utils";
import { batchDigest, nestedDigest, readPublicKey } from "../../protocol/accounts/index.ts";
import { createDomain } from "../../protocol/index.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { createPasskeySigner } from "../../frontend/src/account/passkey-signer.ts";
import { RelayRefused } from "../../frontend/src/account/passkey/relay-client.ts";
import { dropPasskey, keepPasskey, loadPasskey } from "../../frontend/src/account/passkey/store.ts";
import { formatCoins } from "../../frontend/src/pages/join/coins.ts";
import { wordsOf } from "../../frontend/src/pages/join/problem.ts";
import { checkNumber, readRequest, requestLink } from "../../frontend/src/pages/join/recovery-request.ts";
import { joinEn } from "../../frontend/src/pages/join/text.en.ts";
import { joinZh } from "../../frontend/src/pages/join/text.zh.ts";
import { explainProblem } from "../../frontend/src/tx/problem.ts";
import { createAuthenticator } from "../support/authenticator.ts";

const ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" as const;
const FACTORY = "0x5FbDB2315678afecb367f032d93F642f64180aa3" as const;
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;

describe("a request to the officers", () => {
  const request = { account: ACCOUNT, point: { qx: word("12"), qy: word("34") }, rpIdHash: word("56") };

  it("travels in a link, whatever page it was made on", () => {
    const link = requestLink("https://ledger.example.org/dapp/?federation=2#/join/lost", request);
    assert.match(link, /^https:\/\/ledger\.example\.org\/dapp\/\?account=.*#\/join\/officers$/);
    assert.equal(readRequest(` ${link} `)?.account.toLowerCase(), ACCOUNT.toLowerCase());
    assert.deepEqual({ ...readRequest(link), account: ACCOUNT }, request);
  });

  it("that is incomplete is none", () => {
    const link = requestLink("https://x.example/", request);
    for (const text of ["", "hello", ACCOUNT, link.replace("qx=0x12", "qx=0x1"), link.replace(/account=[^&]*/, "account=0x12"), link.replace(/site=[^&#]*/, "")]) assert.equal(readRequest(text), undefined, text);
  });

  it("has a number that changes with everything in it", () => {
    const numbers = [request, { ...request, account: FACTORY }, { ...request, point: { ...request.point, qy: word("35") } }, { ...request, rpIdHash: word("57") }].map(checkNumber);
    assert.equal(new Set(numbers).size, 4);
    for (const number of numbers) assert.match(number, /^\d{3}( \d{3}){4}$/);
  });
});

describe("what a browser keeps of a passkey", () => {
  const passkey = { account: ACCOUNT, credential: "0x1234", point: { qx: word("12"), qy: word("34") } } as const;
  const shelfOf = () => {
    const kept = new Map<string, string>();
    return { kept, getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) };
  };
  const place = { chainId: 1, factory: FACTORY };

  it("is found for the same ledger only", () => {
    const shelf = shelfOf();
    keepPasskey(shelf, "active", place, passkey);
    assert.equal(loadPasskey(shelf, "active", place)?.credential, "0x1234");
    assert.equal(loadPasskey(shelf, "recovery", place), undefined);
    assert.equal(loadPasskey(shelf, "active", { ...place, chainId: 2 }), undefined);
    assert.equal(loadPasskey(shelf, "active", { ...place, factory: ACCOUNT }), undefined);
    dropPasskey(shelf, "active");
    assert.equal(loadPasskey(shelf, "active", place), undefined);
  });

  it("is ignored when somebody else wrote it", () => {
    const shelf = shelfOf();
    for (const text of ["", "{", "[]", '{"account":"0x12"}', JSON.stringify({ ...place, ...passkey, credential: "javascript:" })]) {
      shelf.kept.set("chongwen.passkey", text);
      assert.equal(loadPasskey(shelf, "active", place), undefined, text);
    }
  });
});

describe("a passkey as a signer", () => {
  const device = createAuthenticator();
  const asked: Hex[] = [];
  const deployment = { chainId: 31_337, contracts: { passkeyAccounts: FACTORY } } as unknown as Deployment;
  const signer = createPasskeySigner({
    client: {} as never,
    deployment,
    account: ACCOUNT,
    credential: "0x12",
    sign: async (challenge) => {
      asked.push(challenge);
      return { ...device.assert(challenge), credential: "0x12", handle: undefined };
    },
  });
  const domain = createDomain(31_337, ACCOUNT);
  const typed = { domain: createDomain(31_337, FACTORY), types: { Claim: [{ name: "index", type: "uint32" }] }, primaryType: "Claim", message: { index: 1 } } as const;

  it("signs for applications as the account reads it: nested, never plainly", async () => {
    const signature = await signer.signTypedData(typed);
    assert.equal(asked.at(-1), nestedDigest(domain, typed));
    assert.notEqual(asked.at(-1), hashTypedData(typed));
    // Ends with the type, "Claim(uint32 index)", and its length.
    assert.equal(signature.slice(-42), `${Buffer.from("Claim(uint32 index)").toString("hex")}0013`);
  });

  it("signs nothing when nobody would pay", async () => {
    const before = asked.length;
    await assert.rejects(signer.sendCalls([{ to: FACTORY, data: "0x12" }]), { name: "RelayRefused", code: "no-relay" });
    assert.equal(asked.length, before);
  });

  it("binds chain, account, turn, time and calls", () => {
    const batch = { calls: [{ to: FACTORY, value: 0n, data: "0x12" as Hex }], nonce: 1n, deadline: 2n };
    const digests = [
      batchDigest(domain, batch), batchDigest({ ...domain, chainId: 1 }, batch), batchDigest(createDomain(31_337, FACTORY), batch), batchDigest(domain, { ...batch, nonce: 2n }),
      batchDigest(domain, { ...batch, deadline: 3n }), batchDigest(domain, { ...batch, calls: [...batch.calls, ...batch.calls] }),
    ];
    assert.equal(new Set(digests).size, digests.length);
    assert.deepEqual(readPublicKey(device.spki), device.point);
  });
});

describe("words for what goes wrong", () => {
  const named = (name: string, more: object = {}): Error => Object.assign(new Error("technical"), { name, ...more });

  it("are plain, in both languages", () => {
    for (const text of [joinEn, joinZh]) {
      assert.equal(wordsOf(named("NotAllowedError"), text), text.problems.declined);
      assert.equal(wordsOf(new RelayRefused("relay-exhausted", "x"), text), text.problems.exhausted);
      assert.equal(wordsOf(new RelayRefused("relay-empty", "x"), text), text.problems.empty);
      assert.equal(wordsOf(new RelayRefused("unreachable", "x"), text), text.problems.unreachable);
      assert.equal(wordsOf(named("Error", { code: "passkey-invalid" }), text), text.problems.device);
      assert.equal(wordsOf(new RelayRefused("would-fail", "why"), text), text.problems.refused("why"));
      assert.equal(wordsOf("odd", text), text.problems.other("odd"));
    }
  });

  it("reach transactions too, with the ledger's own error where it gave one", () => {
    assert.equal(explainProblem(new RelayRefused("relay-exhausted", "x")).kind, "relay-exhausted");
    assert.equal(explainProblem(new RelayRefused("not-covered", "x")).kind, "refused-by-relay");
    const failed = explainProblem(new RelayRefused("would-fail", "The ledger would refuse it: AccountWrongNonce(1, 0)."));
    assert.deepEqual([failed.kind, failed.revert], ["reverted", "AccountWrongNonce"]);
  });
});

describe("coins", () => {
  it("are never shown as nothing while there is something", () => {
    for (const [wei, shown] of [[0n, "0"], [1n, "0.000000000000000001"], [10n ** 18n, "1"], [1_313_270_000_000_000n, "0.001313"], [123_456_789n * 10n ** 12n, "123.4567"], [2_000_100n * 10n ** 12n, "2.0001"]] as const) {
      assert.equal(formatCoins(wei), shown);
    }
  });
});
