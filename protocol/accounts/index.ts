// Accounts that passkeys control: joining, signing, and what is said about both.
export * from "./statements.ts";
export * from "./assertion.ts";
export * from "./nested.ts";
export * from "./link.ts";
export * from "./wire.ts";
