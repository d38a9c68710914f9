import { ChongwenError } from "../../protocol/errors.ts";

/** Everything that a service refuses: how HTTP calls it, and what the asker can do. */
const REFUSALS = {
  "origin-refused": { status: 403, fix: "Open the page from an address that the service's operator has allowed (--origin).", retryable: false },
  "host-refused": { status: 421, fix: "Ask the service by the address that its operator published.", retryable: false },
  "request-invalid": { status: 400, fix: "Update the page or program that sent it.", retryable: false },
  "request-too-large": { status: 413, fix: "Send less.", retryable: false },
  "too-many-requests": { status: 429, fix: "Wait a little, then go on.", retryable: true },
  "nothing-there": { status: 404, fix: "Check the address.", retryable: false },
  "ledger-silent": { status: 503, fix: "Try again when the chain's endpoint answers.", retryable: true },
  "signature-refused": { status: 401, fix: "Sign it with the account that it names, on the ledger that it names.", retryable: false },
  "login-needed": { status: 401, fix: "Log in again: sessions end, and a restart of the custodian's server ends them all.", retryable: false },
  "login-refused": { status: 401, fix: "Ask for a new nonce and sign a fresh message for this page and this custodian.", retryable: false },
  "not-admitted": { status: 403, fix: "Log in with a contributor's key or the account that holds a library card, or ask the custodian to list the account.", retryable: false },
  "tier-refused": { status: 403, fix: "Ask the custodian to admit the account to this tier.", retryable: false },
  "not-your-task": { status: 403, fix: "Ask for the next pictures and answer those.", retryable: false },
  "answer-refused": { status: 422, fix: "Reload the page: it will build the answer from the present task set.", retryable: false },
  "answer-given": { status: 409, fix: "Revise the answer instead, where the tier allows it.", retryable: false },
  "answer-final": { status: 409, fix: "A verification cannot be changed: its agreement has been told.", retryable: false },
  "picture-withheld": { status: 410, fix: "Go on with the next one: a reader recognised a person, or the file is damaged.", retryable: false },
  "set-closed": { status: 409, fix: "Look at the receipts; nothing is added to a closed set.", retryable: false },
  "model-unknown": { status: 422, fix: "Name the federation, round and model root that the ledger has.", retryable: false },
  "feedback-given": { status: 409, fix: "One verdict an input and account; try another input.", retryable: false },
  "day-is-full": { status: 429, fix: "Come back tomorrow.", retryable: true },
  "not-our-account": { status: 403, fix: "Join with an invitation first; this relay pays for accounts of this ledger alone.", retryable: false },
  "not-covered": { status: 403, fix: "Send it from a wallet, or ask the relay's operator to cover it; GET /budget lists what is covered.", retryable: false },
  "would-fail": { status: 422, fix: "Read the reason, put it right, and sign again.", retryable: false },
  "turn-taken": { status: 409, fix: "Wait until the earlier action is in a block, then sign again.", retryable: true },
  "relay-too-large": { status: 422, fix: "Split it into smaller actions, or send it from a wallet.", retryable: false },
  "relay-exhausted": { status: 429, fix: "Come back tomorrow, or ask the relay's operator for a larger budget.", retryable: true },
  "relay-too-dear": { status: 503, fix: "Try again when the chain is cheaper.", retryable: true },
  "relay-empty": { status: 503, fix: "Ask the relay's operator to send it coins.", retryable: true },
} as const satisfies Record<string, { status: number; fix: string; retryable: boolean }>;

export type RefusalCode = keyof typeof REFUSALS;
export const SERVICE_ERROR_CODES = Object.keys(REFUSALS) as readonly RefusalCode[];

export class Refused extends ChongwenError {
  readonly status: (typeof REFUSALS)[RefusalCode]["status"];

  constructor(code: RefusalCode, message: string, cause?: unknown) {
    super({ code, message, fix: REFUSALS[code].fix, retryable: REFUSALS[code].retryable, docs: "docs/errors.md", cause });
    this.status = REFUSALS[code].status;
  }
}
