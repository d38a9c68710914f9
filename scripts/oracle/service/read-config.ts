import { readFile } from "node:fs/promises";
import path from "node:path";
import { ChongwenError } from "../../../protocol/errors.ts";
import { deploymentSchema, type Deployment } from "../../../protocol/deployment.ts";
import { firstIssue } from "../../../protocol/schema.ts";
import { configSchema, type KeyConfig, type OracleConfig } from "./config.ts";
import { namesAt, nearest } from "./schema-fields.ts";

/** A configuration file, with its paths made absolute. @throws oracle-config-invalid, which names the field */
export async function readOracleConfig(file: string): Promise<OracleConfig> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw invalid(file, "it cannot be read", cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // What the parser says quotes the file, which may hold an endpoint's key.
    throw invalid(file, "it is not JSON", cause instanceof SyntaxError ? undefined : cause);
  }
  return resolved(parseOracleConfig(value, file), path.dirname(path.resolve(file)));
}

/** @throws oracle-config-invalid */
export function parseOracleConfig(value: unknown, file = "The configuration"): OracleConfig {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return requireMajority(parsed.data, file);
  const [issue] = parsed.error.issues;
  if (issue?.code !== "unrecognized_keys") throw invalid(file, firstIssue(parsed.error));
  const [surplus = ""] = issue.keys;
  const known = namesAt(configSchema, issue.path);
  const near = nearest(surplus, known);
  const where = [...issue.path, surplus].join(".");
  throw invalid(file, `there is no field ${where.slice(0, 200)}${near === null ? `; known are ${known.join(", ")}` : `; did you mean ${near}?`}`);
}

function requireMajority(config: OracleConfig, file: string): OracleConfig {
  const { endpoints } = config;
  const { urls = [], agree } = endpoints ?? {};
  if (agree !== undefined && (agree > urls.length || 2 * agree <= urls.length)) throw invalid(file, `endpoints.agree: ${agree} of ${urls.length} are no majority`);
  if (new Set(urls).size !== urls.length) throw invalid(file, "endpoints.urls: one is named twice, and would agree with itself");
  if (config.peers !== undefined && config.operators.length !== 1) throw invalid(file, "operators: a service with peers signs for one operator");
  if (new Set(config.federations).size !== config.federations.length) throw invalid(file, "federations: one is named twice");
  const stranger = config.quality.find(({ federation }, i) => !config.federations.includes(federation) || config.quality.findIndex((other) => other.federation === federation) !== i);
  if (stranger !== undefined) throw invalid(file, `quality: federation ${stranger.federation} is not served, or is named twice`);
  const unread = config.escrow.find(({ federation }, i) => !config.federations.includes(federation) || config.escrow.findIndex((other) => other.federation === federation) !== i);
  if (unread !== undefined) throw invalid(file, `escrow: federation ${unread.federation} is not served, or is named twice`);
  if (config.escrow.length > 0 && config.operators.length !== 1) throw invalid(file, "escrow: a service that reads envelopes signs for one operator");
  return config;
}

function resolved(config: OracleConfig, from: string): OracleConfig {
  const at = (file: string): string => path.resolve(from, file);
  const maybe = <Name extends string>(name: Name, file: string | undefined) => (file === undefined ? {} : ({ [name]: at(file) } as { [Key in Name]: string }));
  const keyAt = (key: KeyConfig): KeyConfig => ({ ...key, ...maybe("keystore", key.keystore), ...maybe("passwordFile", key.passwordFile), ...maybe("tokenFile", key.tokenFile) });
  return {
    ...config,
    deployment: at(config.deployment),
    operators: config.operators.map(keyAt),
    ...(config.payer === undefined ? {} : { payer: keyAt(config.payer) }),
    quality: config.quality.map((folders) => ({ ...folders, terms: at(folders.terms), ...maybe("points", folders.points), ...maybe("holdouts", folders.holdouts) })),
    escrow: config.escrow.map((named) => ({ ...named, keystore: at(named.keystore), passwordFile: at(named.passwordFile), slips: at(named.slips) })),
    dir: at(config.dir),
    store: { ...config.store, ...maybe("dir", config.store.dir) },
    ...maybe("tokenFile", config.tokenFile),
    ...maybe("drop", config.drop),
  };
}

/** @throws oracle-config-invalid */
export async function readDeployment(file: string): Promise<Deployment> {
  try {
    return deploymentSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw invalid(file, "it is no deployment file", cause);
  }
}

function invalid(file: string, why: string, cause?: unknown): ChongwenError {
  return new ChongwenError({
    code: "oracle-config-invalid",
    message: `${file}: ${why}.`,
    fix: "docs/runbooks/oracle.md lists every field; deploy/oracle/oracle.example.json is a whole configuration.",
    docs: "docs/runbooks/oracle.md",
    cause,
  });
}
