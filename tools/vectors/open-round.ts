// The open round that leads to the bundle of round.json, that bundle's digest and its status; and texts that every reader has to refuse.
import { artefactDigest } from "../../protocol/unixfs/encode.ts";
import { configHash } from "../../protocol/index.ts";
import type { Json } from "../../protocol/bundle/canonical-json.ts";
import { canonicalJson } from "../../protocol/bundle/canonical-json.ts";
import { type BundleStatus, encodeBundleStatus } from "../../protocol/handover/bundle-status.ts";
import { encodeOpenRound, type OpenRound } from "../../protocol/handover/open-round.ts";
import { hexToBytes } from "viem";
import { roundVectors } from "./round.ts";
import { CONFIG, LEDGER, SPEC, word } from "./signing.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export async function openRoundVectors() {
  const { genesis, round } = await roundVectors();
  const open: OpenRound = {
    chainId: 31_337, ledger: LEDGER, federation: 1, round: 1, attempt: 0,
    parent: { round: 0, reportHash: genesis.reportHash, artefact: genesis.artefact, modelRoot: genesis.modelRoot },
    config: CONFIG, configHash: configHash(CONFIG), modelSpec: SPEC,
    seats: round.seats.map(({ seat, key }) => ({ seat, key, weight: 10 + seat, rho: CONFIG.rhoPerRound, exempt: false, remaining: 2 ** 47 + seat })),
  };
  const spent = open.seats.map((seat, i) => (i === 1 ? { ...seat, rho: 0, exempt: true, remaining: 0 } : { ...seat, remaining: 0 }));
  const plain = JSON.parse(text(encodeOpenRound(open))) as { readonly [key: string]: Json };
  const [first = null, ...others] = plain["seats"] as readonly Json[];
  const changed = (change: { readonly [key: string]: Json }) => canonicalJson({ ...plain, ...change });
  const seat = (change: { readonly [key: string]: Json }) => changed({ seats: [{ ...(first as object), ...change }, ...others] });

  const digest = artefactDigest(new Map(Object.entries(round.files).map(([path, hex]) => [path, hexToBytes(hex)])));
  const blank: BundleStatus = { bundle: digest, state: "receiving", federation: null, round: null, reportHash: null, artefact: null, asHanded: null, problem: null };
  const reported = { ...blank, federation: 1, round: 1, reportHash: round.reportHash, artefact: digest, asHanded: true } as const;
  const status = (value: BundleStatus) => ({ text: text(encodeBundleStatus(value)), value });
  const problem = { code: "parent-replaced", message: "Round 2 extends a report that was replaced.", fix: "Take up what was reported instead." };
  return {
    openRounds: [
      { name: "of the round in round.json", text: text(encodeOpenRound(open)), value: open },
      { name: "one seat exempt, the others spent", text: text(encodeOpenRound({ ...open, seats: spent })), value: { ...open, seats: spent } },
      { name: "nobody can take part; a rehearsal", text: text(encodeOpenRound({ ...open, chainId: 0, seats: [] })), value: { ...open, chainId: 0, seats: [] } },
    ],
    refused: [
      { name: "white space", code: "json-invalid", text: ` ${canonicalJson(plain)}` },
      { name: "another order of keys", code: "json-invalid", text: JSON.stringify({ version: 1, ...plain }) },
      { name: "a key twice", code: "json-invalid", text: canonicalJson(plain).replace('"round":1', '"round":1,"round":1') },
      { name: "cut short", code: "json-invalid", text: canonicalJson(plain).slice(0, -1) },
      { name: "another format", code: "open-round-invalid", text: changed({ format: "chongwen-round" }) },
      { name: "a newer version", code: "version-unknown", text: changed({ version: 2 }) },
      { name: "an unknown field", code: "open-round-invalid", text: changed({ note: 1 }) },
      { name: "round 0", code: "open-round-invalid", text: changed({ round: 0 }) },
      { name: "a parent that is not earlier", code: "open-round-invalid", text: changed({ parent: { ...(plain["parent"] as object), round: 1 } }) },
      { name: "an address in upper case", code: "open-round-invalid", text: changed({ ledger: LEDGER }) },
      { name: "the hash of another configuration", code: "open-round-invalid", text: changed({ configHash: word("11") }) },
      { name: "another model specification", code: "open-round-invalid", text: changed({ modelSpec: { version: 1, tensors: [{ name: "weight", shape: [24], offset: 0, fracBits: 14 }] } }) },
      { name: "a model specification with a gap", code: "spec-invalid", text: changed({ modelSpec: { version: 1, tensors: [{ name: "weight", shape: [24], offset: 1, fracBits: 14 }] } }) },
      { name: "a seat twice", code: "open-round-invalid", text: changed({ seats: [first, first] }) },
      { name: "seats out of order", code: "open-round-invalid", text: changed({ seats: [...others, first] }) },
      { name: "257 seats", code: "open-round-invalid", text: changed({ seats: Array.from({ length: 257 }, (_, i) => ({ ...(first as object), seat: i })) }) },
      { name: "weight 0", code: "open-round-invalid", text: seat({ weight: 0 }) },
      { name: "weight 65536", code: "open-round-invalid", text: seat({ weight: 65_536 }) },
      { name: "a charge as a number", code: "open-round-invalid", text: seat({ rho: CONFIG.rhoPerRound }) },
      { name: "another charge than the configuration's", code: "open-round-invalid", text: seat({ rho: "1" }) },
      { name: "exempt and charged", code: "open-round-invalid", text: seat({ exempt: true }) },
      { name: "a leading zero", code: "open-round-invalid", text: seat({ remaining: "007" }) },
      { name: "a negative budget", code: "open-round-invalid", text: seat({ remaining: "-1" }) },
      { name: "a budget of 49 bits", code: "open-round-invalid", text: seat({ remaining: (2 ** 48).toString() }) },
    ],
    statuses: [
      status(blank),
      status({ ...blank, state: "waiting", federation: 1, round: 1 }),
      status({ ...reported, state: "reported" }),
      status({ ...reported, state: "final", artefact: word("a1"), asHanded: false }),
      status({ ...blank, state: "refused", federation: 1, round: 1, problem }),
    ],
    refusedStatuses: [
      { name: "an unknown state", code: "bundle-status-invalid", text: text(encodeBundleStatus(blank)).replace("receiving", "reversed") },
      { name: "a field less", code: "bundle-status-invalid", text: text(encodeBundleStatus(blank)).replace('"problem":null,', "") },
      { name: "white space", code: "json-invalid", text: `${text(encodeBundleStatus(blank))}\n` },
    ],
  };
}
