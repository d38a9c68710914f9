// What is kept, over many made-up ledgers: nothing needed ever goes, nothing erased ever stays, and time only takes away.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Digest } from "../../../scripts/store/index.ts";
import type { Named, NamedFederation, NamedReport, NamedRound, NamedSettlement } from "../../../scripts/store/retention/named.ts";
import { retentionSchema, seconds, secondsOf, type RetentionPolicy } from "../../../scripts/store/retention/policy.ts";
import { endOf, reasonsFor, retained, type RetentionFacts } from "../../../scripts/store/retention/retained.ts";

const DAY = 86_400;
const digest = (n: number): Digest => `0x${n.toString(16).padStart(64, "0")}`;

/** Whole numbers below a bound, the same on every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Made {
  readonly facts: RetentionFacts;
  readonly policy: RetentionPolicy;
  /** Artefact of the report that stands, by round. */
  readonly bundles: ReadonlyMap<number, Digest>;
}

/** A federation with branches, void rounds, overturned reports, settlements, models in use, and erasures. */
function make(seed: number): Made {
  const roll = dice(seed);
  let next = 1;
  const fresh = (): Digest => digest(next++);
  const rounds: NamedRound[] = [];
  const reports: NamedReport[] = [];
  const bundles = new Map<number, Digest>();
  const last = 1 + roll(14);
  let open = 0;
  for (let round = 1; round <= last; round++) {
    const parents = [0, ...rounds.flatMap(({ round, state }) => (state === "Final" ? [round] : []))];
    const parentRound = roll(3) === 0 ? (parents[roll(parents.length)] ?? 0) : (parents.at(-1) ?? 0);
    const state = round > last - 2 ? (["Final", "Reported", "Sealed", "Open", "Void"] as const)[roll(5)] ?? "Final" : roll(6) === 0 ? "Void" : "Final";
    const deadline = round * DAY * (1 + roll(60));
    for (let attempt = roll(3); attempt > 0; attempt--) reports.push({ round, artefact: fresh(), reportHash: `overturned ${round} ${attempt}`, deadline });
    const stands = state === "Final" || state === "Reported";
    const reportHash = stands ? `report ${round}` : `nothing ${round}`;
    if (stands) {
      // A round may report what another one did: the same files, the same digest.
      const artefact = roll(12) === 0 ? (bundles.get(round - 1) ?? fresh()) : fresh();
      reports.push({ round, artefact, reportHash, deadline });
      bundles.set(round, artefact);
    }
    if (state !== "Final" && state !== "Void") open ||= round;
    rounds.push({ round, state, parentRound, reportHash, finalAt: state === "Final" ? deadline + roll(5) : null, approved: roll(8) === 0 });
  }
  const settlements: NamedSettlement[] = [];
  let through = 0;
  for (let index = 1; through < last - 3 && roll(4) > 0; index++) {
    const span = { index, firstRound: through + 1, lastRound: through + 1 + roll(2), deadline: (through + 3) * 40 * DAY };
    if (roll(3) === 0) settlements.push({ ...span, state: "Overturned", artefact: fresh() });
    const isProposed = roll(4) === 0;
    settlements.push({ ...span, state: isProposed ? "Proposed" : "Final", artefact: fresh() });
    if (isProposed) break;
    through = span.lastRound;
  }
  const tip = rounds.findLast(({ state }) => state === "Final" || state === "Reported")?.round ?? 0;
  const federation: NamedFederation = { federation: 1, genesis: fresh(), rounds, reports, settlements, tip, settles: roll(4) > 0, settledThrough: through, accountable: roll(100) * DAY };
  const named: Named = { federations: [federation], cards: [{ dataset: 1, card: fresh() }] };
  const erased = new Set(Array.from({ length: roll(3) }, () => digest(1 + roll(next))));
  const policy = retentionSchema.parse({
    stableYears: roll(12), experimentalDays: roll(400),
    stable: roll(2) === 0 ? [{ federation: 1, round: 1 + roll(last), promotedAt: `197${roll(9)}-0${1 + roll(9)}-01` }] : [],
  });
  const pins = roll(3) === 0 ? [{ digest: fresh(), why: "a test", until: roll(2) === 0 ? null : roll(1000) * DAY }] : [];
  return { facts: { named, pins, pending: roll(3) === 0 ? [fresh()] : [], erased }, policy, bundles };
}

const LEDGERS = Array.from({ length: 400 }, (_, seed) => make(seed + 1));
const TIMES = [0, 50, 200, 400, 900, 1_800, 3_700, 5_000, 8_000].map((days) => days * DAY);
const FAR = 10 ** 11;

function forAll(check: (made: Made, federation: NamedFederation, now: number) => void): void {
  for (const made of LEDGERS) {
    const [federation] = made.facts.named.federations;
    assert.ok(federation);
    for (const now of TIMES) check(made, federation, now);
  }
}

describe("what a store keeps", () => {
  it("is whatever the ledger still needs, at any time: genesis, tip, parents of what is under way, what is unfinal, unsettled or paid by", () => {
    let needed = 0;
    forAll(({ facts, policy, bundles }, federation) => {
      const kept = retained(facts, policy, FAR);
      const must = (artefact: Digest | undefined, what: string): void => {
        if (artefact === undefined || facts.erased.has(artefact)) return;
        needed += 1;
        assert.equal(endOf(kept.get(artefact) ?? [{ kind: "round", why: "", until: 0 }]), null, what);
      };
      must(federation.genesis, "genesis");
      must(bundles.get(federation.tip), "tip");
      for (const { round, state, parentRound } of federation.rounds) {
        if (state === "Reported") must(bundles.get(round), "a report that can be disproven");
        if (state === "Sealed" || state === "Open" || state === "Reported") must(bundles.get(parentRound), "parent of a round under way");
        if (state === "Final" && federation.settles && round > federation.settledThrough) must(bundles.get(round), "a round that no settlement has paid");
      }
      must(federation.settlements.findLast(({ state }) => state === "Proposed")?.artefact, "a settlement that can be disproven");
      must(federation.settlements.findLast(({ state }) => state === "Final")?.artefact, "the table that claims are paid by");
      must(facts.pending[0], "a bundle under way");
      must(facts.named.cards[0]?.card, "a card");
    });
    assert.ok(needed > 5_000, `${needed} needed`);
  });

  it("is all evidence of a stable model until its date: every bundle on its lineage, and the settlements over them", () => {
    let evidence = 0;
    forAll(({ facts, policy, bundles }, federation, now) => {
      const kept = retained(facts, policy, now);
      const promoted = [
        ...federation.rounds.filter(({ approved, finalAt }) => approved && finalAt !== null).map(({ round, finalAt }) => ({ round, at: finalAt ?? 0 })),
        ...policy.stable.filter(({ round }) => federation.rounds.find((known) => known.round === round)?.state === "Final").map(({ round, promotedAt }) => ({ round, at: secondsOf(promotedAt) })),
      ];
      for (const { round: model, at } of promoted) {
        if (at + seconds.stable(policy) <= now) continue;
        for (let round = model; round !== 0; round = federation.rounds[round - 1]?.parentRound ?? 0) {
          const artefact = bundles.get(round);
          if (artefact === undefined || facts.erased.has(artefact)) continue;
          assert.ok(kept.has(artefact), `round ${round} under stable ${model}`);
          evidence += 1;
          for (const settlement of federation.settlements) {
            if (settlement.state === "Overturned" || settlement.firstRound > round || settlement.lastRound < round || facts.erased.has(settlement.artefact)) continue;
            assert.ok(kept.has(settlement.artefact), `settlement ${settlement.index} under stable ${model}`);
          }
        }
      }
    });
    assert.ok(evidence > 1_000, `${evidence} bundles of evidence`);
  });

  it("is never less than the windows in which somebody can still be held to account", () => {
    forAll(({ facts, policy }, federation, now) => {
      const kept = retained(facts, policy, now);
      for (const { artefact, deadline } of federation.reports) if (now < deadline + federation.accountable && !facts.erased.has(artefact)) assert.ok(kept.has(artefact));
    });
  });

  it("is nothing that was erased, whatever else would keep it", () => {
    let erased = 0;
    forAll(({ facts, policy }, _, now) => {
      const kept = retained(facts, policy, now);
      const wanted = reasonsFor(facts, policy);
      for (const digest of facts.erased) {
        assert.equal(kept.has(digest), false);
        if (wanted.has(digest)) erased += 1;
      }
    });
    assert.ok(erased > 500, `${erased} erased that something would have kept`);
  });

  it("only shrinks as time passes, and shrinks in the end to what the ledger needs", () => {
    for (const { facts, policy } of LEDGERS) {
      let before: ReadonlySet<Digest> | null = null;
      for (const now of [...TIMES, FAR]) {
        const kept = new Set(retained(facts, policy, now).keys());
        if (before !== null) assert.ok([...kept].every((digest) => before?.has(digest)));
        before = kept;
      }
      for (const reasons of retained(facts, policy, FAR).values()) assert.equal(endOf(reasons), null);
    }
  });

  it("lets go of an experimental round when its days are over, and says until when before", () => {
    const round = (n: number, over: Partial<NamedRound> = {}): NamedRound => ({ round: n, state: "Final", parentRound: n - 1, reportHash: `${n}`, finalAt: n * DAY, approved: false, ...over });
    const federation: NamedFederation = {
      federation: 1, genesis: digest(100), rounds: [round(1), round(2), round(3)], reports: [1, 2, 3].map((n) => ({ round: n, artefact: digest(n), reportHash: `${n}`, deadline: n * DAY })),
      settlements: [], tip: 3, settles: false, settledThrough: 0, accountable: 10 * DAY,
    };
    const facts = { named: { federations: [federation], cards: [] }, pins: [], pending: [], erased: new Set<Digest>() };
    const policy = retentionSchema.parse({ experimentalDays: 30 });
    const at = (day: number) => [1, 2, 3].filter((n) => retained(facts, policy, day * DAY).has(digest(n)));
    assert.deepEqual([at(30), at(31), at(32), at(9_999)], [[1, 2, 3], [2, 3], [3], [3]]);
    assert.equal(endOf(retained(facts, policy, 0).get(digest(1)) ?? []), 31 * DAY);
    assert.equal(endOf(retained(facts, { ...policy, experimentalDays: 0 }, 0).get(digest(1)) ?? []), 11 * DAY, "never shorter than the windows");
    const promoted = retained(facts, { ...policy, stable: [{ federation: 1, round: 2, promotedAt: "1970-01-21" }] }, 40 * DAY);
    assert.deepEqual([...promoted.keys()].filter((key) => key !== digest(100)), [digest(1), digest(2), digest(3)]);
    assert.equal(endOf(promoted.get(digest(1)) ?? []), 20 * DAY + 3_652.5 * DAY);
  });
});
