import type { EventNames, IndexingFunctionArgs } from "ponder:registry";
import { governance } from "./governance.ts";
import { registry } from "./registry.ts";
import { rounds } from "./rounds.ts";
import { value } from "./value.ts";

/** What an event changes in the tables. Events that change nothing have none: the raw log keeps them. */
export type Projections = { readonly [Name in EventNames]?: (args: IndexingFunctionArgs<Name>) => Promise<unknown> };

export const projections: Projections = { ...registry, ...rounds, ...value, ...governance };
