// The indexer must keep what a reader asks it for: leaving a contract out makes an honest indexer a liar as soon as that contract speaks.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lower } from "../../frontend/src/chain/history-entry.ts";
import { sourcesOf } from "../../indexer/src/sources.ts";
import { contractAbis } from "../../protocol/contract-abis.ts";
import { contractNames } from "../../protocol/deployment.ts";
import { fakeDeployment } from "../frontend/fake-ledger.ts";

const deployment = fakeDeployment();
const sources = sourcesOf(deployment);

describe("what the indexer reads", () => {
  it("is every contract of the deployment that has events, at its address", () => {
    const eventful = contractNames.filter((name) => contractAbis[name].some(({ type }) => type === "event"));
    assert.deepEqual(Object.keys(sources).toSorted(), eventful.toSorted());
    for (const name of eventful) assert.equal(lower(sources[name as keyof typeof sources].address), lower(deployment.contracts[name]));
    assert.ok(eventful.includes("passkeyAccounts"));
  });
  it("begins where the ledger does", () => assert.ok(Object.values(sourcesOf({ ...deployment, fromBlock: 7n })).every(({ startBlock }) => startBlock === 7)));
});
