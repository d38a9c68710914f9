// A round in privacy mode B: what everybody sees, what a reader with a key sees, and what neither is fooled by.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { buildRoundBundle, bytesOf, firstFailure, mapReader, type RoundBundle, type RoundExpectations, reportHash, verifyRoundBundle } from "../../protocol/index.ts";
import type { RoundBundleInput } from "../../protocol/bundle/round-build.ts";
import { parseEnvelope } from "../../protocol/privacy/envelope.ts";
import { createRegister } from "../../protocol/privacy/escrow.ts";
import { encodeSlip, type EscrowKey, sealSlip } from "../../protocol/privacy/key-slip.ts";
import { accountOf, type Escrow, makeEscrow } from "./support/escrow.ts";
import { makeEscrowedRound } from "./support/escrowed-round.ts";
import { LEDGER, SEATS } from "./support/round.ts";
import { withCode } from "./support/throws.ts";

let escrow: Escrow;
let input: RoundBundleInput;
let expected: RoundExpectations;
let bundle: RoundBundle;
const contextOf = (seat: number) => ({ chainId: 31_337, ledger: LEDGER, federation: 1, round: 1, seat, updateRoot: input.entries.find((entry) => entry.seat === seat)?.updateRoot ?? "0x" as const });

before(async () => {
  escrow = await makeEscrow();
  ({ input, expected, bundle } = await makeEscrowedRound(escrow));
});

const verify = (files: ReadonlyMap<string, Uint8Array>, key: EscrowKey | null, chain = expected) =>
  verifyRoundBundle(mapReader(files), chain, undefined, key === null ? null : escrow.readerOf(key));
const names = ({ checks }: Awaited<ReturnType<typeof verify>>): string[] => checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe("an escrowed round", () => {
  test("publishes no lane of an update, and says who can read", () => {
    assert.deepEqual([...bundle.files.keys()].filter((path) => path.startsWith("updates/")).sort(), SEATS.map((seat) => `updates/${seat}.envelope`).sort());
    const everything = Buffer.concat([...bundle.files.values()].map((bytes) => Buffer.from(bytes)));
    for (const update of input.updates.values()) assert.equal(everything.indexOf(Buffer.from(bytesOf(update)).subarray(0, 32)), -1);
    assert(bundle.files.has("escrow.json"));
  });

  test("without a key: everything but payloads is checked, and nothing is called verified or wrong", async () => {
    const verification = await verify(bundle.files, null);
    assert.deepEqual(names(verification), []);
    assert.equal(verification.ok, false);
    assert.deepEqual(verification.unread.map(({ path }) => path).sort(), SEATS.map((seat) => `updates/${seat}.envelope`).sort());
    assert.notEqual(verification.model, null, "the reported model is still the base of the next round");
  });

  test("with an operator's or an auditor's key: all is recomputed", async () => {
    for (const key of [escrow.keys.first, escrow.keys.auditor]) {
      const verification = await verify(bundle.files, key);
      assert.deepEqual([names(verification), verification.unread, verification.ok], [[], [], true]);
      assert(verification.checks.some(({ name, ok }) => name === "aggregate" && ok));
    }
  });

  test("a key that the register does not name reads nothing, and finds nothing wrong", async () => {
    const { ok, unread, checks } = await verify(bundle.files, escrow.keys.stranger);
    assert.equal(ok, false);
    assert.equal(unread.length, SEATS.length);
    assert(unread.every(({ error }) => error?.code === "envelope-key-missing"));
    assert.equal(firstFailure(checks), null);
  });

  test("attack_wrongAggregateBehindEnvelopes: only a reader sees it, and names the coordinate", async () => {
    const model = input.model.slice();
    model[3] = (model[3] ?? 0) + 1;
    const lying = buildRoundBundle({ ...input, model });
    const chain = { ...expected, reportHash: reportHash({ ...lying.report, artefact: expected.artefact }) };
    assert.deepEqual(names(await verify(lying.files, null, chain)), []);
    const seen = await verify(lying.files, escrow.keys.auditor, chain);
    assert.deepEqual(names(seen), ["aggregate"]);
    assert.match(firstFailure(seen.checks)?.actual ?? "", /^coordinate 3:/);
  });

  test("attack_otherUpdateInTheEnvelope than the one committed to", async () => {
    const made = await makeEscrowedRound(escrow, (seat, lanes) => (seat === 5 ? lanes.with(0, (lanes[0] ?? 0) ^ 1) : lanes));
    assert.deepEqual(names(await verify(made.bundle.files, null, made.expected)), []);
    assert(names(await verify(made.bundle.files, escrow.keys.second, made.expected)).includes("update root"));
  });

  test("attack_envelopeOfAnotherSeatOrRound, seen without a key", async () => {
    const files = new Map(bundle.files).set("updates/3.envelope", bundle.files.get("updates/5.envelope") ?? new Uint8Array());
    assert(names(await verify(files, null)).includes("envelope"));
    const moved = await escrow.seal(bytesOf(input.updates.get(3) ?? new Int16Array()), { ...contextOf(3), round: 2 });
    const rebuilt = buildRoundBundle({ ...input, escrow: { register: escrow.register, envelopes: new Map(input.escrow?.envelopes).set(3, moved.bytes) } });
    const chain = { ...expected, reportHash: reportHash({ ...rebuilt.report, artefact: expected.artefact }) };
    assert(names(await verify(rebuilt.files, null, chain)).includes("envelope"));
  });

  test("attack_registerWithoutTheAuditor, or with other readers than the envelopes have", async () => {
    const others = createRegister(escrow.register.recipients.map((recipient) => (recipient.role === "auditor" ? { ...recipient, publicKey: escrow.keys.stranger.publicKey, account: accountOf(8) } : recipient)));
    const rebuilt = buildRoundBundle({ ...input, escrow: { register: others, envelopes: input.escrow?.envelopes ?? new Map() } });
    assert.deepEqual(new Set(names(await verify(rebuilt.files, null))), new Set(["envelope", "aggregate"]));
  });

  test("attack_auditorKeptOut: the operators' software sees it and refuses", async () => {
    const { id } = parseEnvelope(input.escrow?.envelopes.get(5) ?? new Uint8Array());
    const kept = escrow.slips.get(id) ?? new Uint8Array();
    const slip = JSON.parse(new TextDecoder().decode(kept)) as { keys: { keyId: string }[] };
    const wrong = await sealSlip(new Uint8Array(32).fill(1), id, escrow.publicKeys);
    const keys = slip.keys.map((key, i) => (key.keyId === escrow.keys.auditor.keyId ? wrong.keys[i] : key));
    escrow.slips.set(id, encodeSlip({ ...wrong, keys: keys as never }));
    const made = await verify(bundle.files, escrow.keys.first);
    escrow.slips.set(id, kept);
    assert.deepEqual(names(made), ["key slip"]);
  });

  test("a bundle without a register, or with an invalid one, is refused", async () => {
    assert.throws(() => buildRoundBundle({ ...input, escrow: null }), withCode("column-invalid"));
    await assert.rejects(verify(new Map(bundle.files).set("escrow.json", new TextEncoder().encode("{}")), null), withCode("escrow-invalid"));
  });
});
