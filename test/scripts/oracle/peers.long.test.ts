// Four operators, four services, a real chain and real HTTP between them: what one does not do, the others do; what one says, none believes.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Hex } from "viem";
import { zeroHash } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createDomain, createSeal, digestOf, packSealColumns, recoverSigner, SETTLEMENT_FILES, columnHash, type Entry, type Report, type Seal, type SettlementStatement, type Structs } from "../../../protocol/index.ts";
import { createTransactor, type Transactor } from "../../../scripts/chain/transactor.ts";
import { readOpenRound } from "../../../scripts/ledger/open-round.ts";
import { createPeer } from "../../../scripts/oracle/peers/client.ts";
import { makeBundle, type Made, type MakeOptions } from "./aggregator.ts";
import { handOver } from "./support.ts";
import { arrive, hanging, startPeersWorld, type PeersWorld, type Service } from "./peers-world.ts";

describe("a quorum of four services", () => {
  let world: PeersWorld;
  before(async () => {
    world = await startPeersWorld();
    await world.startAll();
  });
  after(() => world.close());
  afterEach(async () => {
    world.put(() => null);
    for (const service of world.services) if (service.running === null) await world.start(service);
  });

  const urlOf = ({ url }: Service): string => url ?? assert.fail("it does not run");
  async function make(at: Service, options: MakeOptions = {}): Promise<Made> {
    const open = await world.there.open(urlOf(at));
    return makeBundle(open, await world.there.model(urlOf(at), open.parent.round), world.there.sites, options);
  }
  const nextRound = async (): Promise<number> => (await readOpenRound(world.there.world.kernel, world.there.world.federation))?.context.round ?? assert.fail("no round is open");
  /** Those that are not named, in the order of their turns. */
  const without = (...left: readonly Service[]): readonly Service[] => world.services.filter((service) => !left.includes(service));
  const at = (services: readonly Service[]): Service => services[0] ?? assert.fail();
  async function recorded(made: Made, services: readonly Service[], round: number): Promise<void> {
    for (const service of services) assert.equal((await arrive(service, made.digest, "reported", "final", "refused")).state, "reported", `operator ${service.index}`);
    assert.deepEqual(await world.effects(round), [1, 1]);
  }

  it("records a round that one of them was handed, and all of them know it", async () => {
    const made = await make(world.services[0]);
    assert.equal((await handOver(urlOf(world.services[3]), made)).status, 202);
    await recorded(made, world.services, 1);
    await world.stopAll();
    const kinds = world.services.map((service) => world.signatures(service).map(({ kind }) => kind));
    for (const kind of ["Seal", "Report"] as const) assert.ok(kinds.filter((signed) => signed.includes(kind)).length >= 3, `${kind}: ${JSON.stringify(kinds)}`);
  });

  it("goes on while the one whose turn it is, is dead", async () => {
    const round = await nextRound();
    const dead = world.first(round);
    await world.stop(dead);
    const made = await make(at(without(dead)));
    await handOver(urlOf(at(without(dead))), made);
    await recorded(made, without(dead), round);
    // It comes back, catches up with what it missed, and has nothing to do.
    await world.start(dead);
    await recorded(made, world.services, round);
  });

  it("goes on while one is slow: it is asked, and nobody waits for it", async () => {
    // Longer than a bundle is waited for here: whoever waits for the slow one is found out.
    await world.stopAll();
    await world.startAll({}, { within: 180_000 });
    const round = await nextRound();
    const slow = at(without(world.first(round)));
    let asked = 0;
    world.put((_, to, url, init) => (to !== slow.index || !url.pathname.endsWith("/signatures") ? null : (asked++, hanging(init))));
    const made = await make(at(world.services));
    await handOver(urlOf(at(world.services)), made);
    await recorded(made, world.services, round);
    assert.ok(asked > 0);
    await world.stopAll();
  });

  it("goes on though one does not serve the federation", async () => {
    const round = await nextRound();
    const absent = world.first(round);
    await world.stop(absent);
    await world.start(absent, { federations: [] });
    const made = await make(at(without(absent)));
    await handOver(urlOf(at(without(absent))), made);
    await recorded(made, without(absent), round);
    await world.stop(absent);
  });

  it("attack_lyingOperator: one that answers with a signature over something else", async () => {
    const round = await nextRound();
    const liar = at(without(world.first(round)));
    let lies = 0;
    world.put((_, to, url) => {
      if (to !== liar.index || !url.pathname.endsWith("/signatures")) return null;
      lies++;
      return Promise.resolve(Response.json({ signature: `0x${"11".repeat(32)}${"22".repeat(32)}` }));
    });
    const made = await make(at(world.services));
    await handOver(urlOf(at(world.services)), made);
    await recorded(made, world.services, round);
    assert.ok(lies > 0);
  });

  it("attack_twoOperatorsSubmitAtOnce: whatever they do at the same moment has one effect", async () => {
    await world.stopAll();
    await world.startAll({}, { turn: 0 });
    const round = await nextRound();
    const made = await make(at(world.services));
    await Promise.all(world.services.map(async (service) => handOver(urlOf(service), made)));
    await recorded(made, world.services, round);
    await world.stopAll();
  });

  it("attack_partition: two on each side do nothing; when they meet again the round goes on", async () => {
    const round = await nextRound();
    const sides = (a: number, b: number): boolean => a % 2 !== b % 2;
    world.put((from, to) => (sides(from, to) ? Promise.reject(new TypeError("fetch failed")) : null));
    const made = await make(at(world.services));
    for (const service of world.services) await handOver(urlOf(service), made);
    await sleep(8_000);
    assert.deepEqual(await world.effects(round), [0, 0]);
    world.put(() => null);
    await recorded(made, world.services, round);
  });

  it("attack_partition: one is cut off with the bundle that it was handed; the others are handed it too and go on, and it keeps what they reported", async () => {
    const round = await nextRound();
    const [alone] = world.services;
    world.put((from, to) => (from === alone.index || to === alone.index ? Promise.reject(new TypeError("fetch failed")) : null));
    const made = await make(alone);
    await handOver(urlOf(alone), made);
    await handOver(urlOf(at(without(alone))), made);
    // The chain tells it. It signed nothing, and keeps a copy all the same: the next round is made on it, and nobody can be asked.
    await recorded(made, world.services, round);
    assert.equal(await alone.store.has(made.digest), true);
  });

  for (const [when, kind] of [["between seal and report", "seal"], ["with all signatures of the report in its hands", "report"]] as const) {
    it(`attack_firstOneDies ${when}: the next one reports`, async () => {
      const round = await nextRound();
      const first = world.first(round);
      await world.stop(first);
      const { kernel } = world.there.world;
      const whole = createTransactor(kernel.client, kernel.rpcUrl);
      let died: Promise<void> | null = null;
      const transactor: Transactor = {
        ...whole,
        async send(account, call) {
          if (call.kind !== kind) return whole.send(account, call);
          const receipt = kind === "seal" ? await whole.send(account, call) : null;
          died = world.stop(first);
          if (receipt !== null) return receipt;
          throw new Error("It is dead.");
        },
      };
      await world.start(first, { transactor });
      const made = await make(first);
      await handOver(urlOf(first), made);
      await recorded(made, without(first), round);
      assert.notEqual(died, null);
      await died;
    });
  }

  describe("that an operator tries to make sign what is wrong", () => {
    const stranger = privateKeyToAccount(`0x${"77".repeat(32)}`);
    const signal = (): AbortSignal => AbortSignal.timeout(60_000);
    /** The first operator, as a program of its own: it has the key, and asks the second. */
    const hostile = () => {
      const { kernel } = world.there.world;
      return createPeer({ address: world.services[1].account.address, url: urlOf(world.services[1]), self: world.services[0].account, domain: createDomain(kernel.deployment.chainId, kernel.rounds.address), now: () => Date.now() / 1000, fetch });
    };
    const roundsDomain = () => createDomain(world.there.world.kernel.deployment.chainId, world.there.world.kernel.rounds.address);
    const settlementDomain = () => createDomain(world.there.world.kernel.deployment.chainId, world.there.world.kernel.settlement.address);
    const refused = async (answer: Promise<Hex>, why: RegExp): Promise<void> => assert.rejects(answer, ({ message }: Error) => why.test(message) || assert.fail(message));
    const signedBySecond = async <Name extends "Seal" | "Report" | "SettlementStatement">(domain: ReturnType<typeof roundsDomain>, name: Name, value: Structs[Name], answer: Hex) =>
      assert.equal(await recoverSigner(digestOf(domain, name, value), answer), world.services[1].account.address);

    it("attack_sealWithAForgedEntry: and a seal of another round, of other columns, of updates that nobody has", async () => {
      // Nobody acts by itself here.
      await world.stopAll();
      await world.startAll({}, { turn: 10 ** 9 });
      for (const service of world.services) if (service.index !== 1) await world.stop(service);
      const { kernel, federation } = world.there.world;
      const open = (await readOpenRound(kernel, federation)) ?? assert.fail();
      const made = await make(world.services[1]);
      const entries = entriesOf(made);
      const sealOf = (of: readonly Entry[]): Seal => createSeal(open.context, open.attempt, packSealColumns(of));
      const ask = async (of: readonly Entry[], value: Seal = sealOf(of)): Promise<Hex> => hostile().ask({ domain: roundsDomain(), name: "Seal", value, entries: of }, signal());

      await refused(ask(entries), /payload-missing/);
      await handOver(urlOf(world.services[1]), made);
      const forgedBundle = await make(world.services[1], { seed: 5, spoil: (entry) => ({ ...entry, normSq: entry.normSq + 1n }) });
      await handOver(urlOf(world.services[1]), forgedBundle);
      const [first, ...rest] = entries;
      assert.ok(first);
      await refused(ask(entriesOf(forgedBundle)), /payload-missing/);
      await refused(ask([{ ...first, updateRoot: zeroHash }, ...rest]), /payload-missing/);
      await refused(ask([{ ...first, signature: toCompact(await stranger.signMessage({ message: "anything" })) }, ...rest]), /payload-missing/);
      await refused(ask([{ ...first, normSq: first.normSq + 1n }, ...rest]), /signature-invalid/);
      await refused(ask(entries, { ...sealOf(entries), seatsHash: zeroHash }), /statement-refused/);
      await refused(ask(entries, { ...sealOf(entries), parentReportHash: zeroHash }), /statement-refused/);
      await refused(ask(entries, { ...sealOf(entries), round: open.context.round + 1 }), /statement-early/);
      await refused(ask(entries, { ...sealOf(entries), attempt: 1 }), /statement-early/);
      await refused(ask(rest.toReversed(), sealOf(rest)), /column-invalid/);
      await signedBySecond(roundsDomain(), "Seal", sealOf(entries), await ask(entries));
      await signedBySecond(roundsDomain(), "Seal", sealOf(entries), await ask(entries));
    });

    it("attack_wrongAggregate: and a report of another seal, of an artefact that nobody has, and one that leaves an update out", async () => {
      await world.stopAll();
      // The bad artefacts are where the asker says.
      for (const index of [0, 1] as const) await world.start(world.services[index], {}, { turn: 10 ** 9 });
      const there = world.there.world;
      const made = await make(world.services[1]);
      const lying = await make(world.services[1], { model: (model) => void (model[3] = (model[3] ?? 0) + 1) });
      const leaving = await make(world.services[1], { missing: [made.entries[0]?.seat ?? -1] });
      await there.seal({ entries: made.entries, updates: made.updates });
      await handOver(urlOf(world.services[1]), made);
      for (const { files } of [lying, leaving]) await world.services[0].store.putDirectory(files);
      const ask = async (value: Report): Promise<Hex> => hostile().ask({ domain: roundsDomain(), name: "Report", value }, signal());
      await refused(ask(lying.report), /round-mismatch/);
      await refused(ask({ ...lying.report, modelRoot: made.report.modelRoot }), /round-mismatch/);
      await refused(ask({ ...made.report, modelRoot: lying.report.modelRoot }), /round-mismatch/);
      await refused(ask({ ...made.report, metricsHash: zeroHash }), /round-mismatch/);
      await refused(ask({ ...made.report, excluded: 1n }), /round-mismatch/);
      await refused(ask(leaving.report), /statement-refused: Round \d+ excludes seat/);
      await refused(ask({ ...made.report, sealHash: zeroHash }), /statement-refused/);
      await refused(ask({ ...made.report, attempt: 1 }), /statement-early/);
      await refused(ask({ ...made.report, artefact: `0x${"ab".repeat(32)}` }), /artefact-missing/);
      assert.equal(await world.services[1].store.has(made.digest), true);
      await signedBySecond(roundsDomain(), "Report", made.report, await ask(made.report));
      await world.stop(world.services[1]);
      const reports = world.signatures(world.services[1]).filter(({ kind, round }) => kind === "Report" && round === made.report.round);
      // Whoever asked first, itself or the other.
      assert.deepEqual(reports.map(({ digest }) => digest), [digestOf(roundsDomain(), "Report", made.report)]);
    });

    it("attack_inventedScores: settles only what it recomputed; and the others then settle by themselves", async () => {
      await world.stopAll();
      await world.startAll();
      const { kernel, federation, jump } = world.there.world;
      await until(async () => (await readOpenRound(kernel, federation)) !== null);
      // What an honest one asks the others to sign, seen on the way.
      const withheld = world.withheldSettlement();
      await jump(2_100);
      const { statement: honest, files } = await withheld;
      const bend = async (file: string): Promise<{ readonly artefact: Hex; readonly hash: Hex }> => {
        const bytes = Uint8Array.from(files.get(file) ?? assert.fail(file));
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        return { artefact: await world.services[0].store.putDirectory(new Map([...files, [file, bytes]])), hash: columnHash(bytes) };
      };
      const [scores, amounts] = [await bend(SETTLEMENT_FILES.scores), await bend(SETTLEMENT_FILES.entitlements)];
      const ask = async (value: SettlementStatement): Promise<Hex> => hostile().ask({ domain: settlementDomain(), name: "SettlementStatement", value }, signal());
      const wrong = /settlement-mismatch|statement-refused|bundle-unreadable|manifest-invalid/;
      await refused(ask({ ...honest, artefact: scores.artefact, scoresHash: scores.hash }), wrong);
      await refused(ask({ ...honest, artefact: amounts.artefact, entitlementsHash: amounts.hash }), wrong);
      await refused(ask({ ...honest, total: honest.total + 1n }), wrong);
      await refused(ask({ ...honest, rewardsRoot: zeroHash }), wrong);
      await refused(ask({ ...honest, lastReportHash: zeroHash }), wrong);
      await refused(ask({ ...honest, index: honest.index + 1 }), /statement-early/);
      await refused(ask({ ...honest, firstRound: honest.firstRound + 1 }), /statement-early/);
      await refused(ask({ ...honest, lastRound: honest.lastRound + 1_000 }), /statement-early/);
      await signedBySecond(settlementDomain(), "SettlementStatement", honest, await ask(honest));
      world.put(() => null);
      await until(async () => (await kernel.settlement.read.accountOf([federation])).proposedThrough >= honest.lastRound);
      const proposed = await kernel.client.getContractEvents({ ...kernel.settlement, eventName: "SettlementProposed", args: { federation }, fromBlock: 0n, strict: true });
      assert.deepEqual(proposed.map(({ args }) => args.index), [honest.index]);
    });
  });
});

const entriesOf = ({ entries }: Made): Entry[] => entries.map(({ seat, updateRoot, normSq, normTraceRoot, rho, signer, signature }) => ({ seat, updateRoot, normSq, normTraceRoot, rho, signer, signature }));

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await holds()); waited++) {
    if (waited > 120) throw new Error("It never came about.");
    await sleep(500);
  }
}

/** 65 bytes to 64. */
const toCompact = (signature: Hex): Hex => `0x${signature.slice(2, 130).replace(/^(.{64})[89a-f]/, "$10")}`;
