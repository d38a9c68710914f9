// A federation that is paid by quality, and four operators with a service each: what they settle, what one of them cannot make them sign, and that nothing of it alarms anybody.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Hex, LocalAccount } from "viem";
import { buildRewardsTree, columnHash, COLUMN_WIDTHS, computeEntitlements, createDomain, encodeJson, accumulate, memberAt, memberTotal, packScores, packUints, SETTLEMENT_FILES, unpackScores, type SettlementStatement } from "../../../protocol/index.ts";
import type { Json } from "../../../protocol/bundle/canonical-json.ts";
import { toJson } from "../../../protocol/bundle/struct-json.ts";
import { readFacts } from "../../../protocol/ledger/read-facts.ts";
import { readPayees } from "../../../protocol/ledger/read-settlements.ts";
import { createPeer } from "../../../scripts/oracle/peers/client.ts";
import { openQualityFolders } from "../../../scripts/oracle/quality/sources.ts";
import type { OracleObserver } from "../../../scripts/oracle/observer.ts";
import { makeBundle } from "./aggregator.ts";
import { handFiles, learned } from "./quality-files.ts";
import { arrive, startPeersWorld, type PeersWorld, type Service } from "./peers-world.ts";
import { handOver } from "./support.ts";

describe("four operators who settle by quality", () => {
  let world: PeersWorld;
  /** What each was told of that could alarm somebody. */
  const alarms: string[] = [];
  before(async () => {
    world = await startPeersWorld({}, { windows: 2 });
  });
  after(() => world.close());

  const observerOf = ({ index }: Service): Partial<OracleObserver> => ({
    failed: (where, code) => void alarms.push(`${index} failed in ${where}: ${code}`),
    signed: (kind, ok) => void (ok || alarms.push(`${index} refused to sign a ${kind}`)),
    peerAnswered: (_, answer) => void (["signed", "later"].includes(answer) || alarms.push(`${index} was answered: ${answer}`)),
    bundleRefused: ({ code }) => void alarms.push(`${index} refused a bundle: ${code}`),
  });
  /** The last one has no sources. @param turn Milliseconds; 0: all of them act at once. */
  async function startAll(turn: number): Promise<void> {
    const { kernel, federation } = world.there.world;
    for (const service of world.services) {
      const folders = { federation, terms: at(service, "terms.json"), points: at(service, "points"), holdouts: at(service, "holdouts") };
      const quality = service.index === 3 ? null : await openQualityFolders(kernel, folders, (message) => void alarms.push(`${service.index}: ${message}`));
      await world.start(service, { observer: observerOf(service), federations: [{ federation, quality }] }, { turn, within: 120_000 });
    }
  }
  const at = ({ dir }: Service, name: string): string => path.join(dir, "..", "quality", name);
  const account = async () => world.there.world.kernel.settlement.read.accountOf([world.there.world.federation]);
  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 60_000; !(await holds()); await sleep(100)) assert.ok(Date.now() < end, `It never came about:\n${[...world.warnings, ...alarms].join("\n")}`);
  }

  async function recordRound(): Promise<void> {
    const url = world.services[0].url ?? assert.fail();
    const open = await world.there.open(url);
    const base = await world.there.model(url, open.parent.round);
    const made = await makeBundle(open, base, world.there.sites, { change: learned(world.there.world, base, open.round) });
    assert.equal((await handOver(url, made)).status, 202);
    for (const service of world.services) assert.equal((await arrive(service, made.digest, "reported", "final", "refused")).state, "reported");
  }
  async function settled(index: number): Promise<void> {
    await until(async () => (await account()).proposedThrough >= index);
    await world.there.world.jump(2_100);
    await until(async () => (await account()).settledThrough >= index);
  }

  it("act all at once: each settlement is proposed once and final once, the one without sources signs too and says once that it proposes none, and nobody is alarmed", async () => {
    const { world: ledger } = world.there;
    for (const service of world.services.slice(0, 3)) await handFiles(ledger, path.dirname(at(service, "terms.json")));
    await startAll(0);
    for (const index of [1, 2]) {
      await recordRound();
      await ledger.jump(2_100);
      await settled(index);
    }
    await world.stopAll();
    const { kernel, federation } = ledger;
    const range = { ...kernel.settlement, args: { federation }, fromBlock: 0n, strict: true } as const;
    const proposed = await kernel.client.getContractEvents({ ...range, eventName: "SettlementProposed" });
    assert.deepEqual(proposed.map(({ args }) => args.index), [1, 2]);
    assert.ok(world.services.some((service) => service.index === 3 && world.signatures(service).some(({ kind }) => kind === "SettlementStatement")), "who has no sources signs what it recomputed");
    assert.deepEqual(alarms.splice(0), ["3 failed in settling: quality-sources-missing"]);
    assert.deepEqual(world.warnings.splice(0), ["3: federation 1: its settlements are left to other operators: it is paid by quality, and its terms are not known here."]);
  });

  it("pay by it: a holdout was opened for each, points count, and a member claims what it is due", async () => {
    const { kernel, federation, setting } = world.there.world;
    const facts = await readFacts(kernel, federation);
    const last = facts.settlements.at(-1) ?? assert.fail();
    const { store } = await world.holderOf(last.artefact);
    const bundle = await store.open(last.artefact);
    assert.ok((await bundle.list()).includes("holdout.bin"), "no holdout was opened");
    assert.ok(unpackScores(await bundle.read(SETTLEMENT_FILES.scores)).seats.filter((score) => score > 0n).length >= 3);
    const members = await bundle.read(SETTLEMENT_FILES.members);
    const tree = await buildRewardsTree({ chainId: kernel.deployment.chainId, vault: facts.vault, federation }, members);
    assert.equal(tree.root, facts.rewardsRoot);
    const seat = 1;
    const { payee, cumulative } = memberAt(members, seat) ?? assert.fail();
    const vault = kernel.vaultAt(facts.vault);
    const owner = setting.hospitals.flatMap(({ keys }) => Object.values(keys) as LocalAccount[]).find(({ address }) => address === payee) ?? assert.fail(payee);
    const had = await kernel.token.read.balanceOf([payee]);
    await setting.transactor.send(owner, { kind: "claim", address: facts.vault, abi: vault.abi, functionName: "claim", args: [seat, cumulative, tree.proofFor(seat)] });
    assert.ok(cumulative > 0n);
    assert.deepEqual([await vault.read.claimedOf([seat]), (await kernel.token.read.balanceOf([payee])) - had], [cumulative, cumulative]);
  });

  it("attack_movedScore: an operator proposes a score that is not due, with everything that follows from it; the three others refuse, also who has no sources, and settle what is due", async () => {
    const { kernel, federation, jump } = world.there.world;
    await startAll(3_000);
    const withheld = world.withheldSettlement();
    await recordRound();
    await jump(2_100);
    const { statement: honest, files } = await withheld;
    const facts = await readFacts(kernel, federation);
    const payees = await readPayees(kernel, federation, honest.lastReportHash);
    const last = facts.settlements.at(-1)?.artefact ?? assert.fail();
    const before = await (await world.holderOf(last)).store.open(last);
    const [pool] = await kernel.settlement.read.poolThrough([federation, honest.lastRound]);
    const due = unpackScores(files.get(SETTLEMENT_FILES.scores) ?? assert.fail());
    const from = due.seats.findLastIndex((score) => score > 1_000_000n);
    const scores = { ...due, seats: due.seats.map((score, seat) => (seat === 0 ? score + 1_000n : seat === from ? score - 1_000n : score)) };
    assert.ok(from > 0);
    const { amounts, distributed } = computeEntitlements(pool, scores, payees);
    const table = accumulate(await before.read(SETTLEMENT_FILES.members), amounts, payees);
    const domain = { chainId: kernel.deployment.chainId, vault: facts.vault, federation };
    const changed = { [SETTLEMENT_FILES.scores]: packScores(scores), [SETTLEMENT_FILES.entitlements]: packUints(amounts, COLUMN_WIDTHS.entitlements), [SETTLEMENT_FILES.members]: table };
    const statement = {
      ...honest, distributed, total: memberTotal(table), rewardsRoot: (await buildRewardsTree(domain, table)).root,
      scoresHash: columnHash(changed[SETTLEMENT_FILES.scores]), entitlementsHash: columnHash(changed[SETTLEMENT_FILES.entitlements]),
    };
    const artefact = await world.services[0].store.putDirectory(relisted(files, changed, { statement, carry: pool - distributed }));
    const settlement = createDomain(kernel.deployment.chainId, kernel.settlement.address);
    const refused: string[] = [];
    for (const other of world.services.slice(1)) {
      const asked = createPeer({ address: other.account.address, url: other.url ?? "", self: world.services[0].account, domain: createDomain(kernel.deployment.chainId, kernel.rounds.address), now: () => Date.now() / 1000, fetch });
      await assert.rejects(asked.ask({ domain: settlement, name: "SettlementStatement", value: { ...statement, artefact } }, AbortSignal.timeout(60_000)), ({ message }: Error) => (refused.push(message), true));
    }
    assert.equal(refused.length, 3);
    for (const message of refused) assert.match(message, /settlement-mismatch: Settlement 3, .*scores/i);
    assert.ok([1, 2, 3].every((index) => alarms.includes(`${index} refused to sign a SettlementStatement`)), "that somebody asks for a wrong signature is an alarm");
    world.put(() => null);
    await settled(3);
    const final = (await readFacts(kernel, federation)).settlements.at(-1);
    assert.deepEqual([final?.index, final?.artefact], [3, honest.artefact]);
  });
});

/** The same directory with other files, and a manifest that agrees with them. */
function relisted(files: ReadonlyMap<string, Uint8Array>, changed: Readonly<Record<string, Uint8Array>>, { statement, carry }: { readonly statement: SettlementStatement; readonly carry: bigint }): Map<string, Uint8Array> {
  const manifest = JSON.parse(new TextDecoder().decode(files.get("manifest.json"))) as { files: { path: string; bytes: number; keccak256: Hex }[]; carry: string; statement: Json };
  for (const [name, bytes] of Object.entries(changed)) Object.assign(manifest.files.find((file) => file.path === name) ?? {}, { bytes: bytes.length, keccak256: columnHash(bytes) });
  const said = { ...manifest, carry: String(carry), statement: { ...(manifest.statement as Record<string, Json>), ...(toJson(statement) as Record<string, Json>) } };
  delete (said.statement as Record<string, Json>)["artefact"];
  return new Map([...files, ...Object.entries(changed), ["manifest.json", encodeJson(said)]]);
}
