// Names come from files that nobody vouches for: what does not hash to the chain's digest, or would deceive, names nothing.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Address, Hex } from "viem";
import { artefactDigest } from "../../protocol/unixfs/encode.ts";
import { SINGLE_FILE } from "../../protocol/audit/store.ts";
import { CARD_LIMIT, CARD_PATH, readCardNames } from "../../frontend/src/chain/dataset-card.ts";
import type { CardNames } from "../../frontend/src/chain/dataset-card.ts";
import { createNames } from "../../frontend/src/chain/names.ts";
import type { Registry } from "../../frontend/src/chain/names.ts";
import type { Deployment } from "../../protocol/deployment.ts";

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const digestOf = (bytes: Uint8Array): Hex => artefactDigest(new Map([["content", bytes]]));
const card = (fields: object): Uint8Array => encode({ format: "chongwen-dataset-card", version: 1, title: "Skin: part of Alpha", institution: "Alpha Hospital", ...fields });
const read = (bytes: Uint8Array) => readCardNames(bytes, digestOf(bytes));

const address = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const digest = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const contracts = { treasury: address(0xdead) } as unknown as Deployment["contracts"];

describe("dataset cards", () => {
  it("gives title and institution of a card that is the chain's", () => {
    assert.deepEqual(read(card({})), { title: "Skin: part of Alpha", institution: "Alpha Hospital" });
    assert.equal(CARD_PATH, SINGLE_FILE);
  });

  it("attack: another card is served than the chain names", () => {
    assert.equal(readCardNames(card({ title: "Forged" }), digestOf(card({}))), undefined);
  });

  it("attack: a huge card, however it hashes", () => {
    const huge = card({ padding: "x".repeat(CARD_LIMIT) });
    assert.equal(read(huge), undefined);
    assert.equal(read(card({ title: "x".repeat(161) })), undefined);
  });

  it("attack: hostile cards that hash rightly", () => {
    for (const hostile of ["", "null", "[]", "{}", "{\"format\":\"chongwen-dataset-card\"", card({ version: 2 }), card({ title: 7 }), card({ title: "   " }), Uint8Array.of(0xff, 0xfe)]) {
      assert.equal(read(typeof hostile === "string" ? encode(hostile) : hostile), undefined);
    }
    // What turns text around, hides in it or breaks lines could pose as another name.
    for (const deceptive of ["Alpha\u202elatipsoH", "Alpha\u200bHospital", "Alpha\nHospital", "Alpha\u0000"]) {
      assert.equal(read(card({ title: deceptive })), undefined);
      assert.equal(read(card({ institution: deceptive }))?.institution, undefined);
    }
    assert.equal(read(encode('{"format":"chongwen-dataset-card","version":1,"title":"T","__proto__":{"institution":"P"}}'))?.institution, undefined);
  });

  it("markup in a card stays text", () => {
    assert.equal(read(card({ title: "<img src=x onerror=alert(1)>" }))?.title, "<img src=x onerror=alert(1)>");
  });
});

describe("names", () => {
  const registry: Registry = {
    datasets: [
      { dataset: 1, custodian: 1, card: digest(1), admitted: true },
      { dataset: 2, custodian: 2, card: digest(2), admitted: true },
      { dataset: 3, custodian: 3, card: digest(3), admitted: false },
    ],
    organisations: [1, 2, 3].map((organisation) => ({ organisation, account: address(organisation), officers: [address(10 + organisation), address(20 + organisation)] })),
    contributors: [1, 2, 3].map((contributor) => ({ contributor, organisation: contributor, key: address(30 + contributor) })),
  };
  const cards = new Map<Hex, CardNames>([
    [digest(1), { title: "Skin A", institution: "Alpha" }],
    [digest(3), { title: "Skin C", institution: "Gamma" }],
  ]);

  it("names what a card names; what none names stays a number or an address", () => {
    const names = createNames(registry, cards, contracts);
    assert.equal(names.dataset(1), "Skin A");
    assert.equal(names.dataset(2), undefined);
    assert.equal(names.organisation(1), "Alpha");
    assert.equal(names.organisation(2), undefined);
    assert.deepEqual(names.bearer(address(2)), { kind: "organisation", organisation: 2, name: undefined });
    assert.deepEqual(names.bearer(address(11).toUpperCase().replace("0X", "0x")), { kind: "officer", organisation: 1, name: "Alpha" });
    assert.deepEqual(names.bearer(address(33)), { kind: "contributor", contributor: 3, organisation: 3, name: "Gamma" });
    assert.equal(names.bearer(address(99)), undefined);
  });

  it("attack: a later card renames its institution", () => {
    const more: Registry = { ...registry, datasets: [...registry.datasets, { dataset: 4, custodian: 1, card: digest(4), admitted: true }] };
    const names = createNames(more, new Map([...cards, [digest(4), { title: "Skin D", institution: "Ministry of Health" }]]), contracts);
    assert.equal(names.organisation(1), "Alpha");
  });

  it("attack: an institution takes the name of one admitted before", () => {
    const names = createNames(registry, new Map([...cards, [digest(3), { title: "Skin C", institution: "ＡLPHA" }]]), contracts);
    assert.equal(names.organisation(1), "Alpha");
    assert.equal(names.organisation(3), undefined);
  });

  it("attack: a card that was not voted on speaks before one that was", () => {
    const more: Registry = { ...registry, datasets: [{ dataset: 9, custodian: 1, card: digest(9), admitted: false }, ...registry.datasets] };
    const names = createNames(more, new Map([...cards, [digest(9), { title: "Draft", institution: "Somebody" }]]), contracts);
    assert.equal(names.organisation(1), "Alpha");
  });

  it("attack: an organisation registers a contract of the ledger as its account", () => {
    const more: Registry = { ...registry, organisations: [...registry.organisations, { organisation: 4, account: address(0xdead), officers: [] }] };
    assert.deepEqual(createNames(more, cards, contracts).bearer(address(0xdead)), { kind: "contract", contract: "treasury" });
  });
});
