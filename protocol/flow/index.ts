/** The flow of knowledge through a ledger: from contributions in columns to the drawings of the knowledge flow page. docs/knowledge-flow.md. */
export * from "./amount.ts";
export * from "./atlas.ts";
export * from "./attribute.ts";
export * from "./catalogue.ts";
export * from "./epoch-file.ts";
export * from "./export.ts";
export * from "./fate.ts";
export * from "./follow.ts";
export * from "./generate.ts";
export * from "./group.ts";
export * from "./index-file.ts";
export * from "./lineage.ts";
export * from "./pools.ts";
export * from "./query.ts";
export * from "./reconcile.ts";
export * from "./table.ts";
export * from "./withhold.ts";
