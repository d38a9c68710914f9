// A remote signer that lies, hangs, floods or redirects: nothing that it says is used unless it is the configured key's signature over what was asked.
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { numberToHex, parseTransaction, recoverMessageAddress, recoverTransactionAddress, serializeSignature, parseSignature, type Hex, type LocalAccount, type TransactionSerializedEIP1559, type TypedDataDefinition } from "viem";
import { ChongwenError } from "../../../../protocol/errors.ts";
import { createDomain, digestOf, recoverSigner, toCompactSignature } from "../../../../protocol/index.ts";
import { devAccount } from "../../../../scripts/chain/dev-accounts.ts";
import { signStruct } from "../../../../scripts/chain/sign.ts";
import { createRemoteSigner } from "../../../../scripts/oracle/service/remote-signer.ts";

interface Asked {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What Web3Signer does: typed data as a string, transactions as an object with `from`. */
async function sign(account: LocalAccount, { method, params }: Asked): Promise<Hex> {
  if (method === "account_signTypedData") return account.signTypedData(params[1] as TypedDataDefinition);
  if (method === "account_signData") return account.signMessage({ message: { raw: params[2] as Hex } });

  if (method === "eth_signTypedData") return account.signTypedData(JSON.parse(String(params[1])) as TypedDataDefinition);
  if (method === "eth_sign") return account.signMessage({ message: { raw: params[1] as Hex } });
  assert.ok(["eth_signTransaction", "account_signTransaction"].includes(method));
  const { to, data, chainId, nonce, gas, value, maxFeePerGas, maxPriorityFeePerGas } = params[0] as Record<string, Hex>;
  return account.signTransaction({
    type: "eip1559", to: to ?? "0x", data: data ?? "0x", chainId: Number(chainId), nonce: Number(nonce), gas: BigInt(gas ?? 0), value: BigInt(value ?? 0), maxFeePerGas: BigInt(maxFeePerGas ?? 0), maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas ?? 0),
  });
}

const ok = (response: ServerResponse, result: unknown): void => void response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result }));
type Behaviour = (asked: Asked, response: ServerResponse, request: IncomingMessage) => Promise<void>;

const owner = devAccount(1);
const honest: Behaviour = async (asked, response) => ok(response, await sign(owner, asked));
/** The order of the curve. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("a remote signer", () => {
  let server: Server;
  let behave = honest;
  let account: LocalAccount;
  /** Waits 0.4 s. A busy machine takes longer for an honest answer. */
  let impatient: LocalAccount;
  const seen: { authorization?: string | undefined }[] = [];
  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      seen.push({ authorization: request.headers.authorization });
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => void behave(JSON.parse(Buffer.concat(chunks).toString()) as Asked, response, request).catch((error: unknown) => response.destroy(error as Error)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    account = createRemoteSigner({ url, address: owner.address, token: "a signer's token" });
    impatient = createRemoteSigner({ url, address: owner.address, token: "a signer's token", timeout: 400 });
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const domain = createDomain(31337, "0x00000000000000000000000000000000000000AA");
  const seal = { federation: 1, round: 2, attempt: 0, parentReportHash: `0x${"11".repeat(32)}`, configHash: `0x${"22".repeat(32)}`, seatsHash: `0x${"33".repeat(32)}`, updateRootsHash: `0x${"44".repeat(32)}`, normsHash: `0x${"55".repeat(32)}`, normTracesHash: `0x${"66".repeat(32)}`, signaturesHash: `0x${"77".repeat(32)}` } as const;
  const typed = () => signStruct(account, domain, "Seal", seal);
  const transaction = { type: "eip1559", chainId: 31337, nonce: 7, to: "0x00000000000000000000000000000000000000bb", data: "0x1234", gas: 90_000n, value: 0n, maxFeePerGas: 12n, maxPriorityFeePerGas: 3n } as const;
  const transact = () => account.signTransaction(transaction);
  const every = [typed, transact, () => account.signMessage({ message: "hello" })];
  const fails = async (work: () => Promise<unknown>, code: string) => assert.rejects(work(), (error: unknown) => error instanceof ChongwenError && error.code === code, code);

  it("signs what the ledger's contracts and any node take", async () => {
    behave = honest;
    const signature = await typed();
    assert.equal(await recoverSigner(digestOf(domain, "Seal", seal), toCompactSignature(signature)), owner.address);
    const raw = (await transact()) as TransactionSerializedEIP1559;
    assert.equal(await recoverTransactionAddress({ serializedTransaction: raw }), owner.address);
    const { nonce, data, gas, maxFeePerGas, maxPriorityFeePerGas, chainId } = parseTransaction(raw);
    assert.deepEqual([nonce, data, gas, maxFeePerGas, maxPriorityFeePerGas, chainId], [7, "0x1234", 90_000n, 12n, 3n, 31337]);
    assert.equal(await recoverMessageAddress({ message: "hello", signature: await account.signMessage({ message: "hello" }) }), owner.address);
    assert.equal(seen.at(-1)?.authorization, "Bearer a signer's token");
  });

  it("speaks clef's dialect where it is told to, and believes it no more", async () => {
    behave = async (asked, response) => {
      assert.match(asked.method, /^account_sign(TypedData|Transaction|Data)$/);
      const signed = await sign(owner, asked);
      ok(response, asked.method === "account_signTransaction" ? { raw: signed, tx: {} } : signed);
    };
    const clef = createRemoteSigner({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, address: owner.address, token: null, dialect: "clef" });
    assert.equal(await recoverSigner(digestOf(domain, "Seal", seal), toCompactSignature(await signStruct(clef, domain, "Seal", seal))), owner.address);
    assert.equal(await recoverTransactionAddress({ serializedTransaction: (await clef.signTransaction(transaction)) as TransactionSerializedEIP1559 }), owner.address);
    assert.equal(await recoverMessageAddress({ message: "hello", signature: await clef.signMessage({ message: "hello" }) }), owner.address);
    behave = async (asked, response) => ok(response, await sign(devAccount(2), asked));
    for (const work of [() => signStruct(clef, domain, "Seal", seal), () => clef.signTransaction(transaction), () => clef.signMessage({ message: "hello" })]) await fails(work, "signer-lies");
  });

  it("may give a transaction as geth does, and v as 0 or 1", async () => {
    behave = async (asked, response) => {
      const signed = await sign(owner, asked);
      ok(response, asked.method === "eth_signTransaction" ? { raw: signed, tx: {} } : `${signed.slice(0, -2)}${signed.endsWith("1b") ? "00" : "01"}`);
    };
    assert.equal(await recoverTransactionAddress({ serializedTransaction: (await transact()) as TransactionSerializedEIP1559 }), owner.address);
    assert.match(await typed(), /1[bc]$/);
  });

  it("attack: a signer with another key", async () => {
    behave = async (asked, response) => ok(response, await sign(devAccount(2), asked));
    for (const work of every) await fails(work, "signer-lies");
  });

  it("attack: a signer that signs another message, a transaction to somebody else, or an earlier one again", async () => {
    behave = async ({ method, params }, response) => {
      const other = structuredClone(params) as [unknown, unknown];
      if (method === "eth_signTypedData") other[1] = String(other[1]).replace('"round":2', '"round":3').replace('"round":"2"', '"round":"3"');
      else if (method === "eth_sign") other[1] = "0x00";
      else other[0] = { ...(other[0] as object), to: devAccount(3).address };
      ok(response, await sign(owner, { method, params: other }));
    };
    for (const work of every) await fails(work, "signer-lies");
    const replayed = await sign(owner, { method: "eth_signTransaction", params: [{ ...asHex(transaction), nonce: numberToHex(6) }] });
    behave = async (_, response) => ok(response, replayed);
    await fails(transact, "signer-lies");
  });

  it("attack: a signature in the other half of the curve, which contracts refuse", async () => {
    behave = async (asked, response) => {
      const { r, s, yParity } = parseSignature(await sign(owner, asked));
      ok(response, serializeSignature({ r, s: numberToHex(N - BigInt(s), { size: 32 }), yParity: 1 - yParity }));
    };
    await fails(typed, "signer-lies");
  });

  it("attack: rubbish in place of a signature", async () => {
    for (const result of ["0x", "0x00", `0x${"00".repeat(65)}`, `0x${"ff".repeat(65)}`, `0x02${"ff".repeat(80)}`, "0x02c0"]) {
      behave = async (_, response) => ok(response, result);
      for (const work of every) await assert.rejects(work(), (error: unknown) => error instanceof ChongwenError && error.code.startsWith("signer-"), result);
    }
    for (const text of ["", "{", "null", "[]", "7", '{"result":null}', '{"result":{}}', '{"result":"zz"}', '{"result":["0x00"]}']) {
      behave = async (_, response) => void response.end(text);
      await fails(typed, "signer-silent");
    }
  });

  it("attack: a signer that hangs, trickles, floods, breaks off or sends elsewhere", async () => {
    const waits = () => signStruct(impatient, domain, "Seal", seal);
    behave = async () => undefined;
    await fails(waits, "signer-silent");
    behave = async (_, response) => {
      const timer = setInterval(() => response.write(" "), 50);
      response.on("close", () => clearInterval(timer));
    };
    await fails(waits, "signer-silent");
    behave = async (_, response) => {
      const piece = Buffer.alloc(2 ** 18, " ");
      const more = (): void => { while (!response.destroyed && response.write(piece)); };
      response.on("drain", more);
      more();
    };
    const before = Date.now();
    await fails(waits, "signer-silent");
    assert.ok(Date.now() - before < 10_000);
    behave = async (_, response) => void response.destroy();
    await fails(waits, "signer-silent");
    behave = async (_, response, request) => void response.writeHead(307, { location: `http://${request.headers.host ?? ""}/elsewhere` }).end();
    await fails(waits, "signer-silent");
  });

  it("refuses: its reason is told in one line, and never the token", async () => {
    behave = async (_, response) => void response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32000, message: `locked\n${"x".repeat(10_000)}` } }));
    await assert.rejects(typed(), (error: unknown) => error instanceof ChongwenError && error.code === "signer-refused" && error.retryable && error.message.length < 400 && !error.message.includes("\n") && !error.message.includes("a signer's token"));
  });
});

const asHex = (value: object): object => Object.fromEntries(Object.entries(value).map(([name, item]) => [name, typeof item === "bigint" || typeof item === "number" ? numberToHex(item) : item]));
