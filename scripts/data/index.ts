/** Tables, their split into simulated hospitals, and records. */
export { DATA_ERROR_CODES, type DataErrorCode } from "./errors.ts";
export { DERMATOLOGY_PATH, loadTable } from "./load.ts";
export { deriveSeed, Random } from "./random.ts";
export { countClasses, decodeRecords, encodeRecords, type Records, selectRecords } from "./records.ts";
export { parseSchema, type TableSchema } from "./schema.ts";
export { LIMITS } from "./shape.ts";
export { type Part, type Site, siteName, type Split, SPLIT_DEFAULTS, type SplitParameters, splitTable } from "./split.ts";
export { type Column, parseTable, type ParseTableParameters, type Table } from "./table.ts";
