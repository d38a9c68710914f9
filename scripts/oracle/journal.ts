import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Address, Hex } from "viem";
import { z } from "zod";
import { toJson } from "../../protocol/bundle/struct-json.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import type { BundleState, BundleStatus } from "../../protocol/handover/bundle-status.ts";
import type { Entry, Json, RoundContext, StructName } from "../../protocol/index.ts";
import { address, bigUint, bytes32, uint } from "../../protocol/schema.ts";

/** A bundle that was handed over whole. @param parent Report hash that it extends. @param parentRound,parentArtefact Whose report that is, and its bundle. */
export interface Held extends BundleStatus {
  readonly federation: number;
  readonly round: number;
  readonly parent: Hex;
  readonly parentRound: number;
  readonly parentArtefact: Hex;
  /** Seconds. */
  readonly receivedAt: number;
}

/** Entries that operators were asked to seal. @param attempt Of the round then. */
export interface SealedSet {
  readonly bundle: Hex;
  readonly context: RoundContext;
  readonly attempt: number;
  readonly entries: readonly Entry[];
}

/** A statement that this operator signed. @param asker Whose service asked: its own too. @param round Of a settlement, its number. @param value The statement in JSON: what anyone can recompute. */
export interface SignedStatement {
  readonly kind: StructName;
  readonly federation: number;
  readonly round: number;
  readonly attempt: number;
  readonly digest: Hex;
  readonly asker: Address;
  /** Seconds. */
  readonly at: number;
  readonly value: Json;
}

export type NewBundle = Pick<Held, "bundle" | "federation" | "round" | "parent" | "parentRound" | "parentArtefact" | "receivedAt">;
export type Change = Partial<Pick<Held, "state" | "reportHash" | "artefact" | "asHanded" | "problem">>;

/** What the oracle has taken in and how far it is, on disk: written before it is acted on, so that a restart goes on where it was. */
export interface OracleJournal {
  find(bundle: Hex): Held | null;
  /** Takes up a bundle, also one that was refused before. Of one that is held already nothing changes. */
  add(bundle: NewBundle): void;
  change(bundle: Hex, change: Change): void;
  /** Bundles in one of these states, by round and in the order in which they came. */
  list(federation: number, states: readonly BundleState[]): readonly Held[];
  /** Before operators sign. A seal that is found on chain later is known by it. */
  addSet(set: SealedSet): void;
  setsOf(federation: number, round: number): readonly SealedSet[];
  counts(): readonly BundleCount[];
  /** Federations with a bundle that waits because of this problem. */
  held(code: string): readonly number[];
  /** Grows with every change. */
  changes(): number;
  /** Before a signature leaves. The same statement again changes nothing. */
  addSignature(signed: SignedStatement): void;
  /** Of one round or settlement; of all when none is named. */
  signatures(federation: number, round?: number): readonly SignedStatement[];
  close(): void;
}

/** How many bundles of a federation are in a state. */
export interface BundleCount {
  readonly federation: number;
  readonly state: BundleState;
  readonly count: number;
}

const SCHEMA = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS bundles (
    number INTEGER PRIMARY KEY, bundle TEXT NOT NULL UNIQUE, federation INTEGER NOT NULL, round INTEGER NOT NULL, parent TEXT NOT NULL, parent_round INTEGER NOT NULL, parent_artefact TEXT NOT NULL,
    received INTEGER NOT NULL, state TEXT NOT NULL, report_hash TEXT, artefact TEXT, as_handed INTEGER, problem TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS bundles_state ON bundles (federation, state, round);
  CREATE TABLE IF NOT EXISTS sets (
    number INTEGER PRIMARY KEY, bundle TEXT NOT NULL, federation INTEGER NOT NULL, round INTEGER NOT NULL, attempt INTEGER NOT NULL, pinned TEXT NOT NULL, entries TEXT NOT NULL,
    UNIQUE (bundle, attempt, pinned, entries)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sets_round ON sets (federation, round);
  CREATE TABLE IF NOT EXISTS signatures (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, federation INTEGER NOT NULL, round INTEGER NOT NULL, attempt INTEGER NOT NULL, digest TEXT NOT NULL UNIQUE, asker TEXT NOT NULL, at INTEGER NOT NULL,
    value TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS signatures_round ON signatures (federation, round);
`;

const entriesSchema = z.array(
  z.strictObject({
    seat: uint(32), updateRoot: bytes32, normSq: bigUint(64), normTraceRoot: bytes32, rho: uint(48), signer: address,
    signature: z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{128}$/.test(value)),
  }),
);

const pinnedSchema = z.strictObject({ parentReportHash: bytes32, configHash: bytes32 });

const entryJson = ({ seat, updateRoot, normSq, normTraceRoot, rho, signer, signature }: Entry) => toJson({ seat, updateRoot, normSq, normTraceRoot, rho, signer, signature });

/** @throws oracle-taken while another process, or another oracle of this one, has the file open */
export function openOracleJournal(file: string): OracleJournal {
  if (file !== ":memory:") mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file);
  try {
    database.exec(SCHEMA);
  } catch (cause) {
    database.close();
    if (!(cause instanceof Error && /locked|busy/i.test(cause.message))) throw cause;
    throw new ChongwenError({ code: "oracle-taken", message: `Another oracle works in ${path.dirname(file)}.`, fix: "Stop it first, or give this one a folder of its own.", retryable: true, cause });
  }
  const statement = (sql: string) => database.prepare(sql);
  const find = statement("SELECT * FROM bundles WHERE bundle = ?");
  const insert = statement(
    `INSERT INTO bundles (bundle, federation, round, parent, parent_round, parent_artefact, received, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting')
     ON CONFLICT (bundle) DO UPDATE SET state = 'waiting', problem = NULL, received = excluded.received WHERE state = 'refused'`,
  );
  const update = statement("UPDATE bundles SET state = ?, report_hash = ?, artefact = ?, as_handed = ?, problem = ? WHERE bundle = ?");
  const list = statement("SELECT * FROM bundles WHERE federation = ? AND state IN (SELECT value FROM json_each(?)) ORDER BY round, number");
  const insertSet = statement("INSERT INTO sets (bundle, federation, round, attempt, pinned, entries) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const sets = statement("SELECT * FROM sets WHERE federation = ? AND round = ? ORDER BY number DESC");
  const counts = statement("SELECT federation, state, COUNT(*) AS count FROM bundles GROUP BY federation, state");
  const withProblem = statement("SELECT DISTINCT federation FROM bundles WHERE state IN ('waiting', 'sealing', 'sealed') AND json_extract(problem, '$.code') = ? ORDER BY federation");
  const changes = statement("SELECT total_changes() AS changes");
  const insertSignature = statement("INSERT INTO signatures (kind, federation, round, attempt, digest, asker, at, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const signatures = statement("SELECT * FROM signatures WHERE federation = ? AND (round = ? OR ? IS NULL) ORDER BY number");
  const heldOf = (bundle: Hex): Held | null => rowOf(find.get(bundle));

  return {
    find: heldOf,
    add: ({ bundle, federation, round, parent, parentRound, parentArtefact, receivedAt }) =>
      void insert.run(bundle, federation, round, parent, parentRound, parentArtefact, Math.floor(receivedAt)),
    change(bundle, change) {
      const held = heldOf(bundle);
      if (held === null) return;
      const { state, reportHash, artefact, asHanded, problem } = { ...held, ...change };
      update.run(state, reportHash, artefact, asHanded === null ? null : Number(asHanded), problem === null ? null : JSON.stringify(problem), bundle);
    },
    list: (federation, states) => list.all(federation, JSON.stringify(states)).flatMap((row) => rowOf(row) ?? []),
    addSet({ bundle, attempt, context: { federation, round, ...pinned }, entries }) {
      insertSet.run(bundle, federation, round, attempt, JSON.stringify(pinned), JSON.stringify(entries.map(entryJson)));
    },
    setsOf: (federation, round) =>
      sets.all(federation, round).map((row) => ({
        bundle: row["bundle"] as Hex,
        attempt: Number(row["attempt"]),
        context: { federation, round, ...pinnedSchema.parse(JSON.parse(String(row["pinned"]))) },
        entries: entriesSchema.parse(JSON.parse(String(row["entries"]))),
      })),
    counts: () => counts.all().map((row) => ({ federation: Number(row["federation"]), state: row["state"] as BundleState, count: Number(row["count"]) })),
    held: (code) => withProblem.all(code).map((row) => Number(row["federation"])),
    changes: () => Number(changes.get()?.["changes"] ?? 0),
    addSignature: ({ kind, federation, round, attempt, digest, asker, at, value }) =>
      void insertSignature.run(kind, federation, round, attempt, digest, asker, Math.floor(at), JSON.stringify(value)),
    signatures: (federation, round) =>
      signatures.all(federation, round ?? null, round ?? null).map((row) => ({
        kind: row["kind"] as StructName, federation: Number(row["federation"]), round: Number(row["round"]), attempt: Number(row["attempt"]),
        digest: row["digest"] as Hex, asker: row["asker"] as Address, at: Number(row["at"]), value: JSON.parse(String(row["value"])) as Json,
      })),
    close: () => database.close(),
  };
}

function rowOf(row: Record<string, unknown> | undefined): Held | null {
  if (row === undefined) return null;
  const hex = (name: string): Hex | null => (row[name] === null ? null : (row[name] as Hex));
  return {
    bundle: row["bundle"] as Hex,
    federation: Number(row["federation"]),
    round: Number(row["round"]),
    parent: row["parent"] as Hex,
    parentRound: Number(row["parent_round"]),
    parentArtefact: row["parent_artefact"] as Hex,
    receivedAt: Number(row["received"]),
    state: row["state"] as BundleState,
    reportHash: hex("report_hash"),
    artefact: hex("artefact"),
    asHanded: row["as_handed"] === null ? null : row["as_handed"] === 1,
    problem: row["problem"] === null ? null : (JSON.parse(String(row["problem"])) as Held["problem"]),
  };
}
