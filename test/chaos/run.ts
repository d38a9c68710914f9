// One seed: lets everything happen that the plan says, ends it, and asks whether every bundle that was accepted is final, once, and rightly.
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { auditLedger } from "../../protocol/audit/audit.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { nativeHashPairs } from "../../scripts/store/hash-pairs.ts";
import { createDiskStore } from "../../scripts/store/index.ts";
import type { OracleConfigInput } from "../../scripts/oracle/service/config.ts";
import { TOKEN, statusOf } from "../scripts/oracle/support.ts";
import type { Made } from "../scripts/oracle/aggregator.ts";
import { deliver } from "./aggregator.ts";
import { openChaosChain } from "./chain.ts";
import { keepService, type Keeper } from "./keeper.ts";
import { countEffects, readRounds, readSettlement } from "./ledger.ts";
import { readOutbox } from "./outboxes.ts";
import type { KillPoints, Plan } from "./plan.ts";
import { startSigner } from "./signer.ts";
import { settlementsSigned, wronglySigned } from "./signed.ts";
import { SETTLE_EVERY, type ChaosWorld } from "./world.ts";

export interface Problem {
  readonly kind: "lost" | "duplicated" | "wrong" | "crashed" | "differs";
  readonly what: string;
}

/** What a run without faults comes to. */
export interface Expected {
  readonly effects: Readonly<Record<string, number>>;
  readonly settlements: ReadonlySet<string>;
}

export interface Outcome {
  readonly problems: readonly Problem[];
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: Readonly<Record<string, number>>;
  readonly points: KillPoints;
  readonly seconds: number;
  readonly expected: Expected;
}

export interface RunParameters {
  readonly world: ChaosWorld;
  readonly plan: Plan;
  /** Null: this run is the one without faults. */
  readonly expected: Expected | null;
  readonly log: (line: string) => void;
}

/** Milliseconds after which faults end that nothing has called forth by then; of patience with a run in which nothing moves any more, once they are over; and with any run. A busy machine is slow, and loses nothing. */
const FAULTS_END = 90_000;
const PATIENCE = 120_000;
const LONGEST = 900_000;
/** Funded accounts that send nothing else. */
const RELAYERS = [9, 59] as const;
/** Blocks after which a service lets go of what it sent. */
const DEEP = 70;

export async function runPlan({ world, plan, expected, log }: RunParameters): Promise<Outcome> {
  const started = Date.now();
  const dir = await world.begin();
  const chain = await openChaosChain(world, plan, log);
  const problems: Problem[] = [];
  const storeDir = path.join(dir, "store");
  const keepers: Keeper[] = [];
  const signer = await startSigner();
  const deployment = path.join(dir, "deployment.json");
  const tokenFile = path.join(dir, "token");
  await writeFile(tokenFile, TOKEN, { mode: 0o600 });
  await writeFile(deployment, JSON.stringify(world.setting.kernel.deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
  let over = false;
  /** When anything moved last, and what there was then. */
  let moved = { at: started, what: "" };
  const note = (what: string): void => void (moved = what === moved.what ? moved : { at: Date.now(), what });
  const isPatient = (): boolean => Date.now() - started < LONGEST && Date.now() - Math.max(moved.at, started + FAULTS_END) < PATIENCE;
  try {
    if (plan.blocks === "in time") await world.rpc("evm_setAutomine", false);
    for (const [i, lives] of plan.lives.entries()) {
      const config: OracleConfigInput = {
        format: "chongwen-oracle-config", version: 1, deployment, tokenFile, federations: [world.setting.federation],
        endpoints: { urls: [...chain.urls], timeoutSeconds: 3, requestsPerMinute: 1_000_000 },
        operators: [1, 2, 3, 4].map((index) => signer.key(index)), payer: { account: `dev:${RELAYERS[i] ?? 9}` },
        dir: path.join(dir, `service-${i}`), store: { dir: storeDir }, listen: { port: 0 }, monitor: { port: 0 },
        limits: { pollMilliseconds: 120, maxGasPriceGwei: "100", graceSeconds: 8 },
      };
      keepers.push(await keepService({ name: `service ${i}`, config, lives, log }));
    }
    const handedOver = handOverAll();
    const [finished, deliveries] = await Promise.all([drive(), handedOver]);
    problems.push(...(await judge(finished, deliveries)));
    const points = plan.seed === 0 ? ((await keepers[0]?.points()) ?? {}) : {};
    await Promise.all(keepers.map((keeper) => keeper.stop()));
    problems.push(...keepers.flatMap(({ crashes }) => crashes.map((what) => ({ kind: "crashed" as const, what }))));
    const wrong = wronglySigned(signer.signed, world.bundles, expected?.settlements ?? null);
    problems.push(...[...wrong, ...(await unwritten()), ...believed()].map((what) => ({ kind: "wrong" as const, what })));
    return {
      problems, points,
      faults: tally([...keepers.flatMap(({ suffered }) => suffered), ...chain.shown.keys(), ...(plan.services > 1 ? ["two submit at once"] : []), ...(plan.hostile === null ? [] : [`bundle with a ${plan.hostile}`])]),
      kills: tally(keepers.flatMap(({ killed }) => killed)),
      seconds: (Date.now() - started) / 1000,
      expected: { effects: await countEffects(world), settlements: settlementsSigned(signer.signed) },
    };
  } finally {
    over = true;
    await Promise.all(keepers.map((keeper) => keeper.stop()));
    await Promise.all([chain.close(), signer.close()]);
    await rm(dir, { recursive: true, force: true });
  }

  /** What was sent has to be in an outbox, whenever its sender died: what nobody wrote down, nobody follows through a reorganisation. */
  async function unwritten(): Promise<string[]> {
    const written = new Set<string>((await Promise.all(plan.lives.map((_, i) => readOutbox(path.join(dir, `service-${i}`, "outbox"))))).flat());
    return [...chain.sent].filter((hash) => !written.has(hash)).map((hash) => `transaction ${hash} was sent, and no outbox has it`);
  }

  /** An endpoint that lies alone has to be found out. A single lie may come when another endpoint is silent, or to a process that is about to die. */
  function believed(): string[] {
    if (chain.lies() < 5 || keepers.some(({ warnings }) => warnings.some((warning) => warning.includes("contradicts the others")))) return [];
    return [`an endpoint lied ${chain.lies()} times, and nobody noticed that the others say something else`];
  }

  /** Every honest bundle goes to every service; a hostile one to the first, before them. */
  async function handOverAll(): Promise<readonly (readonly [service: number, made: Made, why: string | null])[]> {
    const honest = world.bundles.slice(0, plan.rounds);
    const ordered = plan.order === "reversed" ? honest.toReversed() : honest;
    const givesUp = (): boolean => over || !isPatient();
    const each = async (keeper: Keeper, service: number) => {
      const handed: (readonly [number, Made, string | null])[] = [];
      if (plan.hostile !== null && service === 0) await deliver(keeper, world.hostile[plan.hostile], () => givesUp() || Date.now() - started > FAULTS_END / 8);
      for (const made of ordered) {
        const answer = await deliver(keeper, made, givesUp);
        log(`service ${service}: round ${made.report.round} ${answer.accepted ? "accepted" : `not accepted: ${answer.why}`}`);
        handed.push([service, made, answer.accepted ? null : answer.why]);
        if (plan.order !== "one by one") continue;
        while (!givesUp() && (await readRounds(world, made.report.round)).some(({ state }) => !["Reported", "Final"].includes(state))) await sleep(50);
      }
      return handed;
    };
    return (await Promise.all(keepers.map(each))).flat();
  }

  /** Lets time pass on the chain, ends the faults, and looks until everything is final. @returns Whether it came to that. */
  async function drive(): Promise<boolean> {
    let healed = false;
    let known = 0;
    for (let mined = 0; isPatient(); await sleep(40)) {
      if (Date.now() - mined > (plan.blocks === "in time" ? 120 : 400)) {
        await chain.mine();
        mined = Date.now();
      }
      const rounds = await readRounds(world, plan.rounds);
      const account = await readSettlement(world);
      note(`${JSON.stringify(rounds)} ${account.state} ${account.nextIndex} ${known} ${keepers.map(({ killed }) => killed.length).join(" ")}`);
      const isFinal = rounds.every(({ state }) => state === "Final");
      const isSettled = account.state === 0 && account.nextIndex > Math.floor(plan.rounds / SETTLE_EVERY);
      if (!healed && (Date.now() - started > FAULTS_END || (chain.spent() && keepers.every((keeper) => keeper.lives())) || (isFinal && isSettled))) {
        log("faults end");
        healed = true;
        await chain.heal();
        for (const keeper of keepers) keeper.heal();
        continue;
      }
      if (isFinal && isSettled && healed) {
        await chain.mine(DEEP);
        known = await finals();
        if (known === keepers.length * plan.rounds && (!plan.again || (await startAgain()))) return true;
      }
      const reported = rounds.every(({ state }) => state === "Reported" || state === "Final");
      const due = [...(reported ? rounds.filter(({ state }) => state === "Reported").map(({ deadline }) => deadline) : []), ...(account.state === 1 ? [account.deadline] : [])];
      if (due.length > 0) await jumpTo(Math.max(...due) + 2);
    }
    return false;
  }

  /** What a service has written down of a ledger on which everything is final has to be something that it starts on. */
  async function startAgain(): Promise<boolean> {
    const hasFinal = async (i: number): Promise<boolean> => /"round":/.test(await readFile(path.join(dir, `service-${i}`, "checkpoint.json"), "utf8").catch(() => ""));
    for (const [i, keeper] of keepers.entries()) {
      while (isPatient() && !(await hasFinal(i))) {
        await chain.mine();
        await sleep(200);
      }
      const old = keeper.url();
      keeper.kill();
      while (isPatient() && (keeper.url() === null || keeper.url() === old)) await sleep(50);
    }
    return everybodyKnows();
  }

  async function jumpTo(time: number): Promise<void> {
    await chain.alone(async () => {
      const { timestamp } = await world.setting.kernel.client.getBlock();
      if (Number(timestamp) >= time) return;
      await world.rpc("evm_increaseTime", time - Number(timestamp));
      await world.rpc("evm_mine");
    });
  }

  /** Of how many bundles services say that they are final. */
  async function finals(): Promise<number> {
    const all = keepers.flatMap((keeper) => world.bundles.slice(0, plan.rounds).map(async ({ digest }) => {
      const url = keeper.url();
      return url !== null && (await statusOf(url, digest).catch(() => null))?.state === "final";
    }));
    return (await Promise.all(all)).filter(Boolean).length;
  }

  async function everybodyKnows(): Promise<boolean> {
    return (await finals()) === keepers.length * plan.rounds;
  }

  async function judge(finished: boolean, deliveries: Awaited<ReturnType<typeof handOverAll>>): Promise<Problem[]> {
    const found: Problem[] = [];
    const add = (kind: Problem["kind"], what: string): void => void found.push({ kind, what });
    for (const [service, { report }, why] of deliveries) if (why !== null) add("lost", `service ${service} never accepted round ${report.round}: ${why}`);
    const rounds = await readRounds(world, plan.rounds);
    if (!finished) {
      for (const { round, state } of rounds) if (state !== "Final") add("lost", `round ${round} is ${state}`);
      for (const [service, { report, digest }] of deliveries) {
        const url = keepers[service]?.url() ?? null;
        const status = url === null ? null : await statusOf(url, digest).catch(() => null);
        if (status?.state !== "final") add("lost", `service ${service} says of round ${report.round}: ${status === null ? "nothing" : `${status.state}, ${JSON.stringify(status.problem)}`}`);
      }
      const account = await readSettlement(world);
      if (account.state !== 0 || account.nextIndex <= Math.floor(plan.rounds / SETTLE_EVERY)) add("lost", `settlement ${account.nextIndex} did not come to its end (state ${account.state})`);
      return found;
    }
    const effects = await countEffects(world);
    for (const [name, count] of Object.entries(effects)) if (count !== 1) add("duplicated", `${name}: ${count} times`);
    if (expected !== null) {
      const missing = Object.keys(expected.effects).filter((name) => !(name in effects));
      const more = Object.keys(effects).filter((name) => !(name in expected.effects));
      for (const name of missing) add("differs", `without faults there is: ${name}`);
      for (const name of more) add("differs", `without faults there is no: ${name}`);
    }
    if (plan.hostile !== null) {
      const url = keepers[0]?.url() ?? null;
      const status = url === null ? null : await statusOf(url, world.hostile[plan.hostile].digest).catch(() => null);
      if (status !== null && !["refused", "receiving"].includes(status.state)) add("wrong", `a bundle with a ${plan.hostile} is ${status.state}`);
    }
    const { kernel, federation } = world.setting;
    const audit = await auditLedger({ facts: await readFacts(kernel, federation), store: createDiskStore(storeDir), hashPairs: nativeHashPairs });
    for (const finding of audit.findings) add("wrong", `audit: ${JSON.stringify(finding, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value))}`);
    return found;
  }
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
