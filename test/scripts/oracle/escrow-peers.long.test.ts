// Privacy mode B between four services: each operator opens the envelopes for itself; one without its key leaves it to the others, and tells its owner.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createDomain, createSeal, packSealColumns, type Entry } from "../../../protocol/index.ts";
import { readManifest } from "../../../scripts/chain/manifest.ts";
import { createRegister, type EscrowRegister, type Recipient } from "../../../protocol/privacy/escrow.ts";
import { createEscrowReader } from "../../../protocol/privacy/escrow-reader.ts";
import { deriveEscrowKey, type EscrowKey } from "../../../protocol/privacy/key-slip.ts";
import { devAccount } from "../../../scripts/chain/dev-accounts.ts";
import { readOpenRound } from "../../../scripts/ledger/open-round.ts";
import { createPeer } from "../../../scripts/oracle/peers/client.ts";
import { sealUpdate } from "../../../scripts/site/escrow.ts";
import { cryptoRandom } from "../../../scripts/site/random.ts";
import type { KeySlips } from "../../../scripts/store/key-slips.ts";
import { makeBundle, type Made, type MakeOptions } from "./aggregator.ts";
import { arrive, startPeersWorld, type PeersWorld, type Service } from "./peers-world.ts";
import { handOver } from "./support.ts";

describe("an escrowed federation and four services", () => {
  let world: PeersWorld;
  let register: EscrowRegister;
  const keys = new Map<string, EscrowKey>();
  const alarms: string[] = [];
  const wrapped = new Map<string, Uint8Array>();
  const slips: KeySlips = {
    put: async (envelope, slip) => Promise.resolve(void wrapped.set(envelope, slip)),
    get: async (envelope) => Promise.resolve(wrapped.get(envelope) ?? null),
    destroy: async (envelope) => Promise.resolve(wrapped.delete(envelope)),
    list: async () => Promise.resolve([]),
  };
  const KEYLESS = 2;

  before(async () => {
    const { operators } = await readManifest(path.resolve(import.meta.dirname, "..", "..", "..", "deploy", "manifests", "local.json"));
    const recipients: Recipient[] = [];
    for (const [i, { name, key }] of operators.members.entries()) {
      const own = await deriveEscrowKey(new Uint8Array(32).fill(i + 1));
      keys.set(key, own);
      recipients.push({ role: "operator", name, account: key, publicKey: own.publicKey });
    }
    const auditor = await deriveEscrowKey(new Uint8Array(32).fill(99));
    register = createRegister([...recipients, { role: "auditor", name: "Auditor", account: devAccount(30).address, publicKey: auditor.publicKey }]);
    world = await startPeersWorld({}, { escrow: { register, keyOf: (operator) => keys.get(operator) ?? assert.fail(operator), slips, random: cryptoRandom } });
    for (const service of world.services) {
      const own = service.index === KEYLESS ? null : createEscrowReader(keys.get(service.account.address) ?? assert.fail(), slips.get);
      await world.start(service, {
        federations: [{ federation: world.there.world.federation, readerOf: (operator) => (operator === service.account.address ? own : null) }],
        observer: { signed: (kind, ok) => void (ok || alarms.push(`${service.index} refused to sign a ${kind}`)), failed: (where, code) => void alarms.push(`${service.index} failed in ${where}: ${code}`) },
      }, { within: 120_000 });
    }
  });
  after(() => world.close());

  const keyed = (): Service[] => world.services.filter(({ index }) => index !== KEYLESS);
  const keyless = (): Service => world.services[KEYLESS];
  async function make(options: MakeOptions = {}, other: (update: Int16Array, seat: number) => Int16Array = (update) => update): Promise<Made> {
    const { kernel } = world.there.world;
    const url = world.services[0].url ?? "";
    const open = await world.there.open(url);
    const ledger = { chainId: kernel.deployment.chainId, ledger: kernel.rounds.address };
    return makeBundle(open, await world.there.model(url, open.parent.round), world.there.sites, {
      ...options, escrow: { register, seal: async (update, about) => sealUpdate({ update: other(update, about.seat), context: { ...ledger, ...about }, register, slips, random: cryptoRandom }) },
    });
  }
  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 90_000; !(await holds()); await sleep(100)) assert.ok(Date.now() < end, `It never came about:\n${[...world.warnings, ...alarms].join("\n")}`);
  }

  it("record its rounds, open every envelope for themselves and settle; the one without a key says so once for each, reports nothing wrong, and keeps step", async () => {
    for (const round of [1, 2]) {
      const made = await make();
      assert.equal((await handOver(keyless().url ?? "", made)).status, 202);
      for (const service of world.services) assert.equal((await arrive(service, made.digest, "reported", "final", "refused")).state, "reported", `operator ${service.index}`);
      assert.deepEqual(await world.effects(round), [1, 1]);
    }
    const { kernel, federation, jump } = world.there.world;
    await jump(2_100);
    await until(async () => (await kernel.settlement.read.accountOf([federation])).proposedThrough >= 1);
    await jump(2_100);
    await until(async () => (await kernel.settlement.read.accountOf([federation])).settledThrough >= 1);
    const own = world.warnings.filter((line) => line.startsWith(`${KEYLESS}: `));
    assert.deepEqual(world.warnings.filter((line) => !own.includes(line)), []);
    assert.equal(new Set(own).size, own.length, own.join("\n"));
    for (const line of own) assert.match(line, /left to other operators: .*no key/);
    assert.deepEqual(alarms.filter((line) => !line.includes("envelope-key-missing")), []);
  });

  it("attack_forgedEnvelope: what opens to another update than was signed is refused by who can read it, and signed by nobody", async () => {
    // Each is handed it, and none fetches it from another at the same moment.
    world.put((_, __, url) => (url.pathname.endsWith("/signatures") ? null : Promise.reject(new TypeError("fetch failed"))));
    const forged = await make({ seed: 7 }, (update, seat) => (seat === 1 ? update.map((lane) => -lane) : update));
    for (const service of world.services) assert.equal((await handOver(service.url ?? "", forged)).status, 202);
    for (const service of keyed()) assert.match((await arrive(service, forged.digest, "refused", "sealed", "reported")).problem?.code ?? "", /bundle-wrong/);
    const told = await arrive(keyless(), forged.digest, "waiting", "refused");
    assert.notEqual(told.state, "refused");
    await until(async () => (await arrive(keyless(), forged.digest, "waiting")).problem?.code === "envelope-key-missing");

    const { kernel, federation } = world.there.world;
    const open = (await readOpenRound(kernel, federation)) ?? assert.fail();
    const entries: Entry[] = forged.entries.map(({ seat, updateRoot, normSq, normTraceRoot, rho, signer, signature }) => ({ seat, updateRoot, normSq, normTraceRoot, rho, signer, signature }));
    const domain = createDomain(kernel.deployment.chainId, kernel.rounds.address);
    const asker = keyed()[0] ?? assert.fail();
    for (const other of world.services.filter((service) => service !== asker)) {
      const peer = createPeer({ address: other.account.address, url: other.url ?? "", self: asker.account, domain, now: () => Date.now() / 1000, fetch });
      const asking = async (): Promise<string> => peer.ask({ domain, name: "Seal", value: createSeal(open.context, open.attempt, packSealColumns(entries)), entries }, AbortSignal.timeout(60_000)).then(() => "signed", ({ message }: Error) => message);
      let answer = "";
      // Its own service may be asking for something at the same moment.
      await until(async () => !(answer = await asking()).includes("peer-busy"));
      assert.match(answer, other === keyless() ? /envelope-key-missing/ : /payload-missing/);
    }
    assert.deepEqual(await world.effects(open.context.round), [0, 0]);
  });
});
