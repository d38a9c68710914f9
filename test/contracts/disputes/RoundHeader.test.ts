import { expect } from "chai";
import { ethers as E } from "ethers";
import { network } from "hardhat";

import { toHex, type Hex } from "../../../protocol/bytes.ts";
import { encodeRoundHeader } from "../../../protocol/faults/header.ts";
import { configHash, reportHash, sealHash, TYPES, type FederationConfig, type Report, type Seal } from "../../../protocol/index.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { below, hash, randomBytes, type Random } from "./aggregate-round.ts";

const SEALED = 2;
const REPORTED = 3;

/** Any configuration that the types allow, at the ends of each type more often than not. */
function anyConfig(random: Random): FederationConfig {
  const fields = TYPES.FederationConfig.map(({ name, type }) => {
    if (type === "bytes32") return [name, hash(random)];
    if (type === "bool") return [name, random() < 0.5];
    const bytes = Number(type.slice(4)) / 8;
    const value = [0n, 2n ** BigInt(8 * bytes) - 1n, BigInt(toHex(randomBytes(random, bytes)))][below(random, 3)]!;
    return [name, bytes <= 6 ? Number(value) : value];
  });
  return Object.fromEntries(fields) as unknown as FederationConfig;
}

function anyRound(random: Random) {
  const config = anyConfig(random);
  const [federation, round, attempt] = [below(random, 2 ** 32), below(random, 2 ** 32), below(random, 256)];
  const weightsHash = hash(random);
  const seal: Seal = {
    federation, round, attempt: below(random, 256), parentReportHash: hash(random), configHash: configHash(config), seatsHash: hash(random),
    updateRootsHash: hash(random), normsHash: hash(random), normTracesHash: hash(random), signaturesHash: hash(random),
  };
  const report: Report = {
    federation, round, attempt, sealHash: sealHash(seal, weightsHash), modelRoot: hash(random), metricsHash: hash(random), excluded: BigInt(hash(random)),
    artefact: hash(random),
  };
  const state = {
    hash: reportHash(report), state: REPORTED, attempt, deadline: 0, parentRound: 0, parentAttempt: 0, consentEpoch: 0, sealers: 0, reporters: 0, sealEpoch: 0,
    reportEpoch: 0, entries: 0, accepted: 0, holds: 0,
  };
  return { config, weightsHash, seal, report, context: { federation, round, parentHash: seal.parentReportHash, state } };
}

type AnyRound = ReturnType<typeof anyRound>;

describe("RoundHeader", () => {
  const open = async () => {
    const { ethers } = await network.create();
    return { harness: await ethers.deployContract("AggregateHarness"), errors: { interface: (await ethers.getContractFactory("RoundHeader")).interface } };
  };
  let chain: Awaited<ReturnType<typeof open>>;
  before(async () => {
    chain = await open();
  });

  interface Change {
    readonly context?: AnyRound["context"];
    readonly proof?: Hex;
    readonly updateRootsHash?: Hex;
    readonly weightsHash?: Hex;
    readonly modelRoot?: Hex;
    readonly reported?: boolean;
  }

  const read = async (round: AnyRound, change: Change = {}) =>
    await chain.harness.header(
      change.context ?? round.context, change.proof ?? toHex(encodeRoundHeader(round)), change.updateRootsHash ?? round.seal.updateRootsHash,
      change.weightsHash ?? round.weightsHash, change.modelRoot ?? round.report.modelRoot, change.reported ?? false,
    );
  const sealedOnly = (round: AnyRound) => ({ ...round.context, state: { ...round.context.state, state: SEALED, hash: round.report.sealHash } });

  it("test_read_randomStatements_everyFieldAsEncoded", async () => {
    const random = createRandom(1);
    for (let k = 0; k < 200; k++) {
      const round = anyRound(random);
      const h = await read(round, { reported: k % 2 === 0 });
      for (const { name } of TYPES.FederationConfig) expect(h.config[name], name).to.equal(same(round.config[name]));
      for (const { name } of TYPES.Seal) expect(h.seal[name], name).to.equal(same(round.seal[name]));
      for (const { name } of TYPES.Report) expect(h.report[name], name).to.equal(same(round.report[name]));
      expect([h.weightsHash, h.sealHash]).to.deep.equal([round.weightsHash, round.report.sealHash]);
    }
  });

  it("test_requireHeld_sealedRound_sealOnlyAndNoReport", async () => {
    const random = createRandom(2);
    for (let k = 0; k < 20; k++) {
      const round = anyRound(random);
      // What the header says of a report is dropped, whatever it is.
      const h = await read({ ...round, report: k % 2 === 0 ? round.report : { ...round.report, excluded: 0n } }, { context: sealedOnly(round) });
      for (const { name } of TYPES.Report) expect(BigInt(h.report[name]), name).to.equal(0n);
      expect(h.sealHash).to.equal(round.report.sealHash);
    }
    const round = anyRound(random);
    await expect(read(round, { context: { ...round.context, state: { ...round.context.state, state: SEALED } } }), "a report is no seal").to.be.revertedWithCustomError(
      chain.errors, "RoundHeaderMismatch",
    );
  });

  it("test_requireHeld_anyPartOfTheReportChanged_reverts", async () => {
    const round = anyRound(createRandom(3));
    const other = E.id("other") as Hex;
    const header = E.getBytes(encodeRoundHeader(round));
    for (let at = 0; at < header.length; at++) {
      // The flag of the base has one bit only.
      const proof = toHex(header.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      await expect(read(round, { proof }), `byte ${at}`).to.be.revertedWithCustomError(chain.errors, "RoundHeaderMismatch");
    }
    const { context } = round;
    const contexts = [
      { ...context, federation: context.federation ^ 1 }, { ...context, round: context.round ^ 1 }, { ...context, parentHash: other },
      { ...context, state: { ...context.state, attempt: context.state.attempt ^ 1 } }, { ...context, state: { ...context.state, hash: other } },
    ];
    const changes: Change[] = [{ updateRootsHash: other }, { weightsHash: other }, { modelRoot: other }, ...contexts.map((context) => ({ context }))];
    for (const change of changes) await expect(read(round, change), JSON.stringify(Object.keys(change))).to.be.revertedWithCustomError(chain.errors, "RoundHeaderMismatch");
  });

  it("test_requireHeld_anyPartOfTheSealChanged_reverts", async () => {
    const round = anyRound(createRandom(4));
    const context = sealedOnly(round);
    const header = E.getBytes(encodeRoundHeader(round));
    for (let at = 0; at < 265; at += 3) {
      const proof = toHex(header.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      await expect(read(round, { context, proof }), `byte ${at}`).to.be.revertedWithCustomError(chain.errors, "RoundHeaderMismatch");
    }
    expect(context.state.attempt, "the report's attempt is not the seal's").to.not.equal(round.seal.attempt);
    await read(round, { context });
  });

  it("test_requireHeld_otherStates_reverts", async () => {
    const round = anyRound(createRandom(5));
    for (const state of [0, 1, 4, 5]) {
      for (const held of [round.context.state.hash, round.report.sealHash]) {
        const context = { ...round.context, state: { ...round.context.state, state, hash: held } };
        await expect(read(round, { context })).to.be.revertedWithCustomError(chain.errors, "RoundHeaderWrongState").withArgs(state);
      }
    }
  });

  it("test_requireReported_sealedRound_reverts", async () => {
    const round = anyRound(createRandom(6));
    const context = sealedOnly(round);
    await read(round, { context });
    await expect(read(round, { context, reported: true })).to.be.revertedWithCustomError(chain.errors, "RoundHeaderWrongState").withArgs(SEALED);
  });

  it("test_read_shorterThanAHeader_reverts", async () => {
    const round = anyRound(createRandom(7));
    const header = encodeRoundHeader(round);
    for (const length of [0, 1, 136, 360]) {
      await expect(read(round, { proof: toHex(header.subarray(0, length)) })).to.be.revertedWithCustomError(chain.errors, "RoundHeaderTooShort").withArgs(length);
    }
    await read(round, { proof: `${toHex(header)}ff` });
  });
});

const same = (value: number | bigint | boolean | Hex): unknown => (typeof value === "number" ? BigInt(value) : value);
