// The library card's pure parts: receipts against the protocol, counterfactuals, statements, permissions, citations.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getAddress, keccak256, zeroAddress } from "viem";
import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { CoveredRound, FederationHistory, SettlementRecord } from "../../frontend/src/chain/book.ts";
import { colophonHash, colophonJson, toBibtex, toCslJson, toPlainCitation } from "../../frontend/src/claims/colophon.ts";
import type { Colophon } from "../../frontend/src/claims/colophon.ts";
import { partOf, poolParts, sumOf } from "../../frontend/src/claims/entry.ts";
import { permissionProblem, permissionTypedData, readPermission, writePermission } from "../../frontend/src/claims/permission.ts";
import { checkBreakdown } from "../../frontend/src/claims/receipt.ts";
import type { Breakdown, RewardsTable } from "../../frontend/src/claims/receipt.ts";
import { recomputeScores, withoutUpdate } from "../../frontend/src/claims/recompute.ts";
import { checkRoundWeights } from "../../frontend/src/claims/round-weights.ts";
import { linesOf, statementCsv, statementOf, yearsOf } from "../../frontend/src/claims/statement.ts";
import type { SettledPage } from "../../frontend/src/claims/statement.ts";
import { chineseNumber } from "../../frontend/src/pages/card/chinese-number.ts";
import { computeSettlement } from "../../protocol/bundle/settlement-compute.ts";
import { columnHash, packUints } from "../../protocol/columns.ts";
import { digestOf, sealHash, typedDataOf, createDomain } from "../../protocol/eip712/hash.ts";
import { encodeJson } from "../../protocol/bundle/canonical-json.ts";
import { toJson } from "../../protocol/bundle/struct-json.ts";
import { memberTotal } from "../../protocol/rewards/members.ts";
import type { ScoredRound } from "../../protocol/rewards/scoring.ts";
import { createRandom } from "../protocol/support/random.ts";

const account = (n: number): Address => getAddress(`0x${n.toString(16).padStart(40, "b")}`);
const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const domain = { chainId: 31_337, vault: account(900), federation: 1 };

/** A settlement as the protocol makes it, from random rounds. */
async function settlement(seed: number) {
  const random = createRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const seatCount = 1 + below(9);
  const rounds: ScoredRound[] = Array.from({ length: 1 + below(4) }, (_, i) => {
    const seats = Array.from({ length: seatCount }, (__, seat) => seat).filter(() => random() < 0.8);
    return { round: i + 1, seats, weights: seats.map(() => (random() < 0.15 ? 0 : 1 + below(100))) };
  });
  const payees = Array.from({ length: seatCount }, (_, seat) => (random() < 0.1 ? zeroAddress : account(seat)));
  const pool = BigInt(below(2 ** 31)) * 10n ** BigInt(below(15)) + BigInt(below(1000));
  const computed = await computeSettlement({ domain, scoringId: 1, pool, scored: rounds, payees, previousMembers: new Uint8Array() });
  const statement = { scoresHash: computed.scoresHash, entitlementsHash: computed.entitlementsHash, pool };
  const breakdown = checkBreakdown(statement, computed.columns.scores, computed.columns.entitlements);
  assert.ok(breakdown, `seed ${seed}`);
  return { rounds, pool, computed, breakdown, statement, seatCount };
}

const seeds = Array.from({ length: 200 }, (_, i) => i + 1);

describe("a receipt", () => {
  it("is what the protocol computes, for every seat of many settlements", async () => {
    for (const seed of seeds) {
      const { rounds, pool, computed, breakdown, statement, seatCount } = await settlement(seed);
      assert.deepEqual(recomputeScores({ scoringId: 1, rounds, breakdown, scoresHash: statement.scoresHash }), { kind: "equal", rule: "size-v1" });
      for (let seat = 0; seat < seatCount; seat++) {
        const { score, scoreSum, amount, remainder, declined } = sumOf(breakdown, pool, seat);
        assert.equal(amount, computed.amounts[seat]);
        if (!declined && scoreSum > 0n) assert.equal(amount * scoreSum + remainder, pool * score, "the sum with its rounding");
      }
    }
  });

  it("is not sealed when one round's weight was another, or the rule is not known", async () => {
    const { rounds, breakdown, statement } = await settlement(11);
    const [first, ...others] = rounds;
    assert.ok(first !== undefined && first.seats.length > 0);
    const changed = [{ ...first, weights: first.weights.map((weight, i) => (i === 0 ? weight + 1 : weight)) }, ...others];
    assert.deepEqual(recomputeScores({ scoringId: 1, rounds: changed, breakdown, scoresHash: statement.scoresHash }), { kind: "differs", seats: [first.seats[0]] });
    assert.deepEqual(recomputeScores({ scoringId: 2, rounds, breakdown, scoresHash: statement.scoresHash }), { kind: "unknown-rule", scoringId: 2 });
    assert.equal(recomputeScores({ scoringId: 1, rounds, breakdown, scoresHash: hash(1) }).kind, "differs");
  });

  it("names what became of each update", () => {
    const seal = { dropped: new Map([[4, 3]]) };
    const covered = { round: 1, report: {}, seal } as unknown as CoveredRound;
    const weights = { round: 1, seats: [0, 2, 4], sealed: [10, 20, 0], weights: [10, 0, 0] };
    const parts = [0, 1, 2, 4].map((seat) => partOf(covered, seat, weights));
    assert.deepEqual(parts, [{ kind: "counted", weight: 10 }, { kind: "absent" }, { kind: "excluded", weight: 20 }, { kind: "dropped", reason: 3 }]);
    assert.deepEqual(partOf(covered, 0, undefined), { kind: "unchecked" });
    assert.deepEqual(partOf({ ...covered, report: undefined }, 0, weights), { kind: "void" });
  });

  it("takes the pool apart only where it adds up", () => {
    assert.deepEqual(poolParts(2003n, 2, 1000n, 3n), { rounds: 2000n, carry: 3n });
    assert.equal(poolParts(2004n, 2, 1000n, 3n), undefined);
  });

  it("numbers its leaf as a printer did", () => {
    assert.deepEqual([1, 10, 11, 20, 21, 101, 110, 1003].map(chineseNumber), ["一", "十", "十一", "二十", "二十一", "一百〇一", "一百一十", "一千〇三"]);
  });
});

describe("weights of a round", () => {
  const seats = packUints([0, 3], 4);
  const weights = packUints([10, 20], 2);
  const seal = {
    federation: 1, round: 5, attempt: 0, parentReportHash: hash(1), configHash: hash(2), seatsHash: columnHash(seats), updateRootsHash: hash(3),
    normsHash: hash(4), normTracesHash: hash(5), signaturesHash: hash(6),
  };
  const manifest = encodeJson({ seal: toJson(seal), other: 1 });
  const chain = { round: 5, weightsHash: columnHash(weights), sealHash: sealHash(seal, columnHash(weights)), excluded: 2n };
  const files = { manifest, seats, weights };

  it("are those of the seal; what the report excluded counts nothing", () => {
    assert.deepEqual(checkRoundWeights(files, chain), { round: 5, seats: [0, 3], sealed: [10, 20], weights: [10, 0] });
  });

  it("attack: any other file, column or seal", () => {
    assert.equal(checkRoundWeights({ ...files, weights: packUints([11, 20], 2) }, chain), undefined);
    assert.equal(checkRoundWeights({ ...files, seats: packUints([0, 4], 4) }, chain), undefined);
    assert.equal(checkRoundWeights(files, { ...chain, sealHash: hash(9) }), undefined);
    const other = packUints([0, 4], 4);
    assert.equal(checkRoundWeights({ ...files, seats: other, manifest: encodeJson({ seal: toJson({ ...seal, seatsHash: columnHash(other) }) }) }, chain), undefined);
    for (const hostile of ["", "{", "null", "{}", '{"seal":{}}']) assert.equal(checkRoundWeights({ ...files, manifest: new TextEncoder().encode(hostile) }, chain), undefined);
    const short = packUints([10], 2);
    assert.equal(checkRoundWeights({ ...files, weights: short }, { ...chain, weightsHash: columnHash(short), sealHash: sealHash(seal, columnHash(short)) }), undefined);
  });
});

describe("had an update been rejected", () => {
  it("nobody else would have earned less, the seat not more, and no more than the pool", async () => {
    let looked = 0;
    for (const seed of seeds) {
      const { rounds, pool, breakdown, computed, seatCount } = await settlement(seed);
      for (const { round, seats, weights } of rounds) {
        for (const [i, seat] of seats.entries()) {
          const without = withoutUpdate({ scoringId: 1, pool, rounds, breakdown }, seat, round);
          if ((weights[i] ?? 0) === 0) {
            assert.equal(without, undefined, "an update that did not count cannot be taken away");
            continue;
          }
          assert.ok(without);
          looked++;
          assert.deepEqual(without.before.amounts, [...computed.amounts]);
          assert.ok(without.own >= 0n);
          assert.ok(without.others.every(({ gain }) => gain > 0n), "never negative for others");
          assert.ok(without.after.distributed <= pool && without.after.carry >= 0n);
          assert.equal(without.after.amounts.length, seatCount);
        }
      }
    }
    assert.ok(looked > 500);
  });

  it("is the settlement that the protocol computes for rounds without that entry", async () => {
    const { rounds, pool, breakdown, computed } = await settlement(11);
    const target = rounds.flatMap(({ round, seats, weights }) => seats.map((seat, i) => ({ round, seat, weight: weights[i] ?? 0 }))).find(({ weight }) => weight > 0);
    assert.ok(target);
    const scored = rounds.map((each) => (each.round === target.round ? { ...each, seats: each.seats.filter((seat) => seat !== target.seat), weights: each.weights.filter((_, i) => each.seats[i] !== target.seat) } : each));
    const payees = computed.amounts.map((amount, seat) => (amount === 0n ? zeroAddress : account(seat)));
    const again = await computeSettlement({ domain, scoringId: 1, pool, scored, payees, previousMembers: new Uint8Array() });
    assert.deepEqual(withoutUpdate({ scoringId: 1, pool, rounds, breakdown }, target.seat, target.round)?.after.amounts, [...again.amounts]);
  });

  it("all would have rolled over when nobody else had weight", () => {
    const rounds = [{ round: 1, seats: [0], weights: [5] }];
    const breakdown: Breakdown = { scores: [5n], nobody: 0n, amounts: [100n], scoreSum: 5n };
    const without = withoutUpdate({ scoringId: 1, pool: 100n, rounds, breakdown }, 0, 1);
    assert.deepEqual([without?.nobodyPaid, without?.own, without?.after.carry], [true, 100n, 100n]);
  });
});

describe("a statement", () => {
  const place = (block: bigint) => ({ blockNumber: block, blockHash: hash(Number(block)), logIndex: 0, transactionHash: hash(1000 + Number(block)) });
  const times = new Map([[hash(10), Date.UTC(2025, 11, 31, 23, 30) / 1000], [hash(20), Date.UTC(2026, 5, 1) / 1000], [hash(21), Date.UTC(2026, 5, 2) / 1000]]);

  async function ledger(seed: number) {
    const { computed, breakdown, seatCount } = await settlement(seed);
    const leaves = Array.from({ length: seatCount }, (_, seat) => ({ seat, payee: account(seat % 3), cumulative: computed.amounts[seat] ?? 0n }));
    const record = { federation: 1, index: 1, firstRound: 1, lastRound: 2, finalised: { ...place(10n), carry: 0n } } as unknown as SettlementRecord;
    const claims = leaves.filter(({ cumulative }) => cumulative > 0n).map(({ seat, payee, cumulative }, i) => ({ ...place(20n + BigInt(i % 2)), seat, payee, recipient: payee, amount: cumulative, cumulative }));
    const page: SettledPage = { record, leaves, breakdown };
    return { history: { federation: 1, claims } as unknown as FederationHistory, page, computed };
  }

  it("adds up to what the chain holds, over all payees", async () => {
    for (const seed of seeds.slice(0, 60)) {
      const { history, page, computed } = await ledger(seed);
      const lines = [0, 1, 2].flatMap((n) => linesOf(history, [page], account(n)));
      const sum = (kind: string): bigint => lines.filter((line) => line.kind === kind).reduce((total, { quantity }) => total + quantity, 0n);
      assert.equal(sum("entitlement"), computed.distributed);
      assert.equal(sum("entitlement"), memberTotal(computed.columns.members));
      assert.equal(sum("received"), computed.distributed);
    }
  });

  it("tells what was received from what was passed on", () => {
    const claim = { ...place(20n), seat: 0, payee: account(1), recipient: account(2), amount: 5n, cumulative: 5n };
    const history = { federation: 1, claims: [claim] } as unknown as FederationHistory;
    assert.deepEqual(linesOf(history, [], account(1)).map(({ kind }) => kind), ["passed-on"]);
    assert.deepEqual(linesOf(history, [], account(2).toLowerCase()).map(({ kind }) => kind), ["received"]);
    assert.deepEqual(linesOf(history, [], account(3)), []);
    assert.deepEqual(linesOf(history, [], account(2)).map(({ unit }) => unit), ["SHU"]);
  });

  it("keeps what was earned in points apart from SHU", async () => {
    const { history, page, computed } = await ledger(4);
    const paid = history.claims.map((claim) => ({ ...claim, amount: claim.amount / 2n }));
    const lines = [0, 1, 2].flatMap((n) => linesOf({ ...history, claims: paid, points: { rate: 10n ** 18n / 2n } }, [page], account(n)).map((line) => ({ ...line, at: Date.UTC(2026, 5, 1) / 1000 })));
    assert.deepEqual([...new Set(lines.map(({ kind, unit }) => `${kind}: ${unit}`))].toSorted(), ["entitlement: points", "received: SHU"]);
    const { earned, earnedPoints, received } = statementOf(lines, 2026, "UTC");
    assert.deepEqual([earned, earnedPoints, received], [0n, computed.distributed, paid.reduce((sum, { amount }) => sum + amount, 0n)]);
    const csv = statementCsv(lines, "UTC", 1, { columns: ["a"], kind: (kind) => kind, reason: () => "", dataset: () => "" });
    assert.match(csv, /,points,0x/);
  });

  it("ends its year at the stated zone's midnight, and no line is in two years", async () => {
    const { history, page } = await ledger(4);
    const lines = linesOf(history, [page], account(0)).map((line) => ({ ...line, at: times.get(line.blockHash) ?? 0 }));
    assert.deepEqual(yearsOf(lines, "UTC"), [2026, 2025]);
    assert.deepEqual(yearsOf(lines, "Asia/Shanghai"), [2026]);
    for (const zone of ["UTC", "Asia/Shanghai", "America/New_York"]) {
      const statements = yearsOf(lines, zone).map((year) => statementOf(lines, year, zone));
      assert.equal(statements.reduce((count, { lines: own }) => count + own.length, 0), lines.length);
      assert.equal(statements.reduce((sum, { earned }) => sum + earned, 0n), lines.filter(({ kind }) => kind === "entitlement").reduce((sum, { quantity }) => sum + quantity, 0n));
    }
  });

  it("keeps the chain's order within one second", async () => {
    const { history, page } = await ledger(4);
    const lines = linesOf(history, [page], account(0)).map((line) => ({ ...line, at: Date.UTC(2026, 5, 1) / 1000 }));
    const blocks = statementOf(lines, 2026, "UTC").lines.map(({ blockNumber }) => blockNumber);
    assert.deepEqual(blocks, blocks.toSorted((a, b) => Number(a - b)));
    assert.ok(new Set(blocks).size > 1);
  });

  it("attack: a dataset's name is a formula in the CSV", async () => {
    const { history, page } = await ledger(4);
    const lines = linesOf(history, [page], account(0)).map((line) => ({ ...line, at: times.get(line.blockHash) ?? 0 }));
    const words = (dataset: string) => ({ columns: ["a"], kind: (kind: string) => kind, reason: () => "reason, with \"quotes\"", dataset: () => dataset });
    for (const formula of ['=HYPERLINK("https://evil.example";"pay")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1+1", "%0A=1"]) {
      const csv = statementCsv(lines, "UTC", 1, words(formula));
      const cells = csv.split("\r\n")[1] ?? "";
      assert.ok(cells.includes(`'${formula.replaceAll('"', '""')}`), formula);
      assert.doesNotMatch(csv, /(^|,|")\s*[=+@＝]/m, formula);
    }
    const csv = statementCsv(lines, "Asia/Shanghai", 1, words("Skin"));
    assert.match(csv, /\r\n2026-01-01T07:30:00\+08:00,Asia\/Shanghai,/);
    assert.ok(csv.includes('"reason, with ""quotes"""'));
    assert.ok(csv.endsWith("\r\n"));
  });
});

describe("a permission", () => {
  const payee = privateKeyToAccount(hash(77));
  const table = { leaves: [{ seat: 2, payee: payee.address, cumulative: 50n }], seatCount: 3, proofFor: () => [] } satisfies RewardsTable;
  const terms = { chainId: 1, vault: account(9), federation: 4, index: 2, payee: payee.address, recipient: account(8), cumulative: 50n, deadline: 2000n };
  const context = { chainId: 1, vault: account(9), table, claimed: 20n, now: 1000 };

  it("travels as text, and what is signed is what the vault hashes", async () => {
    const signature = await payee.signTypedData(permissionTypedData(terms) as never);
    const permission = { ...terms, signature };
    assert.deepEqual(readPermission(writePermission(permission)), permission);
    assert.equal(permissionProblem(permission, context), undefined);
    const { federation, index, recipient, cumulative, deadline } = terms;
    const claim = { federation, index, recipient, cumulative, deadline };
    const digest = digestOf(createDomain(1, terms.vault), "Claim", claim);
    assert.equal(await payee.sign({ hash: digest }), signature);
    assert.deepEqual(permissionTypedData(terms), typedDataOf(createDomain(1, terms.vault), "Claim", claim));
  });

  it("is refused before anybody pays for it, with the reason", () => {
    const permission = { ...terms, signature: "0x00" as Hex };
    const problem = (change: Partial<typeof permission>, other: Partial<typeof context> = {}) => permissionProblem({ ...permission, ...change }, { ...context, ...other });
    assert.equal(problem({ chainId: 2 }), "other-ledger");
    assert.equal(problem({ vault: account(7) }), "other-ledger");
    assert.equal(problem({ deadline: 999n }), "expired");
    assert.equal(problem({ index: 1 }), "not-in-table");
    assert.equal(problem({ payee: account(5) }), "other-payee");
    assert.equal(problem({ cumulative: 49n }), "outdated");
    assert.equal(problem({}, { claimed: 50n }), "already-claimed");
  });

  it("attack: a text that is anything at all", () => {
    const good = JSON.parse(writePermission({ ...terms, signature: "0x1234" })) as Record<string, unknown>;
    for (const change of [{ format: "x" }, { version: 2 }, { cumulative: 50 }, { cumulative: "-1" }, { cumulative: "1e3" }, { payee: "0x1" }, { signature: "hello" }, { signature: "0x123" }, { index: -1 }, { extra: 1 }]) {
      assert.equal(readPermission(JSON.stringify({ ...good, ...change })), undefined, JSON.stringify(change));
    }
    for (const text of ["", "null", "[]", "{", "x".repeat(1_000_000)]) assert.equal(readPermission(text), undefined);
  });
});

describe("a colophon", () => {
  const colophon: Colophon = {
    chainId: 31_337, ledger: account(1), contributor: 3, organisation: 2, institution: "Alpha & Söhne {Klinik} 50%", url: "http://localhost/verify/#/settlement/2",
    parts: [{ federation: 1, seat: 0, dataset: 4, datasetTitle: "Skin", settlement: 2, firstRound: 3, lastRound: 4, score: 50n, scoreSum: 286n, reportHash: hash(1), modelRoot: hash(2), scoresHash: hash(3) }],
    asOf: { block: 168n, blockHash: hash(4), timestamp: Date.UTC(2026, 10, 22) / 1000 },
  };

  it("has one hash, of its canonical JSON, which every citation carries", () => {
    const own = colophonHash(colophon);
    assert.equal(own, keccak256(new TextEncoder().encode(colophonJson(colophon))));
    assert.equal(colophonHash({ ...colophon, url: "elsewhere" }), own, "where it is served is not part of it");
    assert.notEqual(colophonHash({ ...colophon, institution: "Beta" }), own);
    for (const citation of [toBibtex(colophon), toCslJson(colophon), toPlainCitation(colophon)]) assert.ok(citation.includes(own));
    const [item] = JSON.parse(toCslJson(colophon)) as [{ type: string; issued: unknown; author: unknown }];
    assert.deepEqual([item.type, item.issued, item.author], ["dataset", { "date-parts": [[2026, 11, 22]] }, [{ literal: "Alpha & Söhne {Klinik} 50% (contributor 3)" }]]);
  });

  it("attack: a name that would break out of its BibTeX field", () => {
    const bibtex = toBibtex({ ...colophon, institution: "A}, note={forged" });
    assert.ok(bibtex.includes("author = {{A\\}, note=\\{forged (contributor 3)}}"));
    assert.ok(toBibtex(colophon).includes("Alpha \\& Söhne \\{Klinik\\} 50\\%"));
    assert.equal([...bibtex.matchAll(/^ {2}(\w+) = /gm)].length, 7);
  });
});
