/** Where the data lies, and how it is thrown away: a folder with PGlite, or a PostgreSQL database of the indexer's own. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Client } from "pg";
import { z } from "zod";
import type { Block } from "./rpc.ts";

const stateSchema = z.object({ key: z.string(), anchors: z.array(z.object({ number: z.number(), hash: z.string() })) });

export interface State {
  readonly key: string;
  readonly anchors: readonly Block[];
}

export interface Keep {
  /** Undefined when nothing was kept, or what was kept cannot be read. */
  load(): Promise<State | undefined>;
  save(state: State): Promise<void>;
  /** Forgets all data but those of `key`; with `everything`, also raw blocks that were cached: they are another chain's. */
  clear(key: string, everything: boolean): Promise<void>;
  /** How Ponder finds it. */
  readonly environment: Readonly<Record<string, string>>;
  database(key: string): { kind: "pglite"; directory: string } | { kind: "postgres" };
}

export function keepInFolder(folder: string): Keep {
  const file = path.join(folder, "state.json");
  const directory = (key: string): string => path.join(folder, `pglite-${key}`);
  return {
    environment: {},
    load: async () => parse(await readFile(file, "utf8").catch(() => "")),
    async save(state) {
      await mkdir(folder, { recursive: true });
      await writeFile(file, JSON.stringify(state));
    },
    async clear(key, everything) {
      const names = await readdir(folder).catch(() => []);
      const old = names.filter((name) => name.startsWith("pglite-") && (everything || path.join(folder, name) !== directory(key)));
      for (const name of old) await rm(path.join(folder, name), { recursive: true, force: true });
    },
    database: (key) => ({ kind: "pglite", directory: directory(key) }),
  };
}

export function keepInPostgres(url: string): Keep {
  const work = async <Result>(task: (client: Client) => Promise<Result>): Promise<Result> => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    await client.connect();
    try {
      return await task(client);
    } finally {
      await client.end();
    }
  };
  return {
    environment: { DATABASE_URL: url },
    load: () =>
      work(async (client) => {
        const { rows } = await client.query("select to_regclass('chongwen_indexer.state') is not null as present");
        if (rows[0]?.present !== true) return undefined;
        const state = await client.query("select value from chongwen_indexer.state");
        return parse(String(state.rows[0]?.value ?? ""));
      }),
    save: (state) =>
      work(async (client) => {
        await client.query("create schema if not exists chongwen_indexer");
        await client.query("create table if not exists chongwen_indexer.state (id int primary key default 1 check (id = 1), value text not null)");
        await client.query("insert into chongwen_indexer.state (value) values ($1) on conflict (id) do update set value = excluded.value", [JSON.stringify(state)]);
      }),
    clear: (key, everything) =>
      work(async (client) => {
        const { rows } = await client.query<{ name: string }>("select nspname as name from pg_namespace where nspname ~ '^chongwen_[0-9a-f]{12}$' or nspname = 'ponder_sync'");
        for (const { name } of rows) {
          if (everything || (name !== schemaOf(key) && name !== "ponder_sync")) await client.query(`drop schema ${client.escapeIdentifier(name)} cascade`);
        }
      }),
    database: () => ({ kind: "postgres" }),
  };
}

/** Of a PostgreSQL schema, or PGlite's. */
export function schemaOf(key: string): string {
  return `chongwen_${key}`;
}

function parse(text: string): State | undefined {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // Absent, or cut off by a crash: as good as none.
  }
}
