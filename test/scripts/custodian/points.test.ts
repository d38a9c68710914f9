// From a closed set's journal to signed points, and what a reader is told; attacks named after themselves.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Address, Hex } from "viem";
import {
  annotationAnswer, annotationClosing, annotationReceipt, goldCommitment, NO_NOTE, readTaskSet, SPECIAL, standingSchema, TASK_SET_FORMAT, taskSetRoot, toWire, ZERO_HASH,
  type AnswerRecord, type Gold,
} from "../../../protocol/annotation/index.ts";
import { createDomain } from "../../../protocol/index.ts";
import { parseTierPoints, tierPointsProblem } from "../../../protocol/scoring/tier-points.ts";
import { openJournal, type CustodianJournal, type StoredSet } from "../../../scripts/custodian/journal.ts";
import { closingOf, reusedGold, scoredReadings, scoresOf, termsOf } from "../../../scripts/custodian/points.ts";
import { standingOf } from "../../../scripts/custodian/work.ts";
import { issuePoints, issuerProblem, writePoints, type IssuerLedger } from "../../../scripts/service/issue-points.ts";
import { createPaySeats, readSeatList, readSeats, type ListedSeat } from "../../../scripts/service/pay-seats.ts";
import { person, word } from "../service/support.ts";

const DAY = 86_400;
const PICTURES = 50;
const READERS = [1, 2, 3, 4];
const domain = createDomain(31337, `0x${"ab".repeat(20)}`);
const settlementDomain = createDomain(31337, `0x${"cd".repeat(20)}`);
const custodian = person(60);
const both = (text: string) => ({ en: text, zh: text });
/** 30 of the first class, 20 of the second. */
const truth = (task: number): number => (task % 5 < 3 ? 1 : 2);
const gold: Gold = { salt: word(3), entries: [0, 8, 13, 21, 34, 44].map((task) => ({ task, answer: truth(task), level: "histo" })) };

function addSet(journal: CustodianJournal, more: object = {}): Hex {
  const set = readTaskSet({
    format: TASK_SET_FORMAT, version: 1, id: "points", edition: 1, chainId: 31337, ledger: `0x${"ab".repeat(20)}`, dataset: 3, title: both("T"), question: both("Q"), instructions: both("I"),
    pictures: both("P"), practice: false, classes: [{ code: 1, name: "one", label: both("1") }, { code: 2, name: "two", label: both("2") }], readings: 2, perReader: PICTURES,
    goldCommitment: goldCommitment(gold), tasks: Array.from({ length: PICTURES }, (_, i) => ({ image: word(100 + i), turn: 1 })), ...more,
  });
  const root = taskSetRoot(set);
  journal.addSet({ root, set, gold, secret: word(4) });
  return root;
}

/** Writes an answer as the server would, with a chain of receipts. */
function give(journal: CustodianJournal, root: Hex, annotator: Address, task: number, answer: number, more: { at?: number; revision?: number; organisation?: number; tier?: number } = {}): void {
  const { at = 0, revision = 0, organisation = 1, tier = 1 } = more;
  const last = journal.lastOf(root, annotator)?.receipt;
  const statement = {
    taskSet: root, task, imageHash: word(100 + task), annotator, sessionKey: annotator, tier, revision, answer: answer as AnswerRecord["answer"]["answer"], confidence: 2, seconds: 1, incidental: false, noteHash: NO_NOTE,
  };
  const receipt = {
    taskSet: root, annotator, answerHash: annotationAnswer.digest(domain, statement), sequence: (last?.sequence ?? -1) + 1,
    previous: last === undefined ? ZERO_HASH : annotationReceipt.digest(domain, last), receivedAt: at,
  };
  journal.add({ answer: statement, signature: `0x${"11".repeat(65)}`, receipt, receiptSignature: `0x${"22".repeat(65)}` }, organisation, null, false);
}

const account = (reader: number): Address => person(reader).address;
const stored = (journal: CustodianJournal, root: Hex): StoredSet => journal.sets().find((set) => set.root === root) ?? assert.fail();
const allRead = (journal: CustodianJournal, root: Hex): void => {
  for (const reader of READERS) for (let task = 0; task < PICTURES; task++) give(journal, root, account(reader), task, (task + reader) % 9 === 0 ? 3 - truth(task) : truth(task), { organisation: reader });
};

describe("points of a closed set", () => {
  let journal: CustodianJournal;
  let root: Hex;
  let dir: string;
  before(() => {
    dir = mkdtempSync(path.join(tmpdir(), "points-"));
    journal = openJournal(":memory:");
    root = addSet(journal);
    allRead(journal, root);
    give(journal, root, account(1), 2, 2, { revision: 1, organisation: 1, at: 3 * DAY });
    give(journal, root, account(2), 2, SPECIAL.withdrawn, { revision: 1, organisation: 2 });
  });
  after(() => {
    journal.close();
    rmSync(dir, { recursive: true });
  });

  it("come from the last revision of each answer, on the day of the first", () => {
    const readings = scoredReadings(journal.rows(root));
    assert.equal(readings.length, READERS.length * PICTURES);
    const of = (reader: number) => readings.find(({ annotator, task }) => annotator === account(reader).toLowerCase() && task === 2);
    assert.deepEqual([of(1)?.answer, of(1)?.day, of(2)?.answer], [2, 0, SPECIAL.withdrawn]);
  });

  it("are told to nobody while the set is open, then to each reader the own terms only", () => {
    const reader = { annotator: account(1), organisation: 1 };
    assert.deepEqual(standingOf(stored(journal, root), journal, reader), { gold: null, peers: null, terms: null });
    assert.equal(termsOf(stored(journal, root), journal, account(1)), null);
    journal.closeSet(root, 1_800_000_000);
    const standing = standingSchema.parse(JSON.parse(toWire(standingOf(stored(journal, root), journal, reader))));
    const { readers } = scoresOf(stored(journal, root), journal, () => null);
    const own = readers.find(({ annotator }) => annotator === account(1).toLowerCase());
    assert.deepEqual(standing.terms, { annotation: own?.annotation, verification: own?.verification });
    assert.ok(standing.terms !== null && standing.terms.annotation.points > 0n);
    assert.equal(standing.terms.annotation.tasks, PICTURES);
    assert.equal(termsOf(stored(journal, root), journal, account(9)), null);
    assert.ok(!toWire(standing).includes(account(2).toLowerCase().slice(2)));
  });

  it("are signed by seat, for the closing, so that a settlement takes them", async () => {
    const scores = scoresOf(stored(journal, root), journal, (_, organisation) => (organisation === 4 ? null : 10 + (organisation % 2)));
    const subject = annotationClosing.digest(domain, closingOf(stored(journal, root), journal, domain));
    const files = await issuePoints({ domain: settlementDomain, federation: 1, settlement: 2, subject, points: scores.points, signer: custodian });
    assert.deepEqual(files.map(({ statement, points }) => [statement.tier, points.map(([seat]) => seat)]), [["annotation", [10, 11]]], "nobody has verified anything");
    const [written] = await writePoints(path.join(dir, "out"), files);
    const file = parseTierPoints(JSON.parse(readFileSync(written ?? "", "utf8")));
    const context = (issuers: readonly Address[]) => ({ domain: settlementDomain, federation: 1, settlement: 2, seatCount: 12, issuers: { data: [], annotation: [...issuers], verification: [], compute: [], feedback: [] } });
    assert.equal(await tierPointsProblem(file, context([custodian.address])), null);
    assert.match((await tierPointsProblem(file, context([account(1)]))) ?? "", /do not name/);
    assert.equal(file.statement.subject, subject);
  });

  it("have the same subject whenever they are asked for", () => {
    const again = () => annotationClosing.digest(domain, closingOf(stored(journal, root), journal, domain));
    assert.equal(again(), again());
    assert.equal(closingOf(stored(journal, root), journal, domain).answers, READERS.length * PICTURES + 2);
  });

  it("are not paid twice: another settlement is refused, the same one is not", () => {
    assert.deepEqual(journal.pointFor(root, 1, 2), { federation: 1, settlement: 2 });
    assert.deepEqual(journal.pointFor(root, 1, 3), { federation: 1, settlement: 2 });
    assert.deepEqual(journal.pointFor(root, 2, 2), { federation: 1, settlement: 2 });
  });

  it("go to another settlement when the one named was proposed without them", () => {
    assert.deepEqual(journal.pointFor(root, 1, 4, 3), { federation: 1, settlement: 2 });
    assert.deepEqual(journal.pointFor(root, 1, 4, 2), { federation: 1, settlement: 4 });
  });

  it("a reader who changed house while the set was open is of the last one in all readings", () => {
    const other = openJournal(":memory:");
    const own = addSet(other);
    give(other, own, account(1), 0, 1, { organisation: 1 });
    give(other, own, account(1), 1, 1, { organisation: 5 });
    assert.deepEqual(scoredReadings(other.rows(own)).map(({ organisation }) => organisation), [5, 5]);
    other.close();
  });

  it("gold that was opened before is told apart", () => {
    const other = openJournal(":memory:");
    const first = addSet(other);
    const second = addSet(other, { id: "again" });
    assert.equal(reusedGold(other, second), 0, "nothing is opened yet");
    other.closeSet(first, 1);
    assert.deepEqual([reusedGold(other, second), reusedGold(other, first)], [gold.entries.length, 0]);
    other.close();
  });

  it("practice, and a set whose gold could not pay, have no terms", () => {
    const other = openJournal(":memory:");
    for (const more of [{ practice: true }, { tasks: Array.from({ length: 90 }, (_, i) => ({ image: word(100 + i), turn: 1 })) }]) {
      const own = addSet(other, more);
      allRead(other, own);
      other.closeSet(own, 1);
      assert.equal(standingOf(stored(other, own), other, { annotator: account(1), organisation: 1 }).terms, null);
    }
    other.close();
  });
});

describe("who is paid where", () => {
  const seats: ListedSeat[] = [
    { seat: 0, key: account(1), organisation: 1, support: false },
    { seat: 1, key: account(2), organisation: 1, support: true },
    { seat: 2, key: account(3), organisation: 1, support: true },
    { seat: 3, key: account(4), organisation: 2, support: false },
  ];
  it("at the own support seat, else at the organisation's first, never at a seat with data", () => {
    const { seatOf, organisationOf } = createPaySeats(seats);
    assert.deepEqual([seatOf(account(3), 1), seatOf(account(9), 1), seatOf(account(1), 1), seatOf(account(4), 2), seatOf(account(9), 0)], [2, 1, 1, null, null]);
    assert.deepEqual([organisationOf(3), organisationOf(9)], [2, null]);
  });
  it("as the chain lists them: seats without data, neither revoked nor of somebody suspended", async () => {
    const chain = [
      { dataset: 7, status: 1, suspended: false }, { dataset: 0, status: 17, suspended: false }, { dataset: 0, status: 25, suspended: false }, { dataset: 0, status: 17, suspended: true },
    ];
    const kernel = {
      seats: {
        read: {
          seatCount: async () => chain.length,
          seatOf: async ([, seat]: [number, number]) => ({ contributor: seat + 1, dataset: chain[seat]?.dataset }),
          laneOf: async ([, seat]: [number, number]) => ({ status: chain[seat]?.status }),
        },
      },
      contributors: { read: { contributorOf: async ([contributor]: [number]) => ({ key: account(contributor), organisation: 5, suspended: chain[contributor - 1]?.suspended }) } },
    } as unknown as Parameters<typeof readSeats>[0];
    assert.deepEqual((await readSeats(kernel, 1)).map(({ support }) => support), [false, true, false, false]);
  });
  it("where the custodian's list says otherwise, there", () => {
    const { seatOf } = createPaySeats(seats, { organisations: { "2": 3, "1": 0 }, accounts: { [account(9)]: 2 } });
    assert.deepEqual([seatOf(account(9), 7), seatOf(account(4), 2), seatOf(account(8), 1), seatOf(account(3), 1)], [2, 3, 0, 2]);
  });
  it("a list that cannot be read is refused", async () => {
    await assert.rejects(() => readSeatList(path.join(tmpdir(), "nothing-there.json")), { code: "seat-list-invalid" });
  });
});

describe("who speaks for a custodian", () => {
  const ledger: IssuerLedger = {
    custodianOf: async (dataset) => (dataset === 3 ? 7 : 0),
    memberOf: async (who) => (who === account(1) ? { organisation: 7 } : who === account(2) ? { organisation: 8 } : null),
    isOfficer: async (organisation, who) => organisation === 7 && who === account(3),
  };
  it("is an unsuspended contributor of its organisation, or an officer", async () => {
    assert.equal(await issuerProblem(ledger, account(1), 3), null);
    assert.equal(await issuerProblem(ledger, account(3), 3), null);
  });
  it("is not a member of another organisation, a stranger, or anyone for no dataset", async () => {
    assert.match((await issuerProblem(ledger, account(2), 3)) ?? "", /organisation 7/);
    assert.match((await issuerProblem(ledger, account(4), 3)) ?? "", /organisation 7/);
    assert.match((await issuerProblem(ledger, account(1), 0)) ?? "", /no dataset/);
    assert.match((await issuerProblem(ledger, account(1), 4)) ?? "", /no dataset 4/);
  });
});
