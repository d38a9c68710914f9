/** A key that lives in another program: Web3Signer, clef, or anything that speaks the JSON-RPC of one of them. It is believed in nothing: what it returns is compared with what was asked, and with whose key it should be. */
import {
  getTypesForEIP712Domain, isAddressEqual, numberToHex, parseSignature, parseTransaction, recoverMessageAddress, recoverTransactionAddress, recoverTypedDataAddress, serializeSignature, serializeTransaction,
  serializeTypedData, toHex, type Address, type Hex, type LocalAccount, type TransactionSerializable, type TransactionSerializedEIP1559, type TypedDataDefinition,
} from "viem";
import { toAccount } from "viem/accounts";
import { z } from "zod";
import { ChongwenError } from "../../../protocol/errors.ts";
import { toCompactSignature } from "../../../protocol/index.ts";

export interface RemoteSignerParameters {
  readonly url: string;
  /** Whose signatures are wanted. */
  readonly address: Address;
  readonly dialect?: SignerDialect;
  /** Bearer token, if it wants one. */
  readonly token: string | null;
  /** Milliseconds for an answer. */
  readonly timeout?: number;
}

/** Bytes of an answer: a signed transaction in hexadecimal fits many times. */
const MOST = 2 ** 20;
const hex = z.custom<Hex>((value) => typeof value === "string" && /^0x([0-9a-fA-F]{2})+$/.test(value), "expected hexadecimal digits");
const answerSchema = z.union([
  z.object({ error: z.object({ message: z.string() }) }),
  // geth's form of a signed transaction has it in a field.
  z.object({ result: z.union([hex, z.object({ raw: hex }).transform(({ raw }) => raw)]) }),
]);

/** What signers call the same three things. Typed data is JSON text. */
const DIALECTS = {
  web3signer: {
    typedData: (address: Address, json: string) => ["eth_signTypedData", [address, json]],
    transaction: "eth_signTransaction",
    message: (address: Address, data: Hex) => ["eth_sign", [address, data]],
  },
  clef: {
    typedData: (address: Address, json: string) => ["account_signTypedData", [address, JSON.parse(json) as unknown]],
    transaction: "account_signTransaction",
    message: (address: Address, data: Hex) => ["account_signData", ["text/plain", address, data]],
  },
} as const satisfies Record<string, { typedData: (address: Address, json: string) => Question; transaction: string; message: (address: Address, data: Hex) => Question }>;
type Question = readonly [method: string, params: readonly unknown[]];
export type SignerDialect = keyof typeof DIALECTS;
export const SIGNER_DIALECTS = Object.keys(DIALECTS) as [SignerDialect, ...SignerDialect[]];

/** @throws signer-silent (retryable), signer-refused (retryable), signer-lies: from every signature */
export function createRemoteSigner({ url, address, token, dialect = "web3signer", timeout = 10_000 }: RemoteSignerParameters): LocalAccount {
  const name = new URL(url).host;
  const says = DIALECTS[dialect];
  let id = 0;

  async function ask(method: string, params: readonly unknown[]): Promise<Hex> {
    let text: string;
    try {
      const response = await fetch(url, {
        method: "POST",
        // A signer has no reason to send us elsewhere.
        redirect: "error",
        headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }),
        signal: AbortSignal.timeout(timeout),
      });
      text = await bounded(response, name);
    } catch (cause) {
      if (cause instanceof ChongwenError) throw cause;
      throw silent(name, `does not answer within ${timeout / 1000} s`, cause);
    }
    const answer = answerSchema.safeParse(parsed(text, name));
    if (!answer.success) throw silent(name, `answers ${method} with what is no answer`);
    if ("error" in answer.data) throw refused(name, method, answer.data.error.message);
    return answer.data.result;
  }

  async function own(method: string, work: () => Promise<Address>): Promise<void> {
    const signer = await work().catch((cause: unknown) => {
      throw lies(name, `its answer to ${method} is no signature`, cause);
    });
    if (!isAddressEqual(signer, address)) throw lies(name, `its answer to ${method} is not by ${address} over what was asked`);
  }

  /** 65 bytes, v 27 or 28, s in the lower half: as contracts take it. */
  function canonical(method: string, signature: Hex): Hex {
    try {
      const normal = serializeSignature(parseSignature(signature));
      toCompactSignature(normal);
      return normal;
    } catch (cause) {
      throw lies(name, `its answer to ${method} is no canonical signature`, cause);
    }
  }

  return toAccount({
    address,
    async signTypedData(parameters) {
      const typed = parameters as unknown as TypedDataDefinition;
      const types = { EIP712Domain: getTypesForEIP712Domain({ domain: typed.domain }), ...typed.types };
      const [method, params] = says.typedData(address, serializeTypedData({ ...typed, types } as TypedDataDefinition));
      const signature = canonical(method, await ask(method, params));
      await own(method, () => recoverTypedDataAddress({ ...typed, signature }));
      return signature;
    },
    async signTransaction(transaction) {
      const { chainId, nonce = 0, to, data = "0x", gas = 0n, value = 0n, maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = transaction as TransactionSerializable & { readonly type: "eip1559" };
      if (chainId === undefined || to === undefined || to === null) throw new RangeError("A remote signer signs calls, for a chain that is named.");
      const wanted = { type: "eip1559", chainId, nonce, to, data, gas, value, maxFeePerGas, maxPriorityFeePerGas } as const;
      const asked = { from: address, to, data, chainId: numberToHex(chainId), nonce: numberToHex(nonce), gas: numberToHex(gas), value: numberToHex(value), maxFeePerGas: numberToHex(maxFeePerGas), maxPriorityFeePerGas: numberToHex(maxPriorityFeePerGas) };
      const method = says.transaction;
      const raw = await ask(method, [asked]);
      const signature = signatureIn(name, method, raw);
      canonical(method, serializeSignature(signature));
      // What is sent is made here, of what was asked and nothing but the signature of what came.
      const made = serializeTransaction(wanted, signature) as TransactionSerializedEIP1559;
      await own(method, () => recoverTransactionAddress({ serializedTransaction: made }));
      return made;
    },
    async signMessage({ message }) {
      const data = typeof message === "string" ? toHex(message) : toHex(typeof message.raw === "string" ? Buffer.from(message.raw.slice(2), "hex") : message.raw);
      const [method, params] = says.message(address, data);
      const signature = canonical(method, await ask(method, params));
      await own(method, () => recoverMessageAddress({ message, signature }));
      return signature;
    },
  });
}

function signatureIn(name: string, method: string, raw: Hex): { r: Hex; s: Hex; yParity: number } {
  try {
    const { r, s, yParity } = parseTransaction(raw as TransactionSerializedEIP1559);
    if (r === undefined || s === undefined || yParity === undefined) throw new RangeError("It is not signed.");
    return { r, s, yParity };
  } catch (cause) {
    throw lies(name, `its answer to ${method} is no signed transaction`, cause);
  }
}

/** @throws signer-silent when it is too long */
async function bounded(response: Response, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MOST) throw silent(name, `answers with more than ${MOST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw silent(name, "answers with what is no JSON");
  }
}

function silent(name: string, what: string, cause?: unknown): ChongwenError {
  return new ChongwenError({ code: "signer-silent", message: `The remote signer at ${name} ${what}.`, fix: "Look whether it runs and can be reached from here. It is asked again by itself.", retryable: true, cause });
}

function refused(name: string, method: string, why: string): ChongwenError {
  const said = why.replace(/\s+/g, " ").slice(0, 200);
  return new ChongwenError({ code: "signer-refused", message: `The remote signer at ${name} refuses ${method}: ${said}.`, fix: "Look at its log: does it hold the key, is it unlocked, do its rules allow this? It is asked again by itself.", retryable: true });
}

function lies(name: string, what: string, cause?: unknown): ChongwenError {
  return new ChongwenError({ code: "signer-lies", message: `The remote signer at ${name}: ${what}. It was not used.`, fix: "Stop it and find out why: it holds another key than the configuration names, is broken, or is not the program you think it is.", cause });
}
