import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { Refused } from "../../service/refusal.ts";

export interface Nonces {
  readonly seconds: number;
  make(): { readonly nonce: string; readonly expiresAt: number };
  /** Whether it was made here, is not too old and was never spent. */
  holds(nonce: string): boolean;
  /** @returns False when somebody was first. @throws too-many-requests when more were spent than are remembered: none is ever forgotten while it holds */
  spend(nonce: string): boolean;
}

const RANDOM_BYTES = 16;
const MAC_BYTES = 16;
const FORM = /^[0-9a-f]{72}$/;

/**
 * Nonces that carry their own end and a keyed hash, so making one costs no memory: whoever asks for a million crowds out nobody. Only spent ones are remembered,
 * until they end. The key lives as long as the process.
 */
export function createNonces(now: () => number, { seconds = 300, most = 10_000 } = {}): Nonces {
  const key = randomBytes(32);
  const spent = new Map<string, number>();
  const mac = (body: string): Buffer => createHmac("sha256", key).update(body).digest().subarray(0, MAC_BYTES);
  const endOf = (nonce: string): number => Number.parseInt(nonce.slice(0, 8), 16);

  function holds(nonce: string): boolean {
    if (!FORM.test(nonce)) return false;
    const body = nonce.slice(0, -2 * MAC_BYTES);
    return timingSafeEqual(mac(body), Buffer.from(nonce.slice(body.length), "hex")) && endOf(nonce) >= now() && !spent.has(nonce);
  }

  return {
    seconds,
    make() {
      const expiresAt = Math.floor(now()) + seconds;
      const body = expiresAt.toString(16).padStart(8, "0") + randomBytes(RANDOM_BYTES).toString("hex");
      return { nonce: body + mac(body).toString("hex"), expiresAt };
    },
    holds,
    spend(nonce) {
      if (!holds(nonce)) return false;
      if (spent.size >= most) for (const [known, end] of spent) if (end < now()) spent.delete(known);
      if (spent.size >= most) throw new Refused("too-many-requests", "Too many sign in at the moment.");
      spent.set(nonce, endOf(nonce));
      return true;
    },
  };
}
