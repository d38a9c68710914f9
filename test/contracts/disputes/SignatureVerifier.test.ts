import { expect } from "chai";
import { ethers as E, type Wallet } from "ethers";
import { network } from "hardhat";

import { toHex, type Hex } from "../../../protocol/bytes.ts";
import { encodeSignatureProof } from "../../../protocol/faults/signature-proof.ts";
import { configHash, contributionOf, createDomain, digestOf, packHex, type Contribution, type Domain, type SealColumns } from "../../../protocol/index.ts";
import { createRandom } from "../../protocol/support/random.ts";
import { casesOf } from "../../support/effort.ts";
import { fresh, type Driver } from "../rounds/driver.ts";
import { refused } from "../rounds/refused.ts";
import { CONFIG, must, RHO, SEATS, walletOf } from "../rounds/world.ts";
import { fakeEntry, fakeRound, wordsHash, ZERO_SIGNATURE, type FakeEntry, type FakeRound, type FakeRoundOptions } from "./fake-round.ts";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const SEAL = "0x00000002";
const PARENT = E.id("parent") as Hex;

const sign = (key: Wallet, domain: Domain, contribution: Contribution): Hex => key.signingKey.sign(digestOf(domain, "Contribution", contribution)).compactSerialized as Hex;
const withByte = (signature: Hex, at: number, flip: number): Hex => toHex(E.getBytes(signature).with(at, E.getBytes(signature)[at]! ^ flip));
const words = (r: bigint, s: bigint): Hex => E.concat([E.toBeHex(r, 32), E.toBeHex(s, 32)]) as Hex;

/** The verifier against the real registry. Rounds are made outside of the ledger, so that anything can be wrong in them; real ones are in `SignatureKeys.test.ts`. */
describe("SignatureVerifier", () => {
  let d: Driver;
  let chain: Awaited<ReturnType<typeof deploy>>;
  const deploy = async () => {
    const { ethers, rounds, seats, contributors, datasets } = d.kernel;
    return {
      verifier: await ethers.deployContract("SignatureVerifier", [rounds, seats, contributors, datasets]),
      batch: await ethers.deployContract("MockVerifierBatch"),
    };
  };
  before(async () => {
    d = await fresh();
    chain = await deploy();
  });

  const random = createRandom(59);
  const below = (limit: number) => Math.floor(random() * limit);
  const bytes32 = () => E.id(`${random()}`) as Hex;
  const shared = { federation: 1, round: 7, parentReportHash: PARENT, configHash: configHash(CONFIG) };
  const rhoOf = (seat: number) => ((SEATS.exempt as readonly number[]).includes(seat) ? 0 : RHO);

  /** An entry as its contributor signs it. @param signs What is signed instead. */
  const entry = (seat: number, signs: Partial<Contribution> = {}, key = d.key(seat), domain = d.kernel.domain): FakeEntry => {
    const made = fakeEntry(seat, Int16Array.of(seat), 0, { updateRoot: bytes32(), normSq: BigInt(below(2 ** 40)), normTraceRoot: bytes32(), rho: rhoOf(seat) });
    return { ...made, signature: sign(key, domain, { ...contributionOf(made, shared), ...signs }) };
  };
  /** Five entries, the third of which is given. */
  const roundOf = (third: FakeEntry = entry(3), options: Omit<FakeRoundOptions, "entries"> = {}) =>
    fakeRound({ entries: [entry(0), entry(1), third, entry(4), entry(7)].toSorted((a, b) => a.seat - b.seat), ...shared, ...options });
  const indexOf = (round: FakeRound, seat: number) => round.entries.findIndex((item) => item.seat === seat);

  const prove = (round: FakeRound, index: number, columns: Partial<SealColumns> = {}) =>
    encodeSignatureProof({ ...round, columns: { ...round.columns, ...columns }, entry: index });
  const verify = async ({ context }: FakeRound, proof: Uint8Array) => await chain.verifier.verify(context, proof);
  const accepted = async (round: FakeRound, proof: Uint8Array) => {
    const [kind, report] = await verify(round, proof);
    expect(kind).to.equal(2n);
    expect(E.keccak256(E.concat([...report].map((word) => E.toBeHex(word as bigint | string, 32))))).to.equal(wordsHash(round.report));
  };
  const rejected = async (round: FakeRound, proof: Uint8Array, error: string, ...args: unknown[]) => await refused(verify(round, proof), chain.verifier, error, ...args);
  /** The third entry is convicted, sealed and reported; the others are not. */
  const convicts = async (third: FakeEntry) => {
    for (const reported of [false, true]) {
      const round = roundOf(third, { reported });
      const index = indexOf(round, third.seat);
      await accepted(round, prove(round, index));
      const other = (index + 1) % 5;
      await rejected(round, prove(round, other), "SignatureVerifierNoFault", other);
    }
  };

  it("test_verify_honestEntries_everyOne_reverts", async () => {
    for (const reported of [false, true]) {
      const round = roundOf(entry(6), { reported });
      for (let i = 0; i < 5; i++) await rejected(round, prove(round, i), "SignatureVerifierNoFault", i);
    }
  });

  it("test_verify_digest_isThatOfTheLedger", async () => {
    const contribution = contributionOf(entry(3), shared);
    expect(await d.kernel.rounds.contributionDigest(contribution)).to.equal(digestOf(d.kernel.domain, "Contribution", contribution));
  });

  describe("the signature", () => {
    it("test_verify_anyOtherByte_succeeds", async () => {
      const honest = entry(3);
      for (let at = 0; at < 64; at++) {
        const round = roundOf({ ...honest, signature: withByte(honest.signature, at, 1 << at % 8) });
        await accepted(round, prove(round, 2));
      }
    });

    it("test_verify_highS_succeeds", async () => {
      const honest = entry(3);
      const { r, s, yParity } = E.Signature.from(honest.signature);
      const high = ORDER - BigInt(s);
      expect(high > ORDER / 2n).to.equal(true);
      // Every way to write it: with the parity that would recover the key, and with the other; the top bit is the parity's.
      for (const parity of [0n, 1n]) await convicts({ ...honest, signature: words(BigInt(r), (high % 2n ** 255n) | (parity << 255n)) });
      expect(yParity).to.be.oneOf([0, 1]);
    });

    it("test_verify_noSignatureAtAll_succeeds", async () => {
      for (const signature of [ZERO_SIGNATURE, words(0n, 1n), words(1n, 0n), words(ORDER, 1n), words(2n ** 256n - 1n, 2n ** 256n - 1n)]) {
        await convicts({ ...entry(3), signature });
      }
    });

    it("test_verify_keyOfAnother_succeeds", async () => {
      await convicts(entry(3, {}, d.key(4)));
      await convicts(entry(3, {}, walletOf("stranger")));
      await convicts(entry(3, {}, must(d.kernel.operatorKeys[0])));
    });

    it("test_verify_keyThatOnlyWaits_succeeds", async () => {
      const next = walletOf("waiting");
      const { contributors, chainId, ethers } = d.kernel;
      const domain = createDomain(chainId, (await contributors.getAddress()) as Hex);
      const proof = next.signingKey.sign(digestOf(domain, "KeySuccession", { contributor: 4, key: next.address as Hex })).serialized;
      const key = d.key(3).connect(ethers.provider);
      await d.kernel.helpers.setBalance(key.address, 10n ** 20n);
      await contributors.connect(key).rotateKey(4, next.address, proof);
      expect([...(await contributors.keyRecordOf(next.address))]).to.deep.equal([4n, false, 0n]);
      await convicts(entry(3, {}, next));
    });

    it("test_verify_anotherStatement_succeeds", async () => {
      const changes: Partial<Contribution>[] = [
        { federation: 2 },
        { round: 8 },
        { parentReportHash: bytes32() },
        { seat: 4 },
        { updateRoot: bytes32() },
        { normSq: 5n },
        { normTraceRoot: bytes32() },
        { configHash: configHash({ ...CONFIG, ruleId: 2, ruleParam: 5n }) },
      ];
      for (const change of changes) await convicts(entry(3, change));
    });

    it("test_verify_anotherPrivacyCost_succeeds", async () => {
      // On private data: what the configuration says, whatever the contributor would like.
      for (const rho of [0, RHO - 1, RHO + 1]) await convicts(entry(3, { rho }));
      // On public data: nothing.
      const round = fakeRound({ entries: [entry(0, { rho: RHO }), entry(1)], ...shared });
      await accepted(round, prove(round, 0));
      await rejected(round, prove(round, 1), "SignatureVerifierNoFault", 1);
    });

    it("test_verify_costOfTheSealedConfiguration_notOfAnother", async () => {
      const config = { ...CONFIG, rhoPerRound: 77 };
      const hash = configHash(config);
      const [own, other] = [entry(3, { rho: 77, configHash: hash }), entry(3, { configHash: hash })];
      const honest = fakeRound({ entries: [own], ...shared, configHash: hash, config });
      await rejected(honest, prove(honest, 0), "SignatureVerifierNoFault", 0);
      const wrong = fakeRound({ entries: [other], ...shared, configHash: hash, config });
      await accepted(wrong, prove(wrong, 0));
    });

    it("test_verify_replayedFromAnotherChainOrLedger_succeeds", async () => {
      const { domain, chainId } = d.kernel;
      await convicts(entry(3, {}, d.key(3), createDomain(chainId + 1, domain.verifyingContract)));
      await convicts(entry(3, {}, d.key(3), createDomain(chainId, (await d.kernel.contributors.getAddress()) as Hex)));
    });

    it("test_verify_unknownSeat_succeeds", async () => {
      for (const seat of [8, 2 ** 32 - 1]) await convicts(entry(seat));
      // The first seat that is none: not even a contributor's signature makes it one.
      await convicts(entry(8, { seat: 8, rho: RHO }, d.key(3)));
    });
  });

  describe("a malformed column", () => {
    const columnsOf = (round: FakeRound): [keyof SealColumns, Uint8Array, number][] => [
      ["norms", round.columns.norms, 8],
      ["normTraces", round.columns.normTraces, 32],
      ["signatures", round.columns.signatures, 64],
    ];

    it("test_verify_eachColumn_tooShortOrTooLong_succeeds", async () => {
      const honest = roundOf();
      for (const [name, column, width] of columnsOf(honest)) {
        for (const bad of [new Uint8Array(), column.subarray(0, -1), column.subarray(0, -width), E.getBytes(E.concat([column, "0x00"])), E.getBytes(E.concat([column, column.subarray(0, width)]))]) {
          for (const reported of [false, true]) {
            const round = fakeRound({ entries: honest.entries, ...shared, reported, columns: { [name]: bad } });
            // Whatever entry is named: its signature is right.
            for (const index of [0, 4]) await accepted(round, prove(round, index));
          }
        }
      }
    });

    it("test_verify_columnThatWasNotSealed_reverts", async () => {
      const honest = roundOf();
      for (const [name, column, width] of columnsOf(honest)) {
        for (const bad of [column.subarray(0, -1), column.subarray(0, -width), column.with(0, column[0]! ^ 1), new Uint8Array()]) {
          await rejected(honest, prove(honest, 0, { [name]: bad }), "SignatureVerifierWrongColumn", name);
        }
      }
    });

    it("test_verify_columnsOfAnotherRound_reverts", async () => {
      const [round, other] = [roundOf(), roundOf(entry(5))];
      await rejected(round, prove(round, 0, { seats: other.columns.seats }), "SignatureVerifierWrongColumn", "seats");
      await rejected(round, prove(round, 0, { norms: other.columns.norms }), "SignatureVerifierWrongColumn", "norms");
      await rejected(round, prove(round, 0, { normTraces: other.columns.normTraces }), "SignatureVerifierWrongColumn", "normTraces");
      await rejected(round, prove(round, 0, { signatures: other.columns.signatures }), "SignatureVerifierWrongColumn", "signatures");
      await rejected(round, prove(round, 0, { updateRoots: other.columns.updateRoots }), "RoundHeaderMismatch");
      await rejected(round, prove({ ...round, weightsHash: bytes32() }, 0), "RoundHeaderMismatch");
      await rejected(round, prove({ ...round, modelRoot: bytes32() }, 0), "RoundHeaderMismatch");
    });
  });

  describe("the proof", () => {
    const wrong = () => roundOf({ ...entry(3), signature: ZERO_SIGNATURE });
    /** Where the columns with a length begin, of a reported round of five. */
    const LENGTHS = 361 + 64 + 1 + 36 * 5;

    it("test_verify_entryThatIsNone_reverts", async () => {
      const round = wrong();
      for (const index of [5, 255]) await rejected(round, prove(round, 2).with(361 + 64, index), "SignatureVerifierBadEntry", index, 5);
    });

    it("test_verify_otherLength_reverts", async () => {
      const round = wrong();
      const proof = prove(round, 2);
      await accepted(round, proof);
      const columns = proof.length - 361 - 65;
      await rejected(round, E.getBytes(E.concat([proof, "0x00"])), "SignatureVerifierBadLength", columns + 1, columns);
      await rejected(round, proof.subarray(0, -1), "SignatureVerifierBadLength", 4 + 320 - 1, 4 + 320);
      await rejected(round, proof.subarray(0, LENGTHS - 1), "SignatureVerifierBadLength", LENGTHS - 1, LENGTHS);
      await rejected(round, proof.subarray(0, LENGTHS), "SignatureVerifierBadLength");
      await rejected(round, proof.subarray(0, LENGTHS + 3), "SignatureVerifierBadLength");
      await rejected(round, proof.subarray(0, 360), "RoundHeaderTooShort", 360);
    });

    it("test_verify_lengthsThatLie_reverts", async () => {
      const round = wrong();
      const proof = prove(round, 2);
      const set = (at: number, length: number) => {
        const changed = proof.slice();
        new DataView(changed.buffer).setUint32(at, length);
        return changed;
      };
      for (const length of [39, 41]) await rejected(round, set(LENGTHS, length), "SignatureVerifierWrongColumn", "norms");
      await rejected(round, set(LENGTHS, 2 ** 32 - 1), "SignatureVerifierBadLength");
      await rejected(round, set(LENGTHS + 44, 161), "SignatureVerifierWrongColumn", "normTraces");
      await rejected(round, set(LENGTHS + 44 + 164, 319), "SignatureVerifierWrongColumn", "signatures");
      await rejected(round, set(LENGTHS + 44 + 164, 321), "SignatureVerifierBadLength");
    });

    it("test_verify_roundInAnotherState_reverts", async () => {
      const round = wrong();
      for (const state of [0, 1, 4, 5]) {
        const context = { ...round.context, state: { ...round.context.state, state } };
        const proof = prove({ ...round, report: null, modelRoot: null }, 2);
        await refused(chain.verifier.verify(context, proof), chain.verifier, "RoundHeaderWrongState", state);
      }
    });

    it("test_verify_replayedOnAnotherFederationRoundAttemptOrParent_reverts", async () => {
      const round = wrong();
      const { context } = round;
      for (const other of [
        { ...context, federation: 2 },
        { ...context, round: 8 },
        { ...context, parentHash: bytes32() },
        { ...context, state: { ...context.state, attempt: 2 } },
      ]) {
        await refused(chain.verifier.verify(other, prove(round, 2)), chain.verifier, "RoundHeaderMismatch");
      }
      const later = prove({ ...round, seal: { ...round.seal, attempt: 1 } }, 2);
      await rejected(round, later, "RoundHeaderMismatch");
    });
  });

  it("test_verify_splitChain_entriesOfBothIdsCount_othersDoNot", async () => {
    // The same contracts at the same addresses on two chains; on the second, the verifier's code is that of the first, as after a split.
    const key = walletOf("contributor 0");
    const open = async (chainId: number) => {
      const { ethers, networkHelpers } = await network.create({ override: { chainId } });
      const registry = await ethers.deployContract("MockSignatureRegistry", [key.address]);
      return { ethers, helpers: networkHelpers, registry, verifier: await ethers.deployContract("SignatureVerifier", [registry, registry, registry, registry]) };
    };
    const [before, after] = [await open(31_337), await open(31_338)];
    const ledger = (await before.registry.getAddress()) as Hex;
    expect(await after.registry.getAddress()).to.equal(ledger);
    await after.helpers.setCode(await after.verifier.getAddress(), await before.ethers.provider.getCode(before.verifier));

    const judged = async (verifier: typeof before.verifier, chainId: number) => {
      const made = fakeEntry(0, Int16Array.of(1), 0, { rho: RHO });
      const round = fakeRound({ ...shared, entries: [{ ...made, signature: sign(key, createDomain(chainId, ledger), contributionOf(made, shared)) }] });
      return await verifier.verify(round.context, prove(round, 0)).then(
        () => "fault",
        (error: unknown) => (String(error).includes("SignatureVerifierNoFault") ? "signed" : String(error)),
      );
    };
    expect(await judged(before.verifier, 31_337)).to.equal("signed");
    expect(await judged(before.verifier, 31_338)).to.equal("fault");
    expect(await judged(after.verifier, 31_337), "signed before the split").to.equal("signed");
    expect(await judged(after.verifier, 31_338), "signed after it").to.equal("signed");
    expect(await judged(after.verifier, 31_339)).to.equal("fault");
  });

  it("test_verify_randomRounds_onlyWrongSignaturesConvict", async function () {
    this.timeout(180_000);
    const noFault = must(chain.verifier.interface.getError("SignatureVerifierNoFault")).selector;
    const cases: { round: FakeRound; proof: Uint8Array; expected: string; what: string }[] = [];
    for (let i = 0; i < casesOf(280); i++) {
      const seats = Array.from({ length: 8 }, (_, seat) => seat).filter(() => random() < 0.5);
      if (seats.length === 0) seats.push(below(8));
      const list = seats.map((seat) => entry(seat));
      const at = below(list.length);
      const honest = must(list[at]);
      const kinds = ["nothing", "a byte", "the norm", "the root", "the trace", "rho", "another's key", "another seat"] as const;
      const what = must(kinds[i % kinds.length]);
      const { seat } = honest;
      if (what === "a byte") list[at] = { ...honest, signature: withByte(honest.signature, below(64), 1 << below(8)) };
      if (what === "the norm") list[at] = { ...honest, normSq: honest.normSq ^ (1n << BigInt(below(64))) };
      if (what === "the root") list[at] = { ...honest, updateRoot: bytes32() };
      if (what === "the trace") list[at] = { ...honest, normTraceRoot: bytes32() };
      if (what === "rho") list[at] = entry(seat, { rho: rhoOf(seat) + 1 + below(1_000) });
      if (what === "another's key") list[at] = entry(seat, {}, d.key((seat + 1 + below(7)) % 8));
      if (what === "another seat") list[at] = { ...entry(seat), signature: entry((seat + 1 + below(7)) % 8).signature };
      const round = fakeRound({ entries: list, ...shared, reported: i % 3 !== 0, attempt: i % 4, sealAttempt: i % 2 });
      for (const index of list.keys()) {
        cases.push({ round, proof: prove(round, index), expected: what !== "nothing" && index === at ? SEAL : noFault, what });
      }
      // The same in the packed column: one signature for another.
      if (what === "nothing" && list.length > 1) {
        const swapped = [...list.slice(1), must(list[0])].map(({ signature }) => signature);
        const other = fakeRound({ entries: list, ...shared, columns: { signatures: packHex(swapped, 64) } });
        cases.push({ round: other, proof: prove(other, at), expected: SEAL, what: "signatures moved by one" });
      }
    }
    expect(cases.length).to.be.at.least(casesOf(1_000));
    for (let from = 0; from < cases.length; from += 60) {
      const part = cases.slice(from, from + 60);
      const [verdicts, reports] = await chain.batch.judge(chain.verifier, part.map(({ round }) => round.context), part.map(({ proof }) => toHex(proof)));
      for (const [i, { round, expected, what }] of part.entries()) {
        expect(verdicts[i], `case ${from + i}: ${what}`).to.equal(expected);
        if (expected === SEAL) expect(reports[i]).to.equal(wordsHash(round.report));
      }
    }
  });
});
