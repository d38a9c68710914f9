import type { Plugin } from "vite";

/** What `protocol/ledger` calls; `test/frontend/verify/build.test.ts` reads the same off its sources. */
export const CALLED: ReadonlySet<string> = new Set([
  "federationCount", "frozenUntil", "headOf", "roundOf", "seatCount", "seatOf", "termsOf", "keyAt", "payeeAt", "datasetCount", "datasetOf", "vaultOf", "creditedOf",
  "rewardsRoot", "accountOf", "inPoints", "rateOf", "organisationOf", "contributorOf", "voicesOf", "signersOf",
]);

interface Item {
  readonly type: string;
  readonly name?: string;
}

/** An ABI's events and the functions that are called. One item a line, as `tools/abi.ts` writes it. */
export function slimAbi(source: string): string {
  const kept = source.split("\n").filter((line) => {
    if (!line.startsWith("  {")) return true;
    const { type, name = "" } = JSON.parse(line.trim().replace(/,$/, "")) as Item;
    return type === "event" || (type === "function" && CALLED.has(name));
  });
  return kept.join("\n");
}

/** Parts of zod that write JSON schemas, which this page never does. */
const UNUSED = /\/zod\/v4\/core\/(to-json-schema|json-schema-processors|json-schema-generator)\.js$/;

function unused(source: string): string {
  const names = [...source.matchAll(/^export (?:const|function|class) (\w+)/gm), ...source.matchAll(/^export \{ \w+ as (\w+) \};/gm)].map((match) => match[1] ?? "");
  const body = 'const unused = () => () => { throw new Error("JSON schemas are not part of this page."); };';
  return `${body}\n${names.map((name) => `export { unused as ${name} };`).join("\n")}`;
}

/** Leaves out of the worker what it never uses and no bundler can see. */
export function slim(): Plugin {
  return {
    name: "slim",
    enforce: "pre",
    transform(code, id) {
      if (/\/protocol\/abi\/[a-z-]+\.ts$/.test(id) && !id.endsWith("/index.ts")) return { code: slimAbi(code), map: null };
      return UNUSED.test(id) ? { code: unused(code), map: null } : null;
    },
  };
}
