// Scores of readers: against a second implementation that enumerates every pair, properties over many seeds, and attacks named after themselves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accountOf, createWorld, honest, PUBLISHED_PRIOR, scoreWorld, STRATEGIES, type Strategy, type World } from "../../../bench/annotator-worlds.ts";
import {
  ANNOTATION_RULE, arePeers, correlate, goldCommitment, goldShareFits, isSame, labelLevel, labelQualityPpm, learnAgreement, LEVEL_QUALITY_PPM, levelReached, SPECIAL, VERIFICATION_LEVELS, type Crossing,
} from "../../../protocol/annotation/index.ts";
import { scoreTaskSet, type ReaderScore, type ScoredReading } from "../../../protocol/annotation/score-set.ts";
import { defaultTerms } from "../../../protocol/terms/terms.ts";
import { createRandom } from "../support/random.ts";
import { withCode } from "../support/throws.ts";

const prior = PUBLISHED_PRIOR;
const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);
const COST = ANNOTATION_RULE.costPpm;

const seats = (_: unknown, organisation: number): number => organisation;
const world = (seed: number, readers: readonly Strategy[], pictures = 150): World => createWorld({ seed, tasks: pictures, perReader: pictures, readers, prior });
const others = (count: number): Strategy[] => Array.from({ length: count }, (_, i) => honest(0.7 + 0.05 * (i % 5)));
/** What each of these earns for an answer among honest readers, over the cost of an honest one: mean of the seeds. */
function earned(strategies: readonly Strategy[], pictures = 150): number {
  const paid = SEEDS.flatMap((seed) => scoreWorld(world(seed, [...strategies, ...others(10 - strategies.length)], pictures), strategies.length));
  return paid.reduce((sum, score) => sum + Number(score?.annotation.points ?? 0n) / pictures / COST, 0) / paid.length;
}

/** As the paper writes it: every bonus pair, every penalty pair of two different pictures, one after the other. In exact thousandths of a thousandth, rounded down. */
function slowly(pictures: readonly Crossing[], agrees: (a: number, b: number) => boolean): { bonus: [number, number]; penalty: [number, number] } {
  const peers = pictures.map(({ peers }) => [...peers].flatMap(([answer, count]) => new Array<number>(count).fill(answer)));
  const [bonus, penalty]: [number, number][] = [[0, 0], [0, 0]];
  for (const [at, { own }] of pictures.entries()) {
    for (const [other, answers] of peers.entries()) {
      for (const answer of answers) {
        const sum = at === other ? bonus : penalty;
        assert.ok(sum);
        sum[0] += agrees(own, answer) ? 1 : 0;
        sum[1]++;
      }
    }
  }
  assert.ok(bonus && penalty);
  return { bonus, penalty };
}
const floorPpm = (numerator: bigint, denominator: bigint): number => {
  if (denominator === 0n) return 0;
  let quotient = (numerator * 1_000_000n) / denominator;
  if (quotient * denominator > numerator * 1_000_000n) quotient--;
  return Number(quotient);
};

/** Readings with everything that can come: houses of several readers, houses that are not known, abstentions, tiers. */
function mixed(seed: number): World {
  const random = createRandom(seed);
  const pick = <T>(...items: readonly T[]): T => items[Math.floor(random() * items.length)] ?? assert.fail();
  const base = world(seed, others(7), 60);
  const houses = Array.from({ length: 7 }, () => pick(0, 1, 2, 3, 4));
  const readings = base.readings.filter(() => random() < 0.8).map((reading): ScoredReading => ({
    ...reading, organisation: houses[Number(reading.annotator) - 1] ?? 0, tier: pick(1, 1, 1, 2, 3),
    answer: random() < 0.1 ? pick(SPECIAL.uncertain, SPECIAL.ungradable, SPECIAL.identifiable, SPECIAL.withdrawn) : reading.answer,
  }));
  return { ...base, readings };
}

describe("scores of readers", () => {
  it("are those of an implementation that enumerates every pair (12 worlds)", () => {
    const rule = { ...ANNOTATION_RULE, leastTasks: 10 };
    let compared = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { set, gold, readings } = mixed(seed);
      const counted = readings.filter(({ answer }) => answer !== SPECIAL.withdrawn && answer !== SPECIAL.identifiable);
      const truth = new Map(gold.entries.map(({ task, answer }) => [task, answer]));
      for (const reader of scoreTaskSet({ set, gold, readings, seatOf: seats, rule }).readers) {
        const table: [number, number][] = [];
        for (const a of counted) {
          for (const b of counted) if (a.task === b.task && arePeers(a, b) && a.organisation !== reader.organisation && b.organisation !== reader.organisation) table.push([a.answer, b.answer]);
        }
        const count = (test: (pair: [number, number]) => boolean): number => table.filter(test).length;
        const together = new Map<string, boolean>();
        const agrees = (a: number, b: number): boolean => {
          if (table.length === 0) return a === b;
          const known = together.get(`${a}/${b}`) ?? table.length * count(([k, l]) => k === a && l === b) > count(([k]) => k === a) * count(([, l]) => l === b);
          together.set(`${a}/${b}`, known);
          return known;
        };
        for (const [tier, terms] of [[1, reader.annotation], [2, reader.verification]] as const) {
          const own = counted.filter((reading) => reading.annotator === reader.annotator && Math.min(2, reading.tier) === tier);
          const known = own.flatMap(({ task, answer }): Crossing[] => (truth.has(task) ? [{ own: answer, peers: new Map([[truth.get(task) ?? 0, 1]]) }] : []));
          const shared = own.flatMap((reading): Crossing[] => {
            const peers = new Map<number, number>();
            for (const other of counted) if (other.task === reading.task && arePeers(other, reading)) peers.set(other.answer, (peers.get(other.answer) ?? 0) + 1);
            return peers.size === 0 ? [] : [{ own: reading.answer, peers }];
          });
          const [peerSums, goldSums] = [slowly(shared, agrees), slowly(known, isSame)];
          const best = slowly(known.map(({ peers }) => ({ own: [...peers.keys()][0] ?? 0, peers })), isSame);
          /** bonus mean − penalty mean, as a fraction. */
          const gain = ({ bonus, penalty }: ReturnType<typeof slowly>): [bigint, bigint] => [
            BigInt(bonus[0]) * BigInt(penalty[1]) - BigInt(penalty[0]) * BigInt(bonus[1]), BigInt(bonus[1]) * BigInt(penalty[1]),
          ];
          const [cn, cd] = gain(peerSums);
          assert.equal(terms.peers.agreementPpm, floorPpm(cn, cd));
          const [n, m] = [BigInt(known.length), BigInt(shared.length)];
          const [gn, gd] = gain(goldSums);
          const [bn, bd] = gain(best);
          const goldGain = bn === 0n || gd === 0n ? 0 : floorPpm(gn * bd * n, gd * bn * (n + 8n));
          assert.equal(terms.gold.gainPpm, goldGain);
          const counts = Math.min(floorPpm(cn * m, cd * (m + 8n)), floorPpm(gn * n, gd * (n + 8n)));
          assert.equal(terms.peers.countedPpm, counts);
          const paid = own.length < rule.leastTasks ? 0 : Math.max(0, Math.floor((goldGain + counts) / 2));
          assert.equal(terms.gainPpm, paid);
          if (tier === 1) assert.equal(terms.points, BigInt(own.length) * BigInt(paid));
          compared += Number(paid > 0);
        }
      }
    }
    assert.ok(compared > 30, `${compared} earned something`);
  });

  it("do not depend on who is listed first, nor on how classes are numbered", () => {
    for (const seed of SEEDS) {
      const { set, gold, readings } = mixed(seed);
      const score = (entries: typeof gold.entries, list: readonly ScoredReading[]) => {
        const own = { ...gold, entries };
        return scoreTaskSet({ set: { ...set, goldCommitment: goldCommitment(own) }, gold: own, readings: list, seatOf: seats }).readers;
      };
      const first = score(gold.entries, readings);
      const byReader = [...readings].sort((a, b) => (a.annotator < b.annotator ? 1 : -1));
      assert.deepEqual(score(gold.entries, byReader), first);
      const other = (answer: number): number => (answer <= 7 && answer > 0 ? (answer % 7) + 1 : answer);
      assert.deepEqual(score(gold.entries.map((entry) => ({ ...entry, answer: other(entry.answer) })) as typeof gold.entries, readings.map((reading) => ({ ...reading, answer: other(reading.answer) }))), first);
    }
  });

  it("of who knows every gold answer reach what so few pictures can prove, and rise with accuracy", () => {
    const [terms] = scoreWorld(world(3, [honest(1), ...others(9)]), 1);
    const n = terms?.annotation.gold.pictures ?? 0;
    assert.equal(terms?.annotation.gold.gainPpm, Math.floor((1_000_000 * n) / (n + ANNOTATION_RULE.prior)));
    assert.equal(terms?.annotation.gold.accuracyPpm, 1_000_000);
    const mean = (accuracy: number): number => earned([honest(accuracy)]);
    const rising = [0.5, 0.65, 0.8, 0.95].map((accuracy) => mean(accuracy));
    assert.deepEqual([...rising].sort((a, b) => a - b), rising);
    assert.ok((rising[1] ?? 0) > 1, "an honest answer earns more than it costs");
  });

  it("are learnt from other houses only: nobody shapes the table that they are judged by", () => {
    const { readings } = mixed(5);
    const table = (change: (reading: ScoredReading) => ScoredReading) => {
      const byTask = new Map<number, ScoredReading[]>();
      for (const reading of readings.map((reading) => change(reading))) byTask.set(reading.task, [...(byTask.get(reading.task) ?? []), reading]);
      const agrees = learnAgreement(byTask.values())(2);
      return Array.from({ length: 49 }, (_, i) => agrees((i % 7) + 1, Math.floor(i / 7) + 1));
    };
    const before = table((reading) => reading);
    assert.deepEqual(table((reading) => (reading.organisation === 2 ? { ...reading, answer: 4 } : reading)), before);
    assert.notDeepEqual(table((reading) => (reading.organisation === 3 ? { ...reading, answer: 4 } : reading)), before);
  });

  it("an answer speaks for itself where no other house is left to learn from", () => {
    const agrees = learnAgreement([[{ organisation: 1, answer: 1 }, { organisation: 2, answer: 2 }]])(1);
    assert.deepEqual([agrees(1, 1), agrees(1, 2), agrees(9, 9)], [true, false, true]);
  });

  it("go to seats, and what has no seat to nobody", () => {
    const { set, gold, readings } = world(2, others(6));
    const { readers, points } = scoreTaskSet({ set, gold, readings, seatOf: (_, organisation) => (organisation === 6 ? null : organisation % 2) });
    const sum = (test: (reader: ReaderScore) => boolean): bigint => readers.filter((reader) => test(reader)).reduce((total, reader) => total + reader.annotation.points, 0n);
    assert.deepEqual(points.annotation, [[0, sum(({ seat }) => seat === 0)], [1, sum(({ seat }) => seat === 1)]]);
    assert.ok(sum(({ seat }) => seat === null) > 0n);
    assert.deepEqual(points.verification, []);
  });

  it("of verification weigh by how surely the label is known, and are apart from first readings", () => {
    const base = world(4, [honest(0.9), ...others(9)]);
    const verified = base.readings.map((reading) => (reading.annotator === accountOf(0) ? { ...reading, tier: 2 } : reading));
    const [first] = scoreTaskSet({ ...base, seatOf: seats }).readers;
    const [second] = scoreTaskSet({ ...base, readings: verified, seatOf: seats }).readers;
    assert.ok(first && second);
    assert.equal(second.annotation.points, 0n);
    assert.equal(second.verification.gainPpm, first.annotation.gainPpm);
    assert.ok(second.verification.weightPpm < first.annotation.weightPpm && second.verification.weightPpm > 150 * 100_000);
    assert.equal(second.verification.points, (BigInt(second.verification.weightPpm) * BigInt(second.verification.gainPpm)) / 1_000_000n);
  });
});

describe("quality of a label", () => {
  it("rises with how it came to be known", () => {
    assert.deepEqual(VERIFICATION_LEVELS.map((level) => labelQualityPpm(level)), [100_000, 300_000, 600_000, 600_000, 800_000, 1_000_000, 1_000_000]);
  });
  it("is the same in the data tier", () => {
    const { data } = defaultTerms({ head: { headLane: 0, features: 1, classes: 2, featureBits: 0 } });
    assert.deepEqual(data.levelQualityPpm, [...LEVEL_QUALITY_PPM]);
    assert.deepEqual(VERIFICATION_LEVELS.map((level) => data.levelQualityPpm[labelLevel(level)]), VERIFICATION_LEVELS.map((level) => labelQualityPpm(level)));
  });
  it("is what readings reach, or what gold is", () => {
    const say = (...answers: [tier: number, answer: number][]) => levelReached(answers.map(([tier, answer]) => ({ tier, answer })), null, 2);
    assert.equal(say(), "unverified");
    assert.equal(say([1, 3], [1, 4]), "unverified");
    assert.equal(say([1, 3], [1, 3]), "peers");
    assert.equal(say([1, 3], [1, 4], [2, 3]), "peers");
    assert.equal(say([1, 3], [1, 4], [2, 5], [3, 5], [3, 5]), "consensus");
    assert.equal(say([1, 3], [1, 3], [1, SPECIAL.identifiable]), "peers");
    assert.equal(levelReached([], "histo", 2), "histo");
  });
});

describe("attacks on scores", () => {
  for (const name of ["random", "as-common", "majority"] as const) {
    it(`answering ${name} earns less than an honest answer costs`, () => assert.ok(earned([STRATEGIES[name]]) < 0.5));
  }
  it("always naming the most frequent class earns nothing at all", () => assert.equal(earned([STRATEGIES.majority]), 0));
  it("always uncertain earns nothing", () => assert.equal(earned([STRATEGIES.uncertain]), 0));
  it("always ungradable earns nothing", () => assert.equal(earned([STRATEGIES.ungradable]), 0));
  it("identifiable on everything earns nothing", () => assert.equal(earned([STRATEGIES.identifiable]), 0));
  for (const size of [2, 4]) {
    for (const name of ["ring-constant", "ring-hash", "ring-noisy-majority"] as const) {
      it(`${size} of 10 who answer ${name} between themselves earn less than an honest answer costs`, () => {
        assert.ok(earned(Array.from({ length: size }, () => STRATEGIES[name])) < 0.8);
      });
    }
  }
  it("a ring that outnumbers the honest earns no more than one that guesses", () => {
    assert.ok(earned(Array.from({ length: 8 }, () => STRATEGIES["ring-hash"])) < 0.8);
  });

  it("uncertain is never worse than wrong, and earns less than right", () => {
    for (const seed of SEEDS) {
      const base = world(seed, [honest(0.8), ...others(9)]);
      const truth = new Map(base.gold.entries.map(({ task, answer }) => [task, answer]));
      const [task] = base.gold.entries.map((entry) => entry.task);
      const given = (answer: number): number => {
        const readings = base.readings.map((reading) => (reading.annotator === accountOf(0) && reading.task === task ? { ...reading, answer } : reading));
        return scoreTaskSet({ ...base, readings, seatOf: seats }).readers[0]?.annotation.gold.gainPpm ?? assert.fail();
      };
      const right = truth.get(task ?? -1) ?? assert.fail();
      for (const wrong of [1, 2, 3, 4, 5, 6, 7].filter((answer) => answer !== right)) assert.ok(given(wrong) <= given(SPECIAL.uncertain));
      assert.ok(given(SPECIAL.uncertain) < given(right));
    }
  });

  it("uncertain on half the pictures, whatever they show, halves what is earned", () => {
    const half: Strategy = (seen) => (seen.random() < 0.5 ? SPECIAL.uncertain : honest(0.85)(seen));
    const [whole, part] = [earned([honest(0.85)], 300), earned([half], 300)];
    assert.ok(part > 0.3 * whole && part < 0.6 * whole, `${part} of ${whole}`);
  });

  it("an incidental finding neither pays nor costs", () => {
    // It is no part of what scores are computed from.
    const keys = Object.keys(world(1, others(1)).readings[0] ?? {}).sort();
    assert.deepEqual(keys, ["annotator", "answer", "day", "organisation", "task", "tier"]);
  });

  it("29 readings earn nothing, 30 do", () => {
    const base = createWorld({ seed: 2, tasks: 100, perReader: 100, readers: [honest(1), ...others(9)], prior });
    const goldFirst = new Set(base.gold.entries.map(({ task }) => task));
    const readings = base.readings.toSorted((a, b) => Number(goldFirst.has(b.task)) - Number(goldFirst.has(a.task)));
    const paid = (count: number): bigint => {
      let left = count;
      const some = readings.filter(({ annotator }) => annotator !== accountOf(0) || left-- > 0);
      return scoreTaskSet({ ...base, readings: some, seatOf: seats }).readers[0]?.annotation.points ?? assert.fail();
    };
    assert.equal(paid(29), 0n);
    assert.ok(paid(30) > 0n);
  });

  it("more readings in a day than one can look at count as if they had not been given", () => {
    const base = world(6, [honest(0.8), ...others(9)], 150);
    const rule = { ...ANNOTATION_RULE, perDay: 50 };
    const spread = base.readings.map((reading, i) => ({ ...reading, day: i % 3 }));
    const tasksOf = (readings: readonly ScoredReading[]) => scoreTaskSet({ ...base, readings, seatOf: seats, rule }).readers.map(({ annotation }) => annotation.tasks);
    assert.deepEqual(new Set(tasksOf(base.readings)), new Set([50]));
    assert.deepEqual(new Set(tasksOf(spread)), new Set([150]));
  });

  it("one picture answered in two tiers counts once", () => {
    const base = world(6, others(5));
    const twice = base.readings.flatMap((reading) => [reading, { ...reading, tier: 2 }]);
    const { readers } = scoreTaskSet({ ...base, readings: twice, seatOf: seats, rule: { ...ANNOTATION_RULE, perDay: 1000 } });
    assert.deepEqual(readers.map(({ verification }) => verification.tasks), [0, 0, 0, 0, 0]);
  });

  it("readers of one house, or of houses that nobody knows, are no peers of each other", () => {
    const base = world(7, others(6));
    for (const organisation of [0, 3]) {
      const { readers } = scoreTaskSet({ ...base, readings: base.readings.map((reading) => ({ ...reading, organisation })), seatOf: seats });
      for (const { annotation } of readers) assert.deepEqual([annotation.peers.pairs, annotation.peers.countedPpm], [0, 0]);
    }
  });

  it("gold that is not the one committed to, too little or too much of it, and a practice set are refused", () => {
    const { set, gold, readings } = world(8, others(3));
    const score = (more: object, entries = gold.entries) => {
      const own = { ...gold, entries };
      return () => scoreTaskSet({ set: { ...set, goldCommitment: goldCommitment(own), ...more }, gold: own, readings, seatOf: seats });
    };
    assert.throws(score({ goldCommitment: set.goldCommitment }, gold.entries.map((entry) => ({ ...entry, answer: 1 as const }))), withCode("task-set-invalid"));
    assert.throws(score({ practice: true }), withCode("task-set-invalid"));
    assert.throws(score({ tasks: set.tasks.slice(0, 140) }, [...gold.entries.slice(0, -1), { task: 149, answer: 1, level: "histo" }]), withCode("task-set-invalid"));
    assert.throws(score({}, gold.entries.slice(0, 14)), withCode("gold-share"));
    assert.deepEqual([14, 15, 22, 23].map((count) => goldShareFits(count, 150)), [false, true, true, false]);
  });
});

describe("correlated agreement", () => {
  it("is exactly nothing for who always answers the same", () => {
    for (const seed of SEEDS) {
      const random = createRandom(seed);
      const pictures = Array.from({ length: 20 }, (): Crossing => ({ own: 3, peers: new Map([[Math.floor(random() * 4), 1 + Math.floor(random() * 3)]]) }));
      const { pictures: n, agreeing, crossed } = correlate(pictures, isSame);
      assert.equal(n * agreeing, crossed);
    }
  });
  it("has nothing as its mean over every way to deal the same answers to the pictures", () => {
    const answers = [1, 1, 2, 3];
    const peers = [1, 2, 2, 3];
    let total = 0;
    const deal = (left: readonly number[], dealt: readonly number[]): void => {
      if (left.length > 0) return left.forEach((answer, i) => deal(left.toSpliced(i, 1), [...dealt, answer]));
      const { pictures, agreeing, crossed } = correlate(dealt.map((own, i) => ({ own, peers: new Map([[peers[i] ?? 0, 1]]) })), isSame);
      total += pictures * agreeing - crossed;
    };
    deal(answers, []);
    assert.equal(total, 0);
  });
});
