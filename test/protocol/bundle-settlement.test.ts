import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { getAddress, type Address, type Hex } from "viem";
import {
  buildRewardsTree, buildSettlementBundle, encodeJson, firstFailure, mapReader, MANIFEST, memberAt, readSettlementManifest, statementHash, verifyClaim, verifySettlementBundle,
  ZERO_ADDRESS, type Json, type SettledRound, type SettlementBundle, type SettlementBundleInput, type SettlementExpectations,
} from "../../protocol/index.ts";
import { ARTEFACT, ZERO_HASH } from "./support/round.ts";
import { withCode } from "./support/throws.ts";

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const payee = (i: number): Address => getAddress(`0x${(i + 16).toString(16).padStart(40, "0")}`);
const SETTLEMENT: Address = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
const DOMAIN = { chainId: 31_337, vault: "0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9" as Address, federation: 1 };
const ROUNDS: readonly SettledRound[] = [
  { round: 1, state: "Final", reportHash: word("11"), artefact: word("a1") },
  { round: 2, state: "Void", reportHash: ZERO_HASH, artefact: ZERO_HASH },
  { round: 3, state: "Final", reportHash: word("33"), artefact: word("a3") },
  { round: 4, state: "Void", reportHash: ZERO_HASH, artefact: ZERO_HASH },
];
const SCORED = [{ round: 1, seats: [0, 1, 3], weights: [10, 20, 30] }, { round: 3, seats: [0, 1, 2, 3], weights: [10, 20, 0, 30] }];
const POOL = 2_000n * 10n ** 18n + 1n;

async function make(change: Partial<SettlementBundleInput> = {}) {
  const input: SettlementBundleInput = {
    domain: DOMAIN, settlement: SETTLEMENT, index: 1, attempt: 0, scoringId: 1, pool: POOL, scored: SCORED, payees: [payee(0), ZERO_ADDRESS, payee(2), payee(3)],
    previousMembers: new Uint8Array(0), rounds: ROUNDS, previous: null, ...change,
  };
  const bundle = await buildSettlementBundle(input);
  return { input, bundle, expected: expectationsOf(input, bundle) };
}

function expectationsOf(input: SettlementBundleInput, bundle: SettlementBundle): SettlementExpectations {
  const { domain, settlement, scoringId, index, pool, previous, rounds, payees } = input;
  return { ...domain, settlement, scoringId, index, pool, previous, rounds, payees, statementHash: statementHash({ ...bundle.statement, artefact: ARTEFACT }), artefact: ARTEFACT };
}

const verify = (bundle: SettlementBundle, expected: SettlementExpectations, scored = SCORED, previous: Uint8Array = new Uint8Array(0)) =>
  verifySettlementBundle(mapReader(bundle.files), expected, scored, previous);
const failures = (checks: readonly { name: string; ok: boolean }[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe("a sound settlement", () => {
  test("pays by effective weight, verifies, and its leaves prove", async () => {
    const { bundle, expected } = await make();
    const { computed, statement } = bundle;
    assert.deepEqual(computed.scores, { seats: [20n, 40n, 0n, 60n], nobody: 0n });
    assert.deepEqual(computed.amounts, [(POOL * 20n) / 120n, 0n, 0n, (POOL * 60n) / 120n]);
    assert.equal(computed.distributed + computed.carry, POOL);
    assert.deepEqual([statement.firstRound, statement.lastRound, statement.lastReportHash], [1, 4, word("33")]);
    const result = await verify(bundle, expected);
    assert.equal(firstFailure(result.checks), null);
    assert(result.ok);
    const members = bundle.files.get("members.bin")!;
    assert.deepEqual(result.members, members);
    const tree = await buildRewardsTree(DOMAIN, members);
    assert.equal(tree.root, statement.rewardsRoot);
    assert(verifyClaim(statement.rewardsRoot, DOMAIN, { index: 3, ...memberAt(members, 3)!, proof: tree.proofFor(3) }));
    assert.deepEqual(await readSettlementManifest(mapReader(bundle.files)), bundle.manifest);
  });

  test("builds on the one before, with new seats and carry", async () => {
    const first = await make();
    const previousMembers = first.bundle.files.get("members.bin")!;
    const rounds: SettledRound[] = [{ round: 5, state: "Final", reportHash: word("55"), artefact: word("a5") }];
    const scored = [{ round: 5, seats: [1, 4], weights: [1, 1] }];
    const payees = [payee(0), payee(1), ZERO_ADDRESS, ZERO_ADDRESS, payee(4)];
    const second = await make({ index: 2, rounds, scored, payees, previousMembers, pool: first.bundle.computed.carry + 10n, previous: { index: 1, artefact: ARTEFACT } });
    const result = await verify(second.bundle, second.expected, scored, previousMembers);
    assert.equal(firstFailure(result.checks), null);
    assert.equal(second.bundle.statement.total, first.bundle.statement.total + second.bundle.statement.distributed);
    assert.deepEqual(memberAt(result.members!, 3), memberAt(previousMembers, 3), "an unclaimed amount stays where it was, though its seat declines now");
    assert(!(await verify(second.bundle, second.expected, scored, new Uint8Array(0))).ok, "another history gives other totals");
  });

  test("where nobody scores, all is carried", async () => {
    const { bundle, expected } = await make({ scored: SCORED.map((round) => ({ ...round, weights: round.weights.map(() => 0) })) });
    assert.equal(bundle.computed.carry, POOL);
    assert((await verify(bundle, expected, SCORED.map((round) => ({ ...round, weights: round.weights.map(() => 0) })))).ok);
  });
});

test("any byte of any file, flipped, is found, and the file is named", async () => {
  const { bundle, expected } = await make();
  for (const [path, bytes] of bundle.files) {
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = bytes.slice();
      flipped[at]! ^= 2;
      const files = new Map(bundle.files).set(path, flipped);
      try {
        const { ok, checks } = await verifySettlementBundle(mapReader(files), expected, SCORED, new Uint8Array(0));
        assert(!ok, `${path}, byte ${at}`);
        assert(firstFailure(checks)?.subject.startsWith(path), `${path}, byte ${at}: ${JSON.stringify(firstFailure(checks))}`);
      } catch (error) {
        assert.equal(path, MANIFEST, String(error));
      }
    }
  }
});

test("any file missing, cut, longer or unknown is found", async () => {
  const { bundle, expected } = await make();
  for (const [path, bytes] of bundle.files) {
    if (path === MANIFEST) continue;
    for (const changed of [null, bytes.subarray(0, -1), new Uint8Array([...bytes, 0]), new Uint8Array(5_000)]) {
      const files = new Map(bundle.files);
      if (changed === null) files.delete(path);
      else files.set(path, changed);
      assert(!(await verifySettlementBundle(mapReader(files), expected, SCORED, new Uint8Array(0))).ok, path);
    }
  }
  const extra = new Map(bundle.files).set("x", new Uint8Array(0));
  assert.deepEqual(failures((await verifySettlementBundle(mapReader(extra), expected, SCORED, new Uint8Array(0))).checks), ["no unknown file"]);
});

describe("what the chain says otherwise", () => {
  const other = word("fe");
  for (const [name, change, failing] of [
    ["chain", { chainId: 5 }, "chain"],
    ["settlement", { settlement: DOMAIN.vault }, "settlement contract"],
    ["vault", { vault: SETTLEMENT }, "vault"],
    ["federation", { federation: 9 }, "federation"],
    ["index", { index: 2 }, "statement's index"],
    ["pool", { pool: POOL - 1n }, "pool"],
    ["statement", { statementHash: other }, "statement hash"],
    ["artefact", { artefact: other }, "statement hash"],
    ["settlement before", { previous: { index: 0, artefact: other } }, "settlement before"],
    ["payees", { payees: [payee(0), payee(1), payee(2), payee(3)] }, "recomputed"],
    ["fewer seats", { payees: [payee(0), payee(1), payee(2)] }, "seats"],
    ["a round became void", { rounds: ROUNDS.with(0, { ...ROUNDS[0]!, state: "Void" }) }, "round covered"],
    ["a round more", { rounds: [...ROUNDS, { ...ROUNDS[1]!, round: 5 }] }, "round covered"],
    ["a round less", { rounds: ROUNDS.slice(0, 3) }, "round covered"],
    ["another report", { rounds: ROUNDS.with(2, { ...ROUNDS[2]!, reportHash: other }) }, "round covered"],
  ] as const) {
    test(name, async () => {
      const { bundle, expected } = await make();
      const { ok, checks } = await verify(bundle, { ...expected, ...change } as SettlementExpectations);
      assert(!ok);
      assert.equal(firstFailure(checks)?.name, failing);
    });
  }
});

describe("a lying quorum, with the chain holding its statement", () => {
  test("weights that the rounds do not have", async () => {
    const scored = [SCORED[0]!, { ...SCORED[1]!, weights: [10, 20, 0, 31] }];
    const { bundle, expected } = await make({ scored });
    const { checks } = await verify(bundle, expected);
    assert.deepEqual(firstFailure(checks), { name: "recomputed", subject: "scores.bin", ok: false, expected: "seat 3: 0x000000000000003c", actual: "seat 3: 0x000000000000003d" });
    assert(failures(checks).includes("rewards root"));
  });
  test("a part of the pool kept from everybody, as nobody's score", async () => {
    const { bundle, expected } = await make();
    const scores = bundle.files.get("scores.bin")!.slice();
    scores[scores.length - 1] = 9;
    const { checks } = await verify({ ...bundle, files: new Map(bundle.files).set("scores.bin", scores) }, expected);
    const found = checks.find(({ name, ok }) => name === "recomputed" && !ok);
    assert.deepEqual(found, { name: "recomputed", subject: "scores.bin", ok: false, expected: "nobody's: 0x0000000000000000", actual: "nobody's: 0x0000000000000009" });
  });
  test("scores without nobody's", async () => {
    const { bundle, expected } = await make();
    const files = new Map(bundle.files).set("scores.bin", bundle.files.get("scores.bin")!.slice(0, -8));
    assert(failures((await verify({ ...bundle, files }, expected)).checks).includes("length"));
  });
  test("more for one payee", async () => {
    const { bundle, input } = await make();
    const honest = bundle.computed;
    const members = honest.columns.members.slice();
    members[35]! += 1;
    const tree = await buildRewardsTree(DOMAIN, members);
    const files = new Map(bundle.files).set("members.bin", members);
    const statement = { ...bundle.statement, rewardsRoot: tree.root };
    const result = await verifySettlementBundle(mapReader(files), { ...expectationsOf(input, bundle), statementHash: statementHash({ ...statement, artefact: ARTEFACT }) }, SCORED, new Uint8Array(0));
    assert.match(result.checks.find(({ name, ok }) => name === "recomputed" && !ok)!.actual, /^seat 0: /);
    assert.deepEqual(result.members, honest.columns.members, "what is returned is what is right");
  });
  test("a final round whose weights nobody verified", async () => {
    const { bundle, expected } = await make();
    const { ok, checks, members } = await verify(bundle, expected, [SCORED[0]!]);
    assert(!ok);
    assert.deepEqual(failures(checks), ["effective weights"]);
    assert.equal(members, null);
  });
  test("weight for a seat that does not exist", async () => {
    const { bundle, expected } = await make();
    const { checks } = await verify(bundle, expected, [SCORED[0]!, { round: 3, seats: [99], weights: [1] }]);
    assert.equal(firstFailure(checks)?.name, "settlement");
  });
});

describe("a manifest that was edited, and the chain holds the statement it makes", () => {
  type Manifest = Record<string, Json> & { statement: Record<string, Json>; files: Record<string, Json>[] };
  const edited = async (edit: (manifest: Manifest) => void, change: (statement: SettlementBundle["statement"]) => SettlementBundle["statement"] = (statement) => statement) => {
    const { bundle, expected } = await make();
    const manifest = JSON.parse(new TextDecoder().decode(bundle.files.get(MANIFEST))) as Manifest;
    edit(manifest);
    const statement = change(bundle.statement);
    for (const [name, value] of Object.entries(statement)) manifest.statement[name] = typeof value === "bigint" ? value.toString() : value;
    const files = new Map(bundle.files).set(MANIFEST, encodeJson(manifest as Json));
    const chain = { ...expected, statementHash: statementHash({ ...statement, artefact: ARTEFACT }) };
    return failures((await verifySettlementBundle(mapReader(files), chain, SCORED, new Uint8Array(0))).checks);
  };
  const nothing = () => {};
  for (const [name, change, failing] of [
    ["federation", { federation: 2 }, "statement's federation"], ["index", { index: 2 }, "statement's index"], ["first round", { firstRound: 2 }, "first round"],
    ["last round", { lastRound: 3 }, "last round"], ["last report", { lastReportHash: word("ee") }, "last report hash"], ["scores", { scoresHash: word("ee") }, "scores hash"],
    ["entitlements", { entitlementsHash: word("ee") }, "entitlements hash"], ["root", { rewardsRoot: word("ee") }, "rewards root"],
    ["distributed", { distributed: 1n }, "distributed"], ["total", { total: 1n }, "total"],
  ] as const) {
    test(`another ${name} in the statement`, async () => assert.deepEqual(await edited(nothing, (statement) => ({ ...statement, ...change })), [failing]));
  }
  test("another carry, scoring rule, number of seats, round", async () => {
    assert.deepEqual(await edited((manifest) => (manifest["carry"] = "5")), ["carry"]);
    assert.deepEqual(await edited((manifest) => (manifest["scoringId"] = 2)), ["scoring rule"]);
    assert.deepEqual(await edited((manifest) => (manifest["seatCount"] = 5)), ["seats"]);
    assert.deepEqual(await edited((manifest) => (manifest["rounds"] as Json[]).pop()), ["round covered"]);
  });
  test("a wrong length or hash in the file list", async () => {
    for (const i of [0, 1, 2, 3]) {
      assert.deepEqual(await edited((manifest) => (manifest.files[i]!["bytes"] = 1)), ["listed length"]);
      assert.deepEqual(await edited((manifest) => (manifest.files[i]!["keccak256"] = ZERO_HASH)), ["file hash"]);
    }
  });
});

describe("bad input", () => {
  test("no final round, an unknown scoring rule", async () => {
    await assert.rejects(make({ rounds: [ROUNDS[1]!] }), withCode("out-of-range"));
    await assert.rejects(make({ scoringId: 9 }), withCode("rule-unknown"));
    const { bundle, expected } = await make();
    await assert.rejects(verify(bundle, { ...expected, scoringId: 9 }), withCode("rule-unknown"));
  });
  test("a newer version", async () => {
    const { bundle, expected } = await make();
    const text = new TextDecoder().decode(bundle.files.get(MANIFEST)).replace('"version":1', '"version":3');
    const files = new Map(bundle.files).set(MANIFEST, new TextEncoder().encode(text));
    await assert.rejects(verifySettlementBundle(mapReader(files), expected, SCORED, new Uint8Array(0)), withCode("version-unknown"));
  });
});
