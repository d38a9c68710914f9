// What the pages read of a federation that the ethics council has stopped.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createClient, custom, decodeFunctionData, encodeFunctionResult, type Hex } from "viem";
import { hardhat } from "viem/chains";
import type { ChainClient } from "../../frontend/src/chain/ledger.ts";
import { readFederation } from "../../frontend/src/rounds/read-federation.ts";
import { viewRound } from "../../frontend/src/rounds/view-model.ts";
import { roundsAbi } from "../../protocol/abi/index.ts";
import { deadlineThatHolds } from "../../protocol/ledger/deadlines.ts";
import { fakeDeployment } from "./fake-ledger.ts";

const STORED = 1000;
const HOLDS = 5000;
const FINAL_ROUND = 1;
const [REPORTED, FINAL] = [3, 4];

/** A ledger of a final and a reported round, whose federation was frozen until then. */
function ledgerFrozenUntil(frozenUntil: number) {
  const called: string[] = [];
  const round = { hash: `0x${"ab".repeat(32)}`, attempt: 0, deadline: STORED, parentRound: 0, parentAttempt: 0, consentEpoch: 0, sealers: 0, reporters: 0, sealEpoch: 0, reportEpoch: 0, entries: 3, accepted: 3, holds: 0 };
  const request = async ({ params }: { params?: unknown }): Promise<Hex> => {
    const [{ data }] = params as [{ data: Hex }];
    const { functionName, args } = decodeFunctionData({ abi: roundsAbi, data });
    called.push(functionName);
    const results: Record<string, unknown> = {
      headOf: { last: 2, tip: 2, forceUntil: 0, forced: 0 },
      roundOf: { ...round, state: Number(args?.[1]) <= FINAL_ROUND ? FINAL : REPORTED },
      frozenUntil,
      deadlineOf: BigInt(HOLDS),
    };
    return encodeFunctionResult({ abi: roundsAbi, functionName, result: results[functionName] } as Parameters<typeof encodeFunctionResult>[0]);
  };
  const client = createClient({ chain: hardhat, transport: custom({ request }, { retryCount: 0 }) }) as ChainClient;
  return { called, read: () => readFederation({ client, deployment: fakeDeployment() }, 1, 2, 7n) };
}

describe("a federation that was frozen", () => {
  it("shows the deadline that holds of what has not ended: no page says over before it", async () => {
    const { rounds, tip, frozenUntil } = await ledgerFrozenUntil(3000).read();
    assert.equal(frozenUntil, 3000);
    assert.deepEqual([rounds.map(({ record }) => record.deadline), tip.deadline], [[HOLDS, STORED], HOLDS]);
    assert.deepEqual(viewRound(2, tip, STORED + 1).limit, { kind: "running", seconds: HOLDS - STORED - 1 });
    assert.deepEqual(viewRound(2, tip, HOLDS).limit, { kind: "over" });
  });
  it("costs one question more when it never was: what is stored holds", async () => {
    const ledger = ledgerFrozenUntil(0);
    const { tip } = await ledger.read();
    assert.equal(tip.deadline, STORED);
    assert.equal(ledger.called.includes("deadlineOf"), false);
  });
  it("gives a demand that the freeze met its whole window again, and no other", () => {
    assert.equal(deadlineThatHolds(1000, 0, 60), 1000);
    assert.equal(deadlineThatHolds(1000, 990, 60), 1050);
    assert.equal(deadlineThatHolds(1000, 900, 60), 1000);
  });
});
