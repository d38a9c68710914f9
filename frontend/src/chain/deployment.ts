import { deploymentSchema } from "../../../protocol/deployment.ts";
import type { Deployment } from "../../../protocol/deployment.ts";

/** `unreachable`: try again. `invalid`: the server's file is wrong. */
export class DeploymentError extends Error {
  override readonly name = "DeploymentError";
  readonly kind: "unreachable" | "invalid";

  constructor(kind: "unreachable" | "invalid", message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The file that says where this ledger lives, from the server that gave us the page. */
export async function loadDeployment(): Promise<Deployment> {
  const response = await fetch(new URL("deployment.json", document.baseURI), { cache: "no-cache" }).catch((error: unknown) => {
    throw new DeploymentError("unreachable", String(error));
  });
  if (!response.ok) throw new DeploymentError("unreachable", `HTTP ${response.status}`);
  const json: unknown = await response.json().catch((error: unknown) => {
    throw new DeploymentError("invalid", String(error));
  });
  const parsed = deploymentSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DeploymentError("invalid", `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim());
}

/** From now on the browser refuses connections to anything but the page's own server, the ledger's endpoint and the deployment's services. */
export function restrictConnections({ rpcUrl, services = {} }: Deployment): void {
  const origins = [rpcUrl, ...Object.values(services).filter((url) => url !== undefined)].map((url) => new URL(url).origin);
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = `connect-src 'self' ${[...new Set(origins)].join(" ")}`;
  document.head.append(policy);
}
