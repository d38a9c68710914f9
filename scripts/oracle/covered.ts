/** What a settlement rests on, read from chain and store each time and verified again: there is nothing to remember, and nothing to lose. */
import type { Hex } from "viem";
import { MEMBER_BYTES } from "../../protocol/index.ts";
import { SETTLEMENT_FILES } from "../../protocol/bundle/settlement-manifest.ts";
import { roundExpectations } from "../../protocol/ledger/expectations.ts";
import { readPart } from "../../protocol/ledger/read-part.ts";
import { protocolError } from "../../protocol/errors.ts";
import type { EscrowReader } from "../../protocol/privacy/escrow-reader.ts";
import type { VerifiedRound } from "../../protocol/scoring/score-window.ts";
import type { Kernel } from "../chain/kernel.ts";
import type { Recomputation } from "../operator/recomputation.ts";
import type { ArtefactStore } from "../store/index.ts";
import { isKeyMissing, keyMissing } from "./handed.ts";
import type { FederationLedger } from "./ledger.ts";

/** @param escrow Opens envelopes; null without a key. */
export interface CoveredParameters {
  readonly kernel: Kernel;
  readonly store: ArtefactStore;
  readonly ledger: FederationLedger;
  readonly escrow: EscrowReader | null;
  readonly recomputation: Recomputation;
}

/** @param scored Final rounds. @param previousMembers Of the settlement before; empty for the first. @param scoringId,termsHash Of the configuration that pays. */
export interface Covered {
  readonly scored: readonly VerifiedRound[];
  readonly previousMembers: Uint8Array;
  readonly scoringId: number;
  readonly termsHash: Hex;
}

/** @throws evidence-invalid, bundle-unreadable, and what chain and store throw */
export async function readCovered({ kernel, store, ledger, escrow, recomputation }: CoveredParameters, firstRound: number, lastRound: number): Promise<Covered> {
  const { federation } = ledger;

  async function configAt(round: number) {
    const facts = (await readPart(kernel, federation, [round])).rounds.find((known) => known.round === round);
    if (facts === undefined) throw protocolError("bundle-unreadable", `The endpoint does not know round ${round} of federation ${federation}.`);
    return facts.configHash;
  }

  /** The final rounds, recomputed once more from what the chain names: whoever reported them. */
  async function verified(): Promise<VerifiedRound[]> {
    const scored: VerifiedRound[] = [];
    for (let round = firstRound; round <= lastRound; round++) {
      const facts = await readPart(kernel, federation, [round]);
      const recorded = facts.rounds.find((known) => known.round === round);
      const parent = recorded === undefined ? null : await ledger.report(recorded.parentRound);
      if (recorded === undefined || recorded.report === null || recorded.state !== "Final" || parent === null) continue;
      const expected = roundExpectations(facts, recorded, recorded.report, await ledger.model(parent));
      const found = expected && (await recomputation.verify(await store.open(recorded.report.artefact, { label: `round ${round}` }), expected, escrow));
      const hidden = found?.unread.find(({ error }) => error === null || isKeyMissing(error));
      if (hidden !== undefined) throw keyMissing(hidden.error?.message ?? `The updates of round ${round} are encrypted, and this operator has no key to them.`);
      if (!found?.ok || found.scored === null) throw protocolError("evidence-invalid", `The bundle of round ${round} of federation ${federation} does not say what the ledger does.`);
      scored.push(found.scored);
    }
    return scored;
  }

  async function membersBefore(): Promise<Uint8Array> {
    const { settlements } = await readPart(kernel, federation, []);
    const before = settlements.findLast(({ state }) => state === "Final");
    if (before === undefined) return new Uint8Array();
    const members = await (await store.open(before.artefact, { label: `settlement ${before.index}` })).read(SETTLEMENT_FILES.members);
    if (members.length % MEMBER_BYTES !== 0) throw protocolError("bundle-unreadable", `The member table of settlement ${before.index} is cut short.`);
    return members;
  }

  const scored = await verified();
  const { scoringId, termsHash } = await ledger.config(await configAt(scored.at(-1)?.round ?? lastRound));
  return { scored, previousMembers: await membersBefore(), scoringId, termsHash };
}
