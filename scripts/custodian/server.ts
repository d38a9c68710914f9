import type { Hono } from "hono";
import type { Hex, PrivateKeyAccount } from "viem";
import {
  aboutSchema, annotationBatch, annotationReceipt, annotationSession, batchOf, bookSchema, delegateSchema, entrySchema, loginSchema, nonceSchema, setSchema, standingSchema, submitSchema,
  submittedSchema, workSchema, type About,
} from "../../protocol/annotation/index.ts";
import { z } from "zod";
import { createServiceApp, readBody, send, type ServiceRules } from "../service/app.ts";
import type { ServiceLedger } from "../service/ledger.ts";
import { createLimit } from "../service/limit.ts";
import { Refused } from "../service/refusal.ts";
import type { Admission } from "./admission.ts";
import type { CustodianJournal, StoredSet } from "./journal.ts";
import { createLogins, type Session } from "./login.ts";
import type { Pictures } from "./pictures.ts";
import { submit } from "./submit.ts";
import { isAssigned, readingsOf, standingOf, workOf } from "./work.ts";

export interface Custodian {
  readonly name: About["name"];
  readonly key: PrivateKeyAccount;
  readonly ledger: ServiceLedger;
  readonly admission: Admission;
  readonly journal: CustodianJournal;
  readonly pictures: Pictures;
  /** The server's own public address; known once it listens. */
  readonly resource: () => string;
  readonly rules: Pick<ServiceRules, "allowsHost" | "allowsOrigin" | "now" | "warn">;
}

/** Longest that a session key may sign. */
const DELEGATION_SECONDS = 24 * 3600;
const MOST_DELEGATIONS = 500;
const NO_CONTENT = z.strictObject({});

/**
 * Shows pictures to those who label them, and to nobody else, and keeps what they say. Nothing that leaves here, besides pictures to readers, tells of a
 * person. Trust: readers trust the custodian to show the same picture that its hash names (the page checks) and to keep answers (receipts show what was dropped).
 */
export function createCustodianApp(custodian: Custodian): Hono {
  const { key, ledger, journal, pictures, rules } = custodian;
  const { domain } = ledger;
  const app = createServiceApp({ ...rules, maxBody: 32_768, perMinute: 600 });
  const logins = createLogins({ ledger, admission: custodian.admission, resource: custodian.resource, now: rules.now });
  const attempts = createLimit({ burst: 10, perMinute: 20, now: rules.now });
  const looks = createLimit({ burst: 60, perMinute: 90, now: rules.now });
  /** One at a time: a receipt names the one before. */
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const setOf = (root: string): StoredSet => {
    const stored = journal.sets().find((candidate) => candidate.root === root);
    if (stored === undefined) throw new Refused("nothing-there", "There is no such task set.");
    return stored;
  };
  const tierOf = (session: Session, text: string | undefined): number => {
    const tier = /^[1-3]$/.test(text ?? "") ? Number(text) : 1;
    if (tier > session.tier) throw new Refused("tier-refused", `The account reads in tier ${session.tier} at most.`);
    return tier;
  };

  app.get("/about", (context) =>
    send(context, aboutSchema, {
      name: custodian.name,
      key: key.address,
      chainId: ledger.chainId,
      ledger: domain.verifyingContract,
      resource: custodian.resource(),
      sets: journal.sets().map(({ root, set, closedAt }) => ({ root, title: set.title, tasks: set.tasks.length, practice: set.practice, closed: closedAt !== null })),
    }),
  );

  app.post("/login/nonce", (context) => {
    if (!attempts.take("nonce")) throw new Refused("too-many-requests", "Too many logins in a short time.");
    return send(context, nonceSchema, logins.nonce());
  });

  app.post("/login", async (context) => {
    if (!attempts.take("login")) throw new Refused("too-many-requests", "Too many logins in a short time.");
    const { message, signature } = await readBody(context, loginSchema);
    return send(context, entrySchema, await logins.enter(message, signature, context.req.header("origin") ?? ""));
  });

  app.post("/logout", (context) => {
    logins.leave(context.req.header("authorization"));
    return send(context, NO_CONTENT, {});
  });

  const session = (context: { req: { header(name: string): string | undefined } }): Session => logins.require(context.req.header("authorization"));

  app.get("/sets/:root", (context) => {
    session(context);
    const { set, closedAt } = setOf(context.req.param("root"));
    return send(context, setSchema, { set, closed: closedAt !== null });
  });

  app.post("/sets/:root/sessions", async (context) => {
    const reader = session(context);
    const { root } = setOf(context.req.param("root"));
    const delegation = await readBody(context, delegateSchema);
    const { annotator, taskSet, expiry } = delegation.session;
    if (annotator !== reader.annotator || taskSet !== root) throw new Refused("signature-refused", "The session is another reader's, or for another task set.");
    if (expiry <= rules.now() || expiry > rules.now() + DELEGATION_SECONDS) throw new Refused("request-invalid", "A session's key may sign for at most a day from now.");
    if (journal.countDelegations(root, annotator) >= MOST_DELEGATIONS) throw new Refused("too-many-requests", "Too many sessions for one task set.");
    if (!(await ledger.signed(annotator, annotationSession.digest(domain, delegation.session), delegation.signature))) {
      throw new Refused("signature-refused", "The session is not signed by the account that it names.");
    }
    journal.delegate(delegation);
    return send(context, NO_CONTENT, {});
  });

  app.get("/sets/:root/work", (context) => {
    const reader = session(context);
    return send(context, workSchema, workOf(setOf(context.req.param("root")), journal, reader, tierOf(reader, context.req.query("tier"))));
  });

  app.get("/sets/:root/tasks/:task{[0-9]{1,6}}/picture", async (context) => {
    const reader = session(context);
    if (!looks.take(reader.annotator)) throw new Refused("too-many-requests", "Too many pictures in a short time.");
    const stored = setOf(context.req.param("root"));
    const task = Number(context.req.param("task"));
    const tier = tierOf(reader, context.req.query("tier"));
    const content = stored.set.tasks[task];
    const readings = readingsOf(journal, stored);
    if (content === undefined || !isAssigned(stored, readings, reader, tier, task)) throw new Refused("not-your-task", "The picture is not among those given to you.");
    if (journal.withheld(stored.root).has(task)) throw new Refused("picture-withheld", "A reader recognised a person in this picture.");
    const { bytes, type } = await pictures.read(content.image).catch((cause: unknown) => {
      rules.warn(`Picture ${content.image} of task ${task} cannot be served: ${cause instanceof Error ? cause.message : String(cause)}`);
      throw new Refused("picture-withheld", "The picture's file is not the one that its hash names.", cause);
    });
    return context.body(new Uint8Array(bytes).buffer, 200, { "content-type": type, "content-disposition": "inline", "cache-control": "no-store, private" });
  });

  app.post("/sets/:root/answers", async (context) => {
    const reader = session(context);
    const submission = await readBody(context, submitSchema);
    const root = context.req.param("root");
    return send(context, submittedSchema, await inTurn(() => submit({ key, domain, journal, now: rules.now }, setOf(root), reader, submission)));
  });

  app.get("/sets/:root/receipts", async (context) => {
    const { annotator } = session(context);
    const { root } = setOf(context.req.param("root"));
    const records = journal.recordsOf(root, annotator);
    const last = records.at(-1);
    if (last === undefined) return send(context, bookSchema, { records, delegations: journal.delegationsOf(root, annotator), batch: null });
    const batch = batchOf(root, annotator, records.map(({ receipt }) => receipt.answerHash), annotationReceipt.digest(domain, last.receipt));
    const signature: Hex = await key.sign({ hash: annotationBatch.digest(domain, batch) });
    return send(context, bookSchema, { records, delegations: journal.delegationsOf(root, annotator), batch: { batch, signature } });
  });

  app.get("/sets/:root/standing", (context) => {
    const reader = session(context);
    return send(context, standingSchema, standingOf(setOf(context.req.param("root")), journal, reader));
  });

  return app;
}

