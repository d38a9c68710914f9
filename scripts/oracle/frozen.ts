/** Whether the ethics council has stopped a bundle's federation: it then waits, and its status says why and until when. */
import { chainTime } from "../chain/clock.ts";
import type { Kernel } from "../chain/kernel.ts";
import { Refused } from "../service/refusal.ts";
import type { Held, OracleJournal } from "./journal.ts";

/** Why bundles of a frozen federation wait. */
export const FROZEN = "federation-frozen";

/** Keeps the note in the journal as the chain has it; a note that stays true of the round (an entry was left out) is never written over. */
export function createFreezeWatch({ client, rounds }: Pick<Kernel, "client" | "rounds">, journal: Pick<OracleJournal, "change">): (held: Held) => Promise<boolean> {
  return async ({ federation, bundle, problem }) => {
    const until = await rounds.read.frozenUntil([federation]);
    const frozen = until !== 0 && until > (await chainTime(client));
    if (!frozen && problem?.code === FROZEN) journal.change(bundle, { problem: null });
    if (!frozen || problem?.code === "entry-dropped") return frozen;
    const { code, message, fix } = new Refused(FROZEN, `The ethics council has stopped federation ${federation} until ${new Date(1000 * until).toISOString()}.`);
    if (problem?.message !== message) journal.change(bundle, { problem: { code, message, fix } });
    return true;
  };
}
