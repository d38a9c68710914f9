import { buildRoundBundle, bytesOf, commitUpdate, configHash, contributionOf, createDomain, toCompactSignature, typedDataOf, type Entry } from "../../../protocol/index.ts";
import type { Escrow } from "./escrow.ts";
import { DEV_KEYS, expectationsOf, LEDGER, makeRound, privateKeyToAccount, SEATS, type TestRound } from "./round.ts";

/** The round of `makeRound` in privacy mode B. @param change What a site puts into its envelope in place of what it committed to. */
export async function makeEscrowedRound(escrow: Escrow, change: (seat: number, lanes: Int16Array) => Int16Array = (_, lanes) => lanes): Promise<TestRound> {
  const published = await makeRound();
  const config = { ...published.input.config, privacyMode: 1 };
  const { parent, round, updates } = published.input;
  const context = { federation: 1, round, parentReportHash: parent.reportHash, configHash: configHash(config) };
  const entries: (Entry & { weight: number })[] = [];
  const envelopes = new Map<number, Uint8Array>();
  for (const [i, old] of published.input.entries.entries()) {
    const account = privateKeyToAccount(DEV_KEYS[i] ?? "0x");
    const update = updates.get(old.seat) ?? new Int16Array();
    const unsigned = { ...old, ...commitUpdate(update) };
    const signature = toCompactSignature(await account.signTypedData(typedDataOf(createDomain(31_337, LEDGER), "Contribution", contributionOf(unsigned, context))));
    entries.push({ ...unsigned, signature });
    const about = { chainId: 31_337, ledger: LEDGER, federation: 1, round, seat: old.seat, updateRoot: unsigned.updateRoot };
    envelopes.set(old.seat, (await escrow.seal(bytesOf(change(old.seat, update)), about)).bytes);
  }
  const input = { ...published.input, config, entries, escrow: { register: escrow.register, envelopes } };
  const bundle = buildRoundBundle(input);
  return { input, bundle, expected: expectationsOf(bundle, input, published.expected.parent.model ?? new Int32Array(SEATS.length)) };
}
