import { http, type Transport } from "viem";
import { createAgreedTransport, type EndpointNews } from "../../chain/endpoints/agreement.ts";
import { isVerdict } from "../../chain/endpoints/endpoint.ts";
import type { OracleConfig } from "./config.ts";

/** How the chain is asked. @param name For messages: hosts only, since the rest of an address may be a key. */
export interface ChainAccess {
  readonly name: string;
  readonly transport: Transport;
}

export interface AccessParameters {
  readonly endpoints: NonNullable<OracleConfig["endpoints"]>;
  readonly warn: (message: string) => void;
  readonly happened: EndpointNews;
}

/** Several endpoints must agree; one is believed, since there is nobody to compare it with. */
export function openAccess({ endpoints: { urls, agree = Math.floor(urls.length / 2) + 1, timeoutSeconds, requestsPerMinute }, warn, happened }: AccessParameters): ChainAccess {
  const name = urls.map((url) => new URL(url).host).join(", ");
  const timeout = timeoutSeconds * 1000;
  const [first] = urls;
  if (urls.length === 1 && first !== undefined) return { name, transport: counted(http(first, { batch: true, timeout }), name, happened) };
  return { name, transport: createAgreedTransport({ urls, agree, timeout, perMinute: requestsPerMinute, warn, happened }) };
}

/** Says of each failure that it happened. What a contract refuses is none. */
function counted(inner: Transport, name: string, happened: EndpointNews): Transport {
  return (parameters) => {
    const made = inner(parameters);
    const request: typeof made.request = async (...asked) => {
      try {
        return await made.request(...asked);
      } catch (error) {
        if (!isVerdict(error)) happened(name, "failed");
        throw error;
      }
    };
    return { ...made, request };
  };
}
