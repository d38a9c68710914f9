import { ChongwenError } from "../../protocol/errors.ts";

/** Several operators may do the same thing at once; the ledger takes it once. */
export class AlreadyDone extends ChongwenError {
  constructor(what: string, cause?: unknown) {
    super({ code: "done-already", message: `Another operator was first: ${what}.`, fix: "Nothing: go on from what stands on chain.", retryable: true, cause });
  }
}

/**
 * Collects signatures and sends, and asks the chain what happened when that fails: others sign nothing for which they see it is too late.
 * @param done What another did in the meantime, in words; null when it is still to be done. @throws AlreadyDone, or what sending threw
 */
export async function sendOnce<Sent>(send: () => Promise<Sent>, done: () => Promise<string | null>): Promise<Sent> {
  try {
    return await send();
  } catch (error) {
    // An endpoint that does not answer says nothing about others.
    const what = await done().catch(() => null);
    throw what === null ? error : new AlreadyDone(what, error);
  }
}
