/** Labelling of pictures: formats, receipts, agreement, escalation. Specification: docs/annotation.md. */
export * from "./agreement.ts";
export * from "./answers.ts";
export * from "./batch.ts";
export * from "./correlation.ts";
export * from "./escalation.ts";
export * from "./gold.ts";
export * from "./order.ts";
export * from "./quality.ts";
export * from "./rational.ts";
export * from "./receipts.ts";
export * from "./score.ts";
export * from "./statements.ts";
export * from "./task-set.ts";
export * from "./wire.ts";
