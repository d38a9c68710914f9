// The governance page's pure parts: what changes, where a proposal stands, what was typed, what is saved.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Address } from "viem";
import { joinAffected, isSame, cell, NOBODY } from "../../frontend/src/pages/governance/changes/cells.ts";
import { configRows } from "../../frontend/src/pages/governance/changes/config.ts";
import { amendment, statusChange } from "../../frontend/src/pages/governance/changes/datasets.ts";
import type { DatasetState } from "../../frontend/src/pages/governance/changes/datasets.ts";
import { changesEn } from "../../frontend/src/pages/governance/changes/text.en.ts";
import { changesZh } from "../../frontend/src/pages/governance/changes/text.zh.ts";
import type { DraftFields } from "../../frontend/src/pages/governance/draft/draft.ts";
import { EMPTY_DRAFT, parseDraft } from "../../frontend/src/pages/governance/draft/draft.ts";
import { timelineOf } from "../../frontend/src/pages/governance/timeline.ts";
import { votesCsv } from "../../frontend/src/pages/governance/votes-csv.ts";
import type { ProposalStatus } from "../../frontend/src/pages/governance/data/listed.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { contractNames } from "../../protocol/deployment.ts";
import type { FederationConfig } from "../../protocol/eip712/structs.ts";
import { decodeAction } from "../../protocol/governance/decode.ts";
import { GOVERNED, GRAVITY } from "../../protocol/governance/governed.ts";
import type { ProposalRecord } from "../../protocol/governance/proposals.ts";
import { sentenceOf } from "../../protocol/governance/sentences.ts";

const address = (n: number): Address => `0x${(n + 1).toString(16).padStart(40, "0")}`;
const deployment = {
  format: "chongwen-deployment", version: 1, chainId: 31_337, rpcUrl: "http://127.0.0.1:8545", fromBlock: 0n,
  contracts: Object.fromEntries(contractNames.map((name, i) => [name, address(i)])),
} as Deployment;

const state: DatasetState = {
  dataset: { status: 2, version: 3, custodian: 7, heldUntil: 0, heldVersion: 0 },
  terms: { card: `0x${"11".repeat(32)}`, ethicsExpiry: 1_800_000_000n, consentVersion: 1, records: 90, privacyCap: 500, exempt: false, licence: "CC-BY-4.0", legalBasis: "consent", ethicsApproval: "EC 1" },
  seats: [
    { federation: 1, seat: 0, contributor: 2, organisation: 7, dataset: 5, revoked: false },
    { federation: 2, seat: 4, contributor: 9, organisation: 8, dataset: 5, revoked: false },
    { federation: 3, seat: 1, contributor: 9, organisation: 9, dataset: 5, revoked: true },
    { federation: 4, seat: 1, contributor: 1, organisation: 6, dataset: 6, revoked: false },
  ],
};

describe("what changes", () => {
  it("names the institutions, federations and seats that a dataset's suspension touches, and no others", () => {
    const { rows, affected } = statusChange("suspend", 5, state);
    assert.deepEqual(rows, [{ label: "status", subject: "5", before: cell.word("approved"), after: cell.word("suspended") }]);
    assert.deepEqual(affected, { organisations: [7, 8], federations: [1, 2], datasets: [5], seats: 2 });
  });

  it("compares every field of a dataset's terms", () => {
    const next = { ...state.terms, licence: "CC0", records: 100, privacyCap: 800 };
    const { rows } = amendment(5, next, state);
    const changed = rows.filter(({ before, after }) => !isSame(before, after)).map(({ label }) => label);
    assert.deepEqual(changed, ["version", "licence", "records", "privacyCap"]);
    assert.equal(rows.length, 1 + Object.keys(state.terms).length - 1, "exempt and privacyCap share a line");
  });

  it("shows only what differs between two configurations", () => {
    const config = { ruleId: 1, poolPerRound: 5n, finality: 0, reportWindow: 60, modelSpecRoot: "0x1", termsHash: "0x2" } as unknown as FederationConfig;
    assert.deepEqual(configRows(config, { ...config, poolPerRound: 6n, ruleId: 4 }).map(({ label }) => label), ["config.ruleId", "config.poolPerRound"]);
  });

  it("joins who is affected without naming anybody twice", () => {
    assert.deepEqual(joinAffected([{ ...NOBODY, organisations: [3, 1], seats: 1 }, { ...NOBODY, organisations: [1], seats: 2 }]), { ...NOBODY, organisations: [1, 3], seats: 3 });
  });

  it("has words in both languages for what it names, and for nothing that does not exist", () => {
    for (const table of ["rows", "words", "effects", "permanent"] as const) assert.deepEqual(Object.keys(changesZh[table]).sort(), Object.keys(changesEn[table]).sort(), table);
    const acts = new Set(Object.entries(GOVERNED).flatMap(([contract, names]) => names.map((name) => `${contract}.${name}`)));
    for (const name of [...Object.keys(changesEn.effects), ...Object.keys(changesEn.permanent)]) assert.ok(acts.has(name), name);
    const permanent = Object.entries(GRAVITY).flatMap(([contract, all]) => Object.entries(all).filter(([name, gravity]) => gravity === "permanent" && name !== "renounceOwnership").map(([name]) => `${contract}.${name}`));
    assert.deepEqual(permanent.filter((name) => changesEn.permanent[name] === undefined), [], "permanent, and not said why");
  });
});

describe("the timeline", () => {
  const record = { block: 5n, snapshot: 100n, milestones: [] } as unknown as ProposalRecord;
  const status: ProposalStatus = { state: "Active", deadline: 200n, eta: 0n, tally: { for: 0n, against: 0n, abstain: 0n }, quorum: 1n };
  const kinds = (...[r, s]: Parameters<typeof timelineOf>) => timelineOf(r, s).map(({ kind, reached }) => `${kind}${reached ? "" : "?"}`);

  it("says what was reached and what is still to come", () => {
    assert.deepEqual(kinds(record, { ...status, state: "Pending" }), ["proposed", "opens?", "closes?"]);
    assert.deepEqual(kinds(record, status), ["proposed", "opens", "closes?"]);
    assert.deepEqual(kinds(record, { ...status, state: "Defeated" }), ["proposed", "opens", "closes", "defeated"]);
    const queued = { ...record, milestones: [{ kind: "queued", until: 300n, block: 9n, transaction: "0x" }] } as ProposalRecord;
    assert.deepEqual(kinds(queued, { ...status, state: "Queued", eta: 300n }), ["proposed", "opens", "closes", "queued", "executable?"]);
    const executed = { ...queued, milestones: [...queued.milestones, { kind: "executed", until: 0n, block: 12n, transaction: "0x" }] } as ProposalRecord;
    const steps = timelineOf(executed, { ...status, state: "Executed" });
    assert.deepEqual(steps.map(({ kind }) => kind), ["proposed", "opens", "closes", "queued", "executable", "executed"]);
    assert.deepEqual(steps[4]?.at, { time: 300n }, "kept though the governor has forgotten it");
  });

  it("says that a late quorum moved the end, and ends at a withdrawal", () => {
    const extended = { ...record, milestones: [{ kind: "extended", until: 250n, block: 8n, transaction: "0x" }] } as ProposalRecord;
    assert.equal(timelineOf(extended, { ...status, deadline: 250n }).at(-1)?.extended, true);
    const canceled = { ...record, milestones: [{ kind: "canceled", until: 0n, block: 6n, transaction: "0x" }] } as ProposalRecord;
    assert.deepEqual(kinds(canceled, { ...status, state: "Canceled" }), ["proposed", "canceled"]);
  });
});

describe("a draft", () => {
  const said = (fields: Partial<DraftFields>): string => {
    const drafted = parseDraft({ ...EMPTY_DRAFT, ...fields }, deployment, undefined);
    return "call" in drafted ? sentenceOf(decodeAction(deployment, drafted.call), "en") : JSON.stringify(drafted.errors);
  };

  it("becomes the call that was meant", () => {
    assert.equal(said({ dataset: " 4 ", act: "retire" }), "Retire dataset 4 for ever.");
    assert.equal(said({ kind: "seat", dataset: "4", contributor: "6", federation: "2", budget: "700" }), "Grant contributor 6 a seat in federation 2 from dataset 4, with 700 nano-rho.");
    assert.equal(said({ kind: "setting", setting: "proposalThreshold", amount: "12.5" }), "Ask for 12.5 votes to make a proposal.");
    assert.equal(said({ kind: "setting", setting: "minDelay", amount: "86400" }), "Let 1 day pass between a vote and its execution.");
  });

  it("names what cannot be meant", () => {
    assert.equal(said({ dataset: "0" }), '{"dataset":"positive"}');
    assert.equal(said({ dataset: "1e3" }), '{"dataset":"positive"}');
    assert.equal(said({ dataset: "4294967296" }), '{"dataset":"positive"}');
    assert.equal(said({ kind: "setting", setting: "quorum", amount: "101" }), '{"amount":"percent"}');
    assert.equal(said({ kind: "setting", setting: "votingPeriod", amount: "0" }), '{"amount":"positive"}');
    assert.equal(said({ kind: "setting", setting: "proposalThreshold", amount: "1,000" }), '{"amount":"amount"}');
    assert.equal(said({ kind: "amend", dataset: "3" }), '{"dataset":"noAmendment"}');
    assert.equal(said({ kind: "seat", dataset: "1", contributor: "", budget: "-1" }), '{"contributor":"positive","budget":"number"}');
  });
});

describe("votes as CSV", () => {
  it("quotes everything, and lets no reason become a formula or another row", () => {
    const vote = { voter: address(9), support: 1, weight: 10n ** 18n, reason: '=HYPERLINK("http://x")\n1,2', block: 4n, transaction: "0xabc" } as const;
    const csv = votesCsv({ id: 7n, votes: [vote, { ...vote, reason: "fine" }] });
    const [header, first] = csv.split("\r\n");
    assert.equal(header?.split(",").length, 7);
    assert.ok(first?.includes(`"'=HYPERLINK(""http://x"")\n1,2"`));
    assert.ok(first?.startsWith('"7",'));
    assert.equal(csv.split("\r\n").length, 4);
  });
});
