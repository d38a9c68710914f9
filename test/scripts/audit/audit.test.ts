import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { zeroHash, type Hex } from "viem";
import { auditLedger } from "../../../protocol/audit/audit.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { parseFacts, writeFacts, type LedgerFacts } from "../../../protocol/ledger/facts.ts";
import { nativeHashPairs } from "../../../scripts/store/hash-pairs.ts";
import { buildLedger, type Fixture } from "./fixture.ts";

describe("audit", () => {
  let honest: Fixture;
  const made: string[] = [];
  const build = async (...args: Parameters<typeof buildLedger>): Promise<Fixture> => {
    const fixture = await buildLedger(...args);
    made.push(fixture.dir);
    return fixture;
  };
  const auditOf = ({ store }: Fixture, facts: LedgerFacts) => auditLedger({ facts, store, hashPairs: nativeHashPairs });
  const changed = (change: (facts: LedgerFacts) => void): LedgerFacts => {
    const facts = structuredClone(honest.facts);
    change(facts);
    return facts;
  };
  /** The first finding of an audit of the honest artefacts against a chain that says something else. */
  const firstFinding = async (change: (facts: LedgerFacts) => void): Promise<string> => {
    const { ok, findings } = await auditOf(honest, changed(change));
    assert.equal(ok, false);
    const [first] = findings;
    return `${first?.kind} ${first?.entry} ${first?.subject}: ${first?.message}`;
  };

  before(async () => {
    honest = await build();
  });
  after(() => Promise.all(made.map((dir) => rm(dir, { recursive: true, force: true }))));

  it("finds nothing wrong with an honest ledger", async () => {
    const { ok, findings, checked, rounds, settlements } = await auditOf(honest, honest.facts);
    assert.deepEqual(findings, []);
    assert.deepEqual([ok, rounds, settlements, checked > 100], [true, 2, 1, true]);
  });

  it("says the same of facts that went through a file", async () => {
    const { ok } = await auditOf(honest, parseFacts(writeFacts(honest.facts)));
    assert.equal(ok, true);
  });

  it("names the coordinate of an aggregate that the operators signed but that does not follow from the updates", async () => {
    const wrong = await build({ aggregateError: 1 });
    const { findings } = await auditOf(wrong, wrong.facts);
    const finding = findings.find(({ subject }) => subject === "model.bin");
    assert.equal(finding?.entry, "round 2");
    assert.match(finding?.message ?? "", /coordinate 7/);
  });

  it("notices a contribution replayed from another round", async () => {
    const wrong = await build({ replayBy: 1 });
    const { findings } = await auditOf(wrong, wrong.facts);
    assert.ok(findings.some(({ entry, message }) => entry === "round 2" && /sign/.test(message)), JSON.stringify(findings));
  });

  describe("of a federation that was frozen", () => {
    const reason: Hex = `0x${"5e".repeat(32)}`;
    /** Frozen in block 10 at 100 until 200, lifted in block 20 at 150, again in block 40 at 400. */
    const frozen = (...moves: NonNullable<LedgerFacts["freezes"]>["moves"]) => (facts: LedgerFacts): void => {
      facts.freezes = {
        until: 500,
        changes: [
          { block: 10n, logIndex: 1, at: 100, until: 200, reason },
          { block: 20n, logIndex: 1, at: 150, until: 150, reason: null },
          { block: 40n, logIndex: 5, at: 400, until: 500, reason },
        ],
        moves,
      };
    };
    const move = (block: bigint, logIndex: number, at: number, moved: "sealed" | "reported" | "final" = "sealed", round = 2) => ({ block, logIndex, at, round, move: moved });

    it("notices a round that was sealed, reported or made final while the federation was frozen", async () => {
      for (const moved of ["sealed", "reported", "final"] as const) {
        assert.match(await firstFinding(frozen(move(9n, 0, 90), move(10n, 2, 100, moved))), new RegExp(`^mismatch round 2 freeze: .*was ${moved} in block 10, is frozen until 200, at 100`));
        assert.match(await firstFinding(frozen(move(15n, 0, 149, moved))), /^mismatch round 2 freeze: .*frozen until 200, at 149/);
        assert.match(await firstFinding(frozen(move(45n, 0, 499, moved))), /^mismatch round 2 freeze: .*frozen until 500, at 499/);
      }
    });

    it("lets pass what came before the freeze in its block, after it was lifted, and from its end on", async () => {
      const { findings } = await auditOf(honest, changed(frozen(move(10n, 0, 100), move(20n, 2, 150), move(30n, 0, 160), move(40n, 4, 400), move(50n, 0, 500))));
      assert.deepEqual(findings, []);
    });

    it("looks only at the rounds that it is asked about", async () => {
      const facts = changed(frozen(move(15n, 0, 120, "sealed", 2)));
      const of = (round: number) => auditLedger({ facts, store: honest.store, hashPairs: nativeHashPairs, scope: { round } });
      assert.deepEqual([(await of(1)).findings.length, (await of(2)).findings.length], [0, 1]);
    });

    it("notices a freeze that the ledger does not hold, and one that nobody gave a reason for", async () => {
      assert.match(await firstFinding((facts) => (frozen()(facts), void (facts.freezes && (facts.freezes.until = 0)))), /^mismatch freezes until: end of the last freeze is 0, expected 500/);
      assert.match(await firstFinding((facts) => (frozen()(facts), void facts.freezes?.changes.forEach((change) => (change.reason = null)))), /^mismatch freezes block 10: reason of the council is none/);
    });
  });

  it("notices a signature by a key that is not the seat's", async () => {
    const finding = await firstFinding(({ rounds }) => {
      const seat = rounds[0]?.seats[2];
      if (seat !== undefined) seat.key = "0x0000000000000000000000000000000000000001";
    });
    assert.match(finding, /^mismatch round 1 .*signature/);
  });

  it("notices when the chain holds another report, model, configuration or metrics than the bundle", async () => {
    for (const field of ["reportHash", "modelRoot", "metricsHash"] as const) {
      const finding = await firstFinding(({ rounds }) => {
        const report = rounds[1]?.report;
        if (report) report[field] = zeroHash;
      });
      assert.match(finding, /^mismatch round 2 manifest.json/, field);
    }
    assert.match(await firstFinding(({ rounds }) => void (rounds[0] && (rounds[0].configHash = zeroHash))), /^mismatch round 1 .*configuration/);
  });

  it("notices a settlement whose pool, payees, total or root differ from the chain's", async () => {
    const settlement = (change: (entry: LedgerFacts["settlements"][number]) => void) =>
      firstFinding(({ settlements }) => {
        if (settlements[0]) change(settlements[0]);
      });
    assert.match(await settlement((entry) => (entry.pool += 1n)), /^mismatch settlement 1 .*pool/);
    assert.match(await settlement((entry) => entry.payees.reverse()), /^mismatch settlement 1/);
    assert.match(await settlement((entry) => (entry.statementHash = zeroHash)), /^mismatch settlement 1 .*statement hash/);
    assert.match(await firstFinding((facts) => (facts.rewardsRoot = zeroHash)), /^mismatch vault .*rewards root/);
    assert.match(await firstFinding((facts) => (facts.credited += 1n)), /^mismatch vault .*credited/);
  });

  it("notices a payment above what was earned, and one that does not add up", async () => {
    const above = await firstFinding(({ claims }) => {
      const claim = claims[0];
      if (claim !== undefined) [claim.amount, claim.cumulative] = [claim.amount + 1n, claim.cumulative + 1n];
    });
    assert.match(above, /^mismatch claims seat 0: paid in total/);
    assert.match(await firstFinding(({ claims }) => void (claims[1] && (claims[1].amount -= 1n))), /^mismatch claims seat 1: sum of payments/);
  });

  it("notices a payment for points that is not what they are worth, or is not there", async () => {
    const rate = 10n ** 18n / 3n;
    const inPoints = (change: (payments: NonNullable<LedgerFacts["points"]>["payments"]) => void = () => undefined) => (facts: LedgerFacts) => {
      const payments = facts.claims.map(({ index, amount }) => ({ index, points: amount, paid: (amount * rate) / 10n ** 18n }));
      change(payments);
      facts.points = { rate, payments };
    };
    assert.deepEqual((await auditOf(honest, changed(inPoints()))).findings, []);
    const about = /claims seat 0: SHU paid for points/;
    assert.match(await firstFinding(inPoints(([first]) => first !== undefined && (first.paid += 1n))), about);
    assert.match(await firstFinding(inPoints((payments) => payments.shift())), about);
    assert.match(await firstFinding((facts) => (facts.points = { rate: 0n, payments: [{ index: 0, points: 1n, paid: 1n }] })), about);
  });

  it("tells what is missing from what is wrong", async () => {
    const { ok, findings } = await auditOf(honest, changed(({ datasets }) => void (datasets[0] && (datasets[0].card = zeroHash))));
    assert.equal(ok, false);
    assert.deepEqual(findings.map(({ kind, entry }) => [kind, entry]), [["unverified", "dataset 1"]]);
  });

  it("does not blame what builds on a round that cannot be read", async () => {
    const { findings } = await auditOf(honest, changed(({ rounds }) => void (rounds[0]?.report && (rounds[0].report.artefact = zeroHash))));
    assert.deepEqual(
      findings.map(({ kind, entry }) => [kind, entry]),
      [["unverified", "round 1"], ["unverified", "round 2"], ["unverified", "settlement 1"]],
    );
  });

  it("looks at one round alone, with its parent's model as base, and at one settlement with the rounds that it covers", async () => {
    const { store, facts } = honest;
    const round = await auditLedger({ facts, store, hashPairs: nativeHashPairs, scope: { round: 2 } });
    assert.deepEqual([round.ok, round.rounds, round.settlements], [true, 1, 0]);
    assert.deepEqual(new Set(round.comparisons.map(({ entry }) => entry)), new Set(["round 2"]));
    const settlement = await auditLedger({ facts, store, scope: { settlement: 1 } });
    assert.deepEqual([settlement.ok, settlement.rounds, settlement.settlements], [true, 2, 1]);
    assert.deepEqual(settlement.members, (await auditOf(honest, facts)).members);
  });

  it("finds in one round what it finds of it in the whole ledger, and nothing of another round", async () => {
    const { store, facts } = await build({ aggregateError: 1 });
    const findings = async (scope: { round?: number }) => (await auditLedger({ facts, store, hashPairs: nativeHashPairs, scope })).findings;
    assert.deepEqual(await findings({ round: 2 }), (await findings({})).filter(({ entry }) => entry === "round 2"));
    assert.deepEqual(await findings({ round: 1 }), []);
  });

  it("does not call a round verified of which there is nothing to recompute", async () => {
    const facts = changed(({ rounds }) => Object.assign(rounds[1]!, { report: null, state: "Void" }));
    const { ok, findings } = await auditLedger({ facts, store: honest.store, scope: { round: 2 } });
    assert.equal(ok, false);
    assert.deepEqual(findings.map(({ kind }) => kind), ["unverified"]);
  });

  it("pays by the configuration of the last final round, whatever a void round behind it was sealed under", async () => {
    const facts = changed(({ rounds, settlements }) => {
      rounds.push({ ...rounds[1]!, round: 3, state: "Void", report: null, configHash: zeroHash });
      settlements[0]!.lastRound = 3;
    });
    const { findings } = await auditOf(honest, facts);
    // What the change itself breaks, and nothing of an unknown rule.
    assert.deepEqual(findings.map(({ kind, subject }) => [kind, subject]), [["mismatch", "manifest.json: round 3"], ["mismatch", "manifest.json"]]);
  });

  it("tells what was erased from what differs", async () => {
    const erased = new ChongwenError({ code: "artefact-erased", message: "gone", fix: "-" });
    const store = { open: () => Promise.reject(erased), verifyAll: () => Promise.reject(erased) };
    const { findings } = await auditLedger({ facts: honest.facts, store, scope: { round: 1 } });
    assert.deepEqual(findings.map(({ kind, entry }) => `${entry} ${kind}`), ["round 1 erased"]);
  });
});
