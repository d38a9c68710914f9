// The proofs of a wrong aggregate that a search makes, under every rule, taken by the real verifier. (The other verifiers are asked through the whole
// kernel in faults.ts.)
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { network } from "hardhat";
import { findRoundFault } from "../../../protocol/faults/find-round-fault.ts";
import { reportHash } from "../../../protocol/index.ts";
import { toHex } from "../../../protocol/bytes.ts";
import { makeEvidence } from "../../protocol/faults/find-evidence.ts";

describe("proofs of a wrong aggregate", () => {
  let connection: Awaited<ReturnType<typeof network.create>>;
  let verifier: { verify(context: unknown, proof: string): Promise<readonly unknown[]> };

  before(async () => {
    connection = await network.create();
    verifier = (await connection.ethers.deployContract("AggregateVerifier")) as unknown as typeof verifier;
  });
  after(() => connection.close());

  for (const ruleId of [1, 2, 3, 4]) {
    for (const hasBase of [true, false]) {
      it(`are taken under rule ${ruleId} ${hasBase ? "with" : "without"} a base`, async () => {
        const config = { ruleId, ruleParam: [0n, 0n, 166_000n, 1n, 0n][ruleId]!, hasBase };
        const { round, files, keys } = await makeEvidence({ config, excluded: 4n, model: (model) => void (model[33]! += 1) });
        const { search } = await findRoundFault(round, files, keys);
        assert.equal(search.kind, "fault");
        if (search.kind !== "fault") return;
        const state = { hash: reportHash(round.report!), state: 3, attempt: 0, deadline: 0, parentRound: 0, parentAttempt: 0, consentEpoch: 0, sealers: 0, reporters: 0, sealEpoch: 0, reportEpoch: 0, entries: round.seats.length, accepted: 5, holds: 0 };
        const context = { federation: 1, round: 1, parentHash: round.seal.parentReportHash, state };
        const [kind] = await verifier.verify(context, toHex(search.fault.proof));
        assert.equal(kind, 1n);
      });
    }
  }
});
