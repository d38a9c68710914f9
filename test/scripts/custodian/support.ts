// A custodian with a practice set, over real HTTP and a real database, and readers who log in like a page would.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isHex, type Address, type Hex, type PrivateKeyAccount } from "viem";
import { createSiweMessage } from "viem/siwe";
import {
  aboutSchema, annotationAnswer, annotationSession, entrySchema, NO_NOTE, nonceSchema, submittedSchema, toWire, workSchema, type AnnotationAnswer, type Note, type Submitted, type Work,
} from "../../../protocol/annotation/index.ts";
import { createAdmission, type AdmissionList } from "../../../scripts/custodian/admission.ts";
import { addPractice, openCustody } from "../../../scripts/custodian/start.ts";
import { createCustodianApp } from "../../../scripts/custodian/server.ts";
import type { RunningService } from "../../../scripts/service/listen.ts";
import type { ServiceLedger } from "../../../scripts/service/ledger.ts";
import { call, fakeClock, fakeLedger, PAGE, person, rulesAt, serveApp, type Answered } from "../service/support.ts";

export const [alice, bob, carol, wallet, mallory] = [person(1), person(2), person(3), person(4), person(5)];
export const custodianKey = person(50);
export const ledger: ServiceLedger = fakeLedger(new Map([[alice.address, 1], [bob.address, 2], [wallet.address, 3]]), new Map([[wallet.address, bob.address]]));
const LIST: AdmissionList = { members: true, accounts: [{ account: carol.address, tier: 3, organisation: 9 }] };

export interface World {
  readonly dir: string;
  readonly url: string;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly custody: ReturnType<typeof openCustody>;
  readonly root: Hex;
  readonly warnings: string[];
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const dir = mkdtempSync(path.join(tmpdir(), "custodian-"));
  const clock = fakeClock();
  const warnings: string[] = [];
  let custody = openCustody(dir);
  await addPractice(custody, ledger);
  let service: RunningService;
  const serve = async (): Promise<void> => {
    let address = "";
    service = await serveApp(
      createCustodianApp({
        ...custody, name: { en: "Test", zh: "测试" }, key: custodianKey, ledger, admission: createAdmission(ledger, LIST), resource: () => address, rules: rulesAt(clock, warnings),
      }),
    );
    address = service.url;
  };
  await serve();
  const stop = async (): Promise<void> => {
    await service.close();
    custody.journal.close();
  };
  return {
    dir,
    clock,
    warnings,
    get url() {
      return service.url;
    },
    get custody() {
      return custody;
    },
    get root() {
      return custody.journal.sets()[0]?.root ?? assert.fail("no set");
    },
    async restart() {
      await stop();
      custody = openCustody(dir);
      await serve();
    },
    async close() {
      await stop();
      rmSync(dir, { recursive: true });
    },
  };
}

export interface MessageFields {
  address: Address;
  domain: string;
  uri: string;
  chainId: number;
  nonce: string;
  issuedAt: Date;
  expirationTime: Date;
  resources: string[];
}

export async function messageFor(world: World, account: Address, more: Partial<MessageFields> = {}): Promise<string> {
  const nonce = more.nonce ?? nonceSchema.parse((await call(world.url, "/login/nonce", { body: "" })).body).nonce;
  const { resource } = aboutSchema.parse((await call(world.url, "/about")).body);
  const time = world.clock.now() * 1000;
  return createSiweMessage({
    version: "1", address: account, domain: new URL(PAGE).host, uri: PAGE, chainId: 31337, nonce, issuedAt: new Date(time), expirationTime: new Date(time + 300_000), resources: [resource], ...more,
  });
}

export async function tryLogin(world: World, account: Address, signer: PrivateKeyAccount, more: Partial<MessageFields> = {}): Promise<Answered> {
  const message = await messageFor(world, account, more);
  return call(world.url, "/login", { body: { message, signature: await signer.signMessage({ message }) } });
}

/** A reader who is logged in and has appointed a session key. */
export interface Reader {
  readonly account: Address;
  readonly token: string;
  readonly session: PrivateKeyAccount;
  get(at: string): Promise<Answered>;
  work(tier?: number): Promise<Work>;
  picture(task: number, tier?: number): Promise<Answered>;
  answer(task: number, answer: number, more?: Partial<AnnotationAnswer>): AnnotationAnswer;
  post(answer: AnnotationAnswer, note?: Note | null, key?: PrivateKeyAccount): Promise<Answered>;
  /** Answers what comes next. */
  next(answer: number, tier?: number): Promise<Submitted>;
}

let keys = 500;
export async function enter(world: World, account: Address, signer: PrivateKeyAccount): Promise<Reader> {
  const { token } = entrySchema.parse((await tryLogin(world, account, signer)).body);
  const { root } = world;
  const session = person(keys++);
  const statement = { taskSet: root, annotator: account, sessionKey: session.address, expiry: Math.floor(world.clock.now()) + 3600 };
  const signature = await signer.sign({ hash: annotationSession.digest(ledger.domain, statement) });
  const delegated = await call(world.url, `/sets/${root}/sessions`, { token, body: toWire({ session: statement, signature }) });
  assert.equal(delegated.status, 200, JSON.stringify(delegated.body));
  const { set } = world.custody.journal.sets().find((stored) => stored.root === root) ?? assert.fail();
  const get = (at: string): Promise<Answered> => call(world.url, `/sets/${root}/${at}`, { token });
  const reader: Reader = {
    account, token, session, get,
    work: async (tier = 1) => workSchema.parse((await get(`work?tier=${tier}`)).body),
    picture: (task, tier = 1) => get(`tasks/${task}/picture?tier=${tier}`),
    answer: (task, answer, more = {}) => ({
      taskSet: root, task, imageHash: set.tasks[task]?.image ?? NO_NOTE, annotator: account, sessionKey: session.address, tier: 1, revision: 0, answer, confidence: 2, seconds: 1,
      incidental: false, noteHash: NO_NOTE, ...more,
    }),
    async post(answer, note = null, key = session) {
      return call(world.url, `/sets/${root}/answers`, { token, body: toWire({ answer, signature: await key.sign({ hash: annotationAnswer.digest(ledger.domain, answer) }), note }) });
    },
    async next(answer, tier = 1) {
      const [task] = (await reader.work(tier)).next;
      assert.ok(task !== undefined, "nothing to do");
      const answered = await reader.post(reader.answer(task.task, answer, { tier, revision: task.revision }));
      assert.equal(answered.status, 200, JSON.stringify(answered.body));
      return submittedSchema.parse(answered.body);
    },
  };
  return reader;
}

export const isImage = (answered: Answered): boolean => answered.status === 200 && answered.body instanceof Uint8Array && !isHex(answered.body);
