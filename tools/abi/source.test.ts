import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { AbiEntry } from "./source.ts";
import { abiConstantName, abiFileName, abiSource, isContract } from "./source.ts";

const read: AbiEntry = {
  type: "function",
  name: "seat",
  inputs: [{ name: "id", type: "uint256", internalType: "SeatId" }],
};

describe("abi sources", () => {
  it("names files and constants after the contract", () => {
    assert.equal(abiFileName("ContributionToken"), "contribution-token.ts");
    assert.equal(abiConstantName("ContributionToken"), "contributionTokenAbi");
    assert.equal(abiFileName("SHUToken"), "shu-token.ts");
    assert.equal(abiConstantName("SHUToken"), "shuTokenAbi");
    assert.equal(abiConstantName("Rounds"), "roundsAbi");
  });

  it("writes one entry a line, without the names of Solidity's own types", () => {
    const source = abiSource({ contractName: "Seats", abi: [read], bytecode: "0x60" });
    assert.match(source, /export const seatsAbi = \[\n {2}\{"type":"function",.*\},\n\] as const;\n$/);
    assert.doesNotMatch(source, /internalType/);
  });

  it("takes only what can be deployed and called", () => {
    assert.equal(isContract({ contractName: "Seats", abi: [read], bytecode: "0x60" }), true);
    assert.equal(isContract({ contractName: "ISeats", abi: [read], bytecode: "0x" }), false);
    assert.equal(isContract({ contractName: "Library", abi: [{ type: "error" }], bytecode: "0x60" }), false);
  });
});
