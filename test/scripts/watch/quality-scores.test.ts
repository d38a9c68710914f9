// What a watcher says of scores by quality: from bundles in memory, and what the chain says of them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { zeroHash } from "viem";
import type { QualityExpectations } from "../../../protocol/bundle/settlement-quality.ts";
import { protocolError } from "../../../protocol/errors.ts";
import type { FaultSearch } from "../../../protocol/faults/find-evidence.ts";
import { buildRewardsTree, columnHash, COLUMN_WIDTHS, computeEntitlements, mapReader, packScores, packUints, accumulate, memberTotal, type Scores } from "../../../protocol/index.ts";
import type { BundleReader } from "../../../protocol/bundle/reader.ts";
import type { Kernel } from "../../../scripts/chain/kernel.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { countSeats, searchSettlement, type FoundScores } from "../../../scripts/watch/due-scores.ts";
import { judgeQuality, type DueScores } from "../../../scripts/watch/quality-scores.ts";
import type { SettlementOnChain } from "../../../scripts/watch/read-settlement.ts";
import { evidenceOf, make, OPEN, POOL, SCORED, type Made } from "../../protocol/scoring/world.ts";

const FILE = "scores";

/** What a watcher finds that the scores should be. @param change Of what the chain says. @param reader Of the bundle, where it is not whole. */
async function dueOf({ bundle, expected }: Made, change: Partial<QualityExpectations> = {}, reader: BundleReader = mapReader(bundle.files)): Promise<DueScores> {
  const { chainId, settlement, federation, quality } = expected;
  assert(quality !== undefined);
  const onChain = { chainId, settlement, federation, statement: bundle.statement };
  return judgeQuality({ reader, onChain, expected: { ...quality, ...change }, scored: SCORED });
}

/** The settlement as the ledger has it, with these scores and what follows from them: nothing that a verifier would judge is wrong. */
async function proposed({ bundle, expected }: Made, scores: Scores): Promise<SettlementOnChain> {
  const { chainId, vault, federation, payees } = expected;
  const { amounts, distributed } = computeEntitlements(POOL, scores, payees);
  const members = accumulate(new Uint8Array(), amounts, payees);
  const domain = { chainId, vault, federation };
  const columns = { scores: packScores(scores), entitlements: packUints(amounts, COLUMN_WIDTHS.entitlements) };
  const statement = {
    ...bundle.statement, artefact: zeroHash, scoresHash: columnHash(columns.scores), entitlementsHash: columnHash(columns.entitlements),
    rewardsRoot: (await buildRewardsTree(domain, members)).root, distributed, total: memberTotal(members),
  };
  const previousRoot = (await buildRewardsTree(domain, new Uint8Array())).root;
  return { ledger: { domain, statement, pool: POOL, finalRound: 3, ...columns, payees, previousRoot }, previousArtefact: null };
}

async function searchIn(made: Made, scores: Scores, due: DueScores, escrowed = false): Promise<FaultSearch> {
  const found: FoundScores = { ...due, escrowed };
  return (await searchSettlement(await proposed(made, scores), [], async () => found)).search;
}

/** One unit of seat 1's score given to seat 3. */
const favoured = ({ seats, nobody }: Scores): Scores => ({ seats: seats.map((score, seat) => (seat === 1 ? score - 1n : seat === 3 ? score + 1n : score)), nobody });

const without = (files: ReadonlyMap<string, Uint8Array>, missing: string): BundleReader => {
  const whole = mapReader(files);
  return { list: whole.list, read: async (path, most) => (path === missing ? Promise.reject(protocolError("bundle-unreadable", `No block of ${path}.`)) : whole.read(path, most)) };
};

describe("a watcher of a settlement by quality", () => {
  it("verifies right scores", async () => {
    const made = await make(await evidenceOf());
    const due = await dueOf(made);
    assert.deepEqual(due, { scores: made.bundle.computed.scores, wrong: null, problem: null });
    assert.deepEqual(await searchIn(made, made.bundle.computed.scores, due), { kind: "none" });
  });

  it("names the first wrong score: whose, what is due, what is stated", async () => {
    const made = await make(await evidenceOf());
    const { scores } = made.bundle.computed;
    const search = await searchIn(made, favoured(scores), await dueOf(made));
    assert(search.kind === "unprovable");
    const due = scores.seats[1] ?? 0n;
    assert.deepEqual([search.where, search.reason], ["scores: seat 1", `seat 1 scored ${due} in the rounds covered; the settlement says ${due - 1n}`]);
  });

  it("names nobody's score like every other", async () => {
    const made = await make(await evidenceOf());
    const { seats, nobody } = made.bundle.computed.scores;
    const search = await searchIn(made, { seats, nobody: nobody + 1n }, await dueOf(made));
    assert(search.kind === "unprovable");
    assert.deepEqual([search.where, search.reason], ["scores: nobody", `nobody scored ${nobody} in the rounds covered; the settlement says ${nobody + 1n}`]);
  });

  it("takes the chain's word where the evidence says otherwise, and names the score that follows", async () => {
    // A voice that was never given: the bundle is right in itself, and its scores are what it would give.
    const made = await make(await evidenceOf({ commendations: [{ organisation: 1, seats: [2, 4] }, { organisation: 2, seats: [4] }] }));
    const due = await dueOf(made);
    assert.notEqual(due.scores, null);
    const search = await searchIn(made, made.bundle.computed.scores, due);
    assert(search.kind === "unprovable");
    assert.match(search.reason, /^(seat \d|nobody) scored \d+ in the rounds covered; the settlement says \d+$/);
  });

  it("is not content with right scores on evidence that does not hold", async () => {
    const made = await make(await evidenceOf());
    const reputation = (made.bundle.files.get("reputation.bin") ?? assert.fail()).slice();
    reputation[12] = (reputation[12] ?? 0) ^ 1;
    const due = await dueOf(made, {}, mapReader(new Map([...made.bundle.files, ["reputation.bin", reputation]])));
    const search = await searchIn(made, made.bundle.computed.scores, due);
    assert(search.kind === "unprovable");
    assert.match(search.reason, /^the scores rest on what does not hold: reputation\.bin: /);
  });

  it("names a holdout that was committed too late, which leaves no score to recompute", async () => {
    const made = await make(await evidenceOf());
    const due = await dueOf(made, { holdouts: [{ commitment: OPEN.commitment, fromRound: 2 }] });
    assert.equal(due.scores, null);
    const search = await searchIn(made, made.bundle.computed.scores, due);
    assert(search.kind === "unprovable");
    assert.match(search.reason, /holdout before the window is committed for round 2 and later, expected committed for round 1 or earlier/);
  });

  it("does not believe what the bundle says of itself", async () => {
    const made = await make(await evidenceOf());
    const other = { ...made, bundle: { ...made.bundle, statement: { ...made.bundle.statement, index: 2 } } };
    // Points are signed for a settlement: for the one that the ledger has under way, not for the one in the manifest.
    assert.match((await dueOf(other)).wrong?.reason ?? "", /^evidence\.json: annotation .*: points is /);
  });

  it("says why when something cannot be read, and verifies nothing", async () => {
    const made = await make(await evidenceOf());
    const { files, computed } = made.bundle;
    for (const path of ["manifest.json", "terms.json", "evidence.json", "holdout.bin", "working.json", "reputation.bin"]) {
      const due = await dueOf(made, {}, without(files, path));
      assert.match(due.problem?.why ?? "", new RegExp(`No block of ${path.replace(".", "\\.")}`), path);
      const search = await searchIn(made, computed.scores, due);
      assert.deepEqual([search.kind, search.kind === "missing" ? search.items.map(({ file }) => file) : []], ["missing", [FILE]], path);
    }
  });

  it("names a wrong score though the working is withheld", async () => {
    const made = await make(await evidenceOf());
    const search = await searchIn(made, favoured(made.bundle.computed.scores), await dueOf(made, {}, without(made.bundle.files, "working.json")));
    assert.deepEqual([search.kind, search.kind === "unprovable" && search.where], ["unprovable", "scores: seat 1"]);
  });

  it("leaves escrowed updates to those who have a key", async () => {
    const made = await make(await evidenceOf());
    const window = async (): Promise<never> => Promise.reject(protocolError("envelope-key-missing", "The updates of round 1 are encrypted, and there is no key to them here."));
    const due = await dueOf(made, { window });
    assert.deepEqual([due.scores, due.wrong, due.problem?.code], [null, null, "envelope-key-missing"]);
    assert.equal((await searchIn(made, made.bundle.computed.scores, due, true)).kind, "escrowed");
    // A bundle that calls itself escrowed in a federation that is not gets no such excuse.
    assert.equal((await searchIn(made, made.bundle.computed.scores, due, false)).kind, "missing");
  });

  it("proves what can be proven before it scores anything", async () => {
    const made = await make(await evidenceOf());
    const settlement = await proposed(made, made.bundle.computed.scores);
    const entitlements = settlement.ledger.entitlements.slice();
    entitlements[11] = (entitlements[11] ?? 0) ^ 1;
    const statement = { ...settlement.ledger.statement, entitlementsHash: columnHash(entitlements) };
    const { search } = await searchSettlement({ ...settlement, ledger: { ...settlement.ledger, statement, entitlements } }, [], () => assert.fail("the scores were asked for"));
    assert.equal(search.kind, "fault");
  });
});

describe("the seats that a settlement scores", () => {
  it("test_attack_seatGrantedAfterThePinnedReport_isNotCounted", async () => {
    const granted = [3n, 5n, 9n].map((blockNumber) => ({ blockNumber }));
    const kernel = {
      deployment: { fromBlock: 0n },
      seats: { address: devAccount(1).address, abi: [] },
      client: { getContractEvents: async ({ fromBlock, toBlock }: { fromBlock: bigint; toBlock: bigint }) => granted.filter(({ blockNumber }) => blockNumber >= fromBlock && blockNumber <= toBlock) },
    } as unknown as Kernel;
    assert.deepEqual([await countSeats(kernel, 1, 5n), await countSeats(kernel, 1, 9n)], [2, 3]);
  });
});
