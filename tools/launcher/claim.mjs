// Only one launcher installs at a time. The claim is a directory, because creating one is atomic everywhere; its owner
// touches it every second, so a claim whose owner was killed is recognised by its age and taken over.
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const BEAT_MS = 1_000;
const STALE_MS = 15_000;

/** Waits until the claim is ours, or until `done` says there is nothing left to do.
 *  @param {string} directory
 *  @param {{done: () => boolean, waiting?: () => void, staleAfter?: number}} options
 *  @returns {Promise<(() => void) | undefined>} releases the claim and deletes the directory; undefined when done */
export async function claim(directory, { done, waiting, staleAfter = STALE_MS }) {
  let announced = false;
  for (;;) {
    if (create(directory)) {
      const release = keep(directory);
      if (!done()) return release;
      release(); // Somebody finished between our look and our claim.
      return undefined;
    }
    if (done()) return undefined;
    if (age(directory) > staleAfter) {
      discard(directory);
      continue;
    }
    if (!announced) waiting?.();
    announced = true;
    await sleep(200 + Math.random() * 300); // Uneven, so that two waiters do not move in step.
  }
}

/** @param {string} directory */
function create(directory) {
  try {
    fs.mkdirSync(directory);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} directory */
function keep(directory) {
  const beat = setInterval(() => {
    try {
      fs.utimesSync(directory, new Date(), new Date());
    } catch {
      // Gone: somebody judged us dead. What we are doing is still harmless, see install.mjs.
    }
  }, BEAT_MS);
  beat.unref();
  return () => {
    clearInterval(beat);
    remove(directory);
  };
}

/** @param {string} directory */
function age(directory) {
  try {
    return Date.now() - fs.statSync(directory).mtimeMs;
  } catch {
    return 0; // Released this instant; the next attempt to create it decides.
  }
}

/** Moved aside first: the move is atomic, so of several waiters only one deletes.
 *  @param {string} directory */
function discard(directory) {
  const aside = `${directory}.${process.pid}`;
  try {
    fs.renameSync(directory, aside);
  } catch {
    return; // Another waiter was quicker.
  }
  remove(aside);
}

/** @param {string} directory */
function remove(directory) {
  try {
    fs.rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // A killed owner's npm may still be writing there. What stays is stale, and goes with the next claim.
  }
}
