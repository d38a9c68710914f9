// A remote signer with the operators' keys: what operators were made to sign is known here, whatever becomes of the service that asked.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Address, TypedDataDefinition } from "viem";
import { devAccount, devAccountAt } from "../../scripts/chain/dev-accounts.ts";

export interface Signed {
  readonly by: string;
  readonly name: string;
  readonly value: Readonly<Record<string, string | number>>;
}

export interface ChaosSigner {
  readonly url: string;
  readonly signed: readonly Signed[];
  /** As a configuration names the key of a development account. */
  key(index: number): { readonly signer: string; readonly address: Address };
  close(): Promise<void>;
}

export async function startSigner(): Promise<ChaosSigner> {
  const signed: Signed[] = [];

  async function answer(body: string): Promise<object> {
    const { id, method, params } = JSON.parse(body) as { readonly id: unknown; readonly method: string; readonly params: readonly [string, string] };
    const [address, text] = params;
    const account = devAccountAt(address);
    if (method !== "eth_signTypedData" || account === undefined) return { jsonrpc: "2.0", id, error: { code: -32_601, message: `${method} is not done here.` } };
    const typed = JSON.parse(text) as TypedDataDefinition & { readonly message: Signed["value"] };
    signed.push({ by: address, name: typed.primaryType, value: typed.message });
    const { EIP712Domain: _, ...types } = typed.types as Record<string, unknown>;
    return { jsonrpc: "2.0", id, result: await account.signTypedData({ ...typed, types } as TypedDataDefinition) };
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      answer(Buffer.concat(chunks).toString()).then((given) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(given)), (error: unknown) => response.destroy(error as Error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url, signed,
    key: (index) => ({ signer: url, address: devAccount(index).address }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
