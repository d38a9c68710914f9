import type { Hono } from "hono";
import { BaseError, ContractFunctionRevertedError, decodeErrorResult, encodeFunctionData, getAddress, isAddress, keccak256, type Abi, type Address, type Hex } from "viem";
import * as abis from "../../protocol/abi/index.ts";
import { budgetSchema, invitationHash, relayedSchema, relayRequestSchema, type RelayRequest } from "../../protocol/accounts/index.ts";
import type { Kernel } from "../chain/kernel.ts";
import { createServiceApp, readBody, send, type ServiceRules } from "../service/app.ts";
import { createLimit } from "../service/limit.ts";
import { Refused } from "../service/refusal.ts";
import { pursesOf, requireRoom, type Budget, type Payer } from "./budget.ts";
import type { RelayJournal } from "./journal.ts";
import { COVERED, coveredNames, createGate } from "./rules.ts";
import type { RelaySender } from "./sender.ts";

export interface RelayParameters {
  readonly kernel: Kernel;
  readonly journal: RelayJournal;
  readonly sender: RelaySender;
  readonly budget: Budget;
  readonly rules: Pick<ServiceRules, "allowsHost" | "allowsOrigin" | "now" | "warn">;
  /** Requests of one account in a minute. */
  readonly perMinute?: number;
}

interface Prepared extends Payer {
  readonly key: string;
  readonly to: Address;
  readonly data: Hex;
}

/**
 * Pays the gas of people who joined with a passkey, as far as its budget goes. It decides nothing: what it sends is signed by others, and everybody else may
 * send it too. Trust: it can refuse or delay; it can neither change nor invent an action.
 */
export function createRelayApp({ kernel, journal, sender, budget, rules, perMinute = 10 }: RelayParameters): Hono {
  const { client, passkeyAccounts, deployment } = kernel;
  const app = createServiceApp({ ...rules, maxBody: 262_144, perMinute: 60 });
  const gate = createGate(kernel);
  const perAccount = createLimit({ burst: perMinute, perMinute, now: rules.now });

  async function prepare(request: RelayRequest): Promise<Prepared> {
    if (request.kind === "create") {
      const { invitation, officer, officerSignature, qx, qy, acceptance } = request;
      const account = await passkeyAccounts.read.addressOf([invitation, qx, qy]);
      const data = encodeFunctionData({ abi: abis.passkeyAccountsAbi, functionName: "create", args: [invitation, officer, officerSignature, qx, qy, acceptance] });
      return { key: `create:${invitationHash(invitation)}:${account}`, organisation: invitation.organisation, account, to: passkeyAccounts.address, data };
    }
    const { account } = request;
    const { organisation } = await passkeyAccounts.read.membershipOf([account]);
    if (organisation === 0) throw new Refused("not-our-account", "This address is no account that somebody joined this ledger with.");
    if (request.kind === "complete") {
      const { qx, qy } = await passkeyAccounts.read.recoveryOf([account]);
      const data = encodeFunctionData({ abi: abis.passkeyAccountsAbi, functionName: "completeRecovery", args: [account] });
      return { key: `complete:${account}:${qx}:${qy}`, organisation, account, to: passkeyAccounts.address, data };
    }
    const { calls, nonce, deadline, signature } = request;
    await gate(request);
    const data = encodeFunctionData({ abi: abis.passkeyAccountAbi, functionName: "execute", args: [calls, nonce, deadline, signature] });
    return { key: `execute:${account}:${nonce}:${keccak256(data)}`, organisation, account, to: account, data };
  }

  /** Tried out as it would run now: what would fail costs nobody anything. */
  async function gasOf({ to, data }: Prepared): Promise<bigint> {
    const call = { account: sender.address, to, data };
    let gas: bigint;
    try {
      gas = await client.estimateGas({ ...call, gas: budget.gas });
    } catch (error) {
      if (/exceeds allowance|exceeds .*gas limit|out of gas/i.test(String(error))) throw new Refused("relay-too-large", `It needs more than the ${budget.gas} gas that this relay pays for at once.`, error);
      const reason = revertOf(error);
      if (reason === null) throw new Refused("ledger-silent", "The chain does not answer.", error);
      throw new Refused("would-fail", `The ledger would refuse it: ${reason}.`, error);
    }
    // What it costs depends on the moment; what is not used is not paid.
    const withMargin = (gas * 6n) / 5n + 30_000n;
    if (withMargin > budget.gas) throw new Refused("relay-too-large", `It needs ${withMargin} gas; this relay pays for at most ${budget.gas} at once.`);
    return withMargin;
  }

  app.get("/budget", async (context) => {
    const asked = context.req.query("account");
    if (asked !== undefined && !isAddress(asked, { strict: false })) throw new Refused("request-invalid", "The account is no address.");
    const payer = asked === undefined ? null : await payerOf(getAddress(asked));
    const balance = await client.getBalance({ address: sender.address });
    return send(context, budgetSchema, {
      relay: sender.address,
      chainId: deployment.chainId,
      balance,
      ...pursesOf(journal, budget, rules.now(), payer),
      mostGas: budget.gas,
      mostGasPrice: budget.gasPrice,
      covers: ["passkeyAccounts.create", ...coveredNames(COVERED)],
    });
  });

  async function payerOf(account: Address): Promise<Payer | null> {
    const { organisation } = await passkeyAccounts.read.membershipOf([account]);
    return organisation === 0 ? null : { organisation, account };
  }

  app.post("/relay", async (context) => {
    const prepared = await prepare(await readBody(context, relayRequestSchema));
    const { key, account, organisation } = prepared;
    // Asked again, because the answer got lost: it is not paid for twice.
    const before = journal.hashOf(key);
    if (before !== null) return send(context, relayedSchema, { hash: before, account });
    if (!perAccount.take(account)) throw new Refused("too-many-requests", "Too many actions of this account in a short time.");
    requireRoom(journal, budget, rules.now(), { account, organisation }, 0n);
    // Before it is tried out: nodes try it out behind what waits, where it would fail for another reason.
    await sender.requireTurn(account);
    const gas = await gasOf(prepared);
    const admit = (most: bigint): void => requireRoom(journal, budget, rules.now(), { account, organisation }, most);
    const hash = await sender.send({ ...prepared, gas, admit });
    return send(context, relayedSchema, { hash, account });
  });
  return app;
}

/** Every error that a contract of ours can refuse with. */
const ERRORS: Abi = Object.values(abis).flatMap((abi) => (abi as Abi).filter(({ type }) => type === "error"));

/** The contract's reason, if it was a contract that refused. */
function revertOf(error: unknown): string | null {
  if (!(error instanceof BaseError)) return null;
  const layer = error.walk((cause) => cause instanceof ContractFunctionRevertedError || (typeof cause === "object" && cause !== null && "data" in cause && typeof cause.data === "string"));
  const data: unknown = layer !== null && "data" in layer ? layer.data : undefined;
  if (typeof data === "string" && data.length >= 10) {
    try {
      const { errorName, args } = decodeErrorResult({ abi: ERRORS, data: data as Hex });
      return `${errorName}(${(args ?? []).map(String).join(", ")})`;
    } catch {
      return `an unknown error, ${data.slice(0, 10)}`;
    }
  }
  return /revert/i.test(error.message) ? "it gives no reason" : null;
}
