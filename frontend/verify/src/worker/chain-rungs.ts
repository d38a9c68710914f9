import type { Rung } from "../../../../protocol/audit/report.ts";
import { ChongwenError } from "../../../../protocol/errors.ts";
import type { Deployment } from "../../../../protocol/deployment.ts";
import { checkCode, contractName, type CodeCheck, type CodeTable } from "../chain/code.ts";
import type { Quorum } from "../chain/quorum.ts";

export function rung(name: Rung["rung"], state: Rung["state"], reason: string, values: Readonly<Record<string, string | number>> = {}, checks = 0, failures = 0): Rung {
  return { rung: name, state, reason, values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)])), checks, failures };
}

/** An endpoint on this very computer. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** What the endpoints' word is worth. */
export function chainRung(quorum: Quorum, own: boolean): Rung {
  const witnesses = quorum.witnesses();
  const agreeing = witnesses.filter(({ said }) => said === "agrees");
  const others = witnesses.filter(({ said }) => said !== "agrees").map(({ url, said, note }) => `${url} (${said}${note === "" ? "" : `: ${note}`})`);
  const values = { agreed: agreeing.length, asked: witnesses.length, needed: quorum.needed, block: quorum.block.toString(), others: others.join(", "), host: hostOf(agreeing[0]?.url ?? "") };
  if (agreeing.length > 1) return rung("chain", "agreed", others.length === 0 ? "k-of-n" : "k-of-n-but", values, witnesses.length, others.length);
  const [only] = agreeing;
  if (only !== undefined && (own || isLoopback(only.url))) return rung("chain", "agreed", own ? "own-node" : "this-computer", values);
  return rung("chain", "unchecked", "one-endpoint", values);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** What a failure to ask says about the chain. */
export function chainProblem(error: unknown): Rung {
  const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  if (!(error instanceof ChongwenError)) return rung("chain", "failed", "broken-endpoint", { message: message.slice(0, 300) });
  const reasons: Readonly<Record<string, Rung>> = {
    "chain-unreachable": rung("chain", "unchecked", "unreachable", { message }),
    "chain-mismatch": rung("chain", "failed", "wrong-chain", { message }),
    "endpoints-disagree": rung("chain", "failed", "disagree", { message }),
  };
  return reasons[error.code] ?? rung("chain", "failed", "broken-endpoint", { message });
}

/** Reads the code of every contract of the deployment and compares it with this build's. */
export async function readCode(quorum: Quorum, { contracts }: Deployment, vault: string | null, table: CodeTable): Promise<CodeCheck[]> {
  const at = [...Object.entries(contracts).map(([name, address]) => [contractName(name), address] as const), ...(vault === null ? [] : [["RewardsVault", vault] as const])];
  return Promise.all(
    at.map(async ([contract, address]) => {
      const code = await quorum.request({ method: "eth_getCode", params: [address, `0x${quorum.block.toString(16)}`] });
      return checkCode(contract, address as `0x${string}`, code, table[contract]);
    }),
  );
}

export function codeRung(checks: readonly CodeCheck[]): Rung {
  const named = (state: CodeCheck["state"]): string => checks.filter((check) => check.state === state).map(({ contract }) => contract).join(", ");
  const [absent, unknown] = [named("absent"), named("unknown")];
  const count = checks.length;
  if (absent !== "") return rung("code", "failed", "no-code", { contracts: absent }, count, checks.filter(({ state }) => state === "absent").length);
  if (unknown !== "") return rung("code", "unchecked", "unknown-build", { contracts: unknown, count }, count, 0);
  return rung("code", "computed", "known-build", { count }, count);
}
