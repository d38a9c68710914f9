/** The data as Ponder keeps it, in PGlite or PostgreSQL. */
import type { AnyPgColumn, ReadonlyDrizzle } from "ponder";
import { and, asc, between, desc, eq, ilike, or, sql } from "ponder";
import { z } from "zod";
import * as schema from "../../ponder.schema.ts";
import type { Hit, Store } from "./app.ts";
import type { Kind, Query } from "./search-query.ts";
import { pattern } from "./search-query.ts";

type Db = ReadonlyDrizzle<typeof schema>;
type Hex = `0x${string}`;

const { claim, contributor, dataset, delegation, federation, log, operator, organisation, proposal, round, settlement, vote } = schema;

const metaSchema = z.array(z.object({ ready: z.coerce.number() }));
const checkpointSchema = z.array(z.object({ checkpoint: z.string().regex(/^\d{75,}$/) }));

export function createStore(db: Db): Store {
  return {
    async progress() {
      const [meta] = metaSchema.parse(rowsOf(await db.execute(sql`select (value ->> 'is_ready')::int as ready from _ponder_meta limit 1`)));
      if (meta?.ready !== 1) return undefined;
      const [row] = checkpointSchema.parse(rowsOf(await db.execute(sql`select latest_checkpoint as checkpoint from _ponder_checkpoint limit 1`)));
      // Ponder's position in time: seconds (10 digits), chain (16), block (16), and on.
      return row === undefined ? undefined : Number(row.checkpoint.slice(26, 42));
    },
    logs: ({ from, to }, after, limit) => {
      const [block = 0, index = 0] = after ?? [];
      const since = after === undefined ? undefined : or(sql`${log.blockNumber} > ${block}`, and(eq(log.blockNumber, block), sql`${log.logIndex} > ${index}`));
      return db.select().from(log).where(and(between(log.blockNumber, Math.max(from, block), to), since)).orderBy(asc(log.blockNumber), asc(log.logIndex)).limit(limit);
    },
    async blockHash(block) {
      const [row] = await db.select({ hash: log.blockHash }).from(log).where(eq(log.blockNumber, block)).limit(1);
      return row?.hash;
    },
    async search(query, kinds, limit) {
      const hits: Hit[] = [];
      for (const kind of kinds) {
        if (hits.length >= limit) break;
        hits.push(...(await (finders[query.form][kind]?.(db, query as never, limit - hits.length) ?? [])));
      }
      return hits;
    },
  };
}

function rowsOf(result: unknown): unknown {
  return Array.isArray(result) ? result : (result as { rows: unknown }).rows;
}

type Finder<Form extends Query["form"]> = (db: Db, query: Extract<Query, { form: Form }>, limit: number) => Promise<Hit[]>;
type Finders = { readonly [Form in Query["form"]]: { readonly [K in Kind]?: Finder<Form> } };

/** Hex digits end at f, so this is a range that an index answers. */
function startsWith(column: AnyPgColumn, prefix: string) {
  return sql`(${column} >= ${prefix} and ${column} < ${`${prefix}g`})`;
}

const roundHit = (row: { federation: number; number: number; state: string }): Hit => ({ kind: "round", id: String(row.number), federation: row.federation, title: row.state });
const settlementHit = (row: { federation: number; number: number; state: string }): Hit => ({ kind: "settlement", id: String(row.number), federation: row.federation, title: row.state });
const datasetHit = (row: { id: number; licence: string; legalBasis: string; status: string }): Hit => ({ kind: "dataset", id: String(row.id), title: [row.status, row.licence, row.legalBasis].join(" · ") });
const contributorHit = (row: { id: number; organisation: number }): Hit => ({ kind: "contributor", id: String(row.id), title: `organisation ${row.organisation}` });
const organisationHit = (row: { id: number; account: string }): Hit => ({ kind: "organisation", id: String(row.id), title: row.account });
const proposalHit = (row: { id: bigint; description: string; createdAt: number }): Hit => ({
  kind: "proposal", id: String(row.id), title: (row.description.split("\n").find((line) => line.trim() !== "") ?? "").slice(0, 200), block: row.createdAt,
});

const finders: Finders = {
  hash: {
    transaction: async (db, { prefix }, limit) =>
      (await db.selectDistinct({ id: log.transactionHash, block: log.blockNumber }).from(log).where(startsWith(log.transactionHash, prefix)).limit(limit)).map(
        ({ id, block }) => ({ kind: "transaction", id, title: "", block }),
      ),
    block: async (db, { prefix }, limit) =>
      (await db.selectDistinct({ id: log.blockHash, block: log.blockNumber }).from(log).where(startsWith(log.blockHash, prefix)).limit(limit)).map(({ id, block }) => ({ kind: "block", id, title: "", block })),
    round: async (db, { prefix }, limit) =>
      (await db.select().from(round).where(or(startsWith(round.sealHash, prefix), startsWith(round.reportHash, prefix), startsWith(round.artefact, prefix))).limit(limit)).map(roundHit),
    settlement: async (db, { prefix }, limit) => (await db.select().from(settlement).where(startsWith(settlement.rewardsRoot, prefix)).limit(limit)).map(settlementHit),
    dataset: async (db, { prefix }, limit) => (await db.select().from(dataset).where(startsWith(dataset.card, prefix)).limit(limit)).map(datasetHit),
  },
  address: {
    federation: async (db, { address }, limit) =>
      (await db.select().from(federation).where(eq(federation.vault, address as Hex)).limit(limit)).map(({ id, createdAt }) => ({ kind: "federation", id: String(id), title: "vault", block: createdAt })),
    contributor: async (db, { address }, limit) =>
      (await db.select().from(contributor).where(or(eq(contributor.key, address as Hex), eq(contributor.payee, address as Hex))).limit(limit)).map(contributorHit),
    organisation: async (db, { address }, limit) =>
      (await db.select().from(organisation).where(or(eq(organisation.account, address as Hex), eq(organisation.officerA, address as Hex), eq(organisation.officerB, address as Hex))).limit(limit)).map(organisationHit),
    operator: async (db, { address }, limit) =>
      (await db.select().from(operator).where(eq(operator.address, address as Hex)).limit(limit)).map((row) => ({ kind: "operator", id: row.address, title: row.member ? "operator" : "former operator" })),
    member: async (db, { address }, limit) => {
      const [delegated, votes] = await Promise.all([
        db.select().from(delegation).where(or(eq(delegation.delegator, address as Hex), eq(delegation.delegate, address as Hex))).limit(1),
        db.select().from(vote).where(eq(vote.voter, address as Hex)).limit(limit),
      ]);
      return delegated.length + votes.length === 0 ? [] : [{ kind: "member", id: address, title: `${votes.length} votes` }];
    },
    proposal: async (db, { address }, limit) => (await db.select().from(proposal).where(eq(proposal.proposer, address as Hex)).orderBy(desc(proposal.createdAt)).limit(limit)).map(proposalHit),
    claim: async (db, { address }, limit) =>
      (await db.select().from(claim).where(eq(claim.payee, address as Hex)).orderBy(desc(claim.blockNumber)).limit(limit)).map((row) => ({
        kind: "claim", id: row.transactionHash, title: String(row.amount), block: row.blockNumber,
      })),
  },
  number: {
    federation: async (db, { number }) => (await db.select().from(federation).where(eq(federation.id, number))).map(({ id, createdAt }) => ({ kind: "federation", id: String(id), title: "", block: createdAt })),
    round: async (db, { number }, limit) => (await db.select().from(round).where(eq(round.number, number)).limit(limit)).map(roundHit),
    settlement: async (db, { number }, limit) => (await db.select().from(settlement).where(eq(settlement.number, number)).limit(limit)).map(settlementHit),
    dataset: async (db, { number }) => (await db.select().from(dataset).where(eq(dataset.id, number))).map(datasetHit),
    contributor: async (db, { number }) => (await db.select().from(contributor).where(eq(contributor.id, number))).map(contributorHit),
    organisation: async (db, { number }) => (await db.select().from(organisation).where(eq(organisation.id, number))).map(organisationHit),
  },
  text: {
    dataset: async (db, { text }, limit) =>
      (await db.select().from(dataset).where(or(...[dataset.licence, dataset.legalBasis, dataset.ethicsApproval].map((column) => ilike(column, pattern(text))))).limit(limit)).map(datasetHit),
    proposal: async (db, { text }, limit) => (await db.select().from(proposal).where(ilike(proposal.description, pattern(text))).orderBy(desc(proposal.createdAt)).limit(limit)).map(proposalHit),
  },
};
