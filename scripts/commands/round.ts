import { formatEther } from "viem";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { iso } from "../output/time.ts";
import { readFreeze } from "./council.ts";
import { openLedger, usage, type LedgerOptions } from "./context.ts";

/** Says what the chain holds of one round, or of all. */
export async function showRounds(number: number | undefined, options: LedgerOptions, { out }: Streams): Promise<number> {
  const { kernel } = await openLedger(options);
  const frozenUntil = await readFreeze(kernel, options.federation);
  const facts = await readFacts(kernel, options.federation);
  const rounds = facts.rounds.filter(({ round }) => number === undefined || round === number);
  if (number !== undefined && rounds.length === 0) throw usage(`Federation ${options.federation} has no round ${number}.`, `It has rounds 1 to ${facts.rounds.length}.`);
  if (options.json) {
    out.write(envelope(true, { federation: facts.federation, frozenUntil, rounds, settlements: facts.settlements }));
    return EXIT.ok;
  }
  if (frozenUntil !== null) out.write(`FROZEN by the ethics council until ${iso(frozenUntil)}: nothing is sealed, reported or final before that.\n`);
  out.write("round  state     hospitals  extends  report hash                                                         \n");
  for (const { round, state, accepted, entries, parentRound, report } of rounds) {
    const hospitals = accepted === entries ? String(accepted) : `${accepted} of ${entries}`;
    out.write(`${String(round).padStart(5)}  ${state.padEnd(8)}  ${hospitals.padStart(9)}  ${String(parentRound).padStart(7)}  ${report?.reportHash ?? "-"}\n`);
    if (state === "Reported") out.write(`       unchallenged until ${iso(await kernel.rounds.read.deadlineOf([options.federation, round]))}\n`);
    if (number !== undefined && report !== null) {
      out.write(`\n       model root    ${report.modelRoot}\n       metrics hash  ${report.metricsHash}\n       artefact      ${report.artefact}\n`);
    }
  }
  for (const { index, state, firstRound, lastRound, distributed } of facts.settlements) {
    out.write(`settlement ${index}: rounds ${firstRound}–${lastRound}, ${formatEther(distributed)} SHU, ${state}\n`);
  }
  return EXIT.ok;
}
