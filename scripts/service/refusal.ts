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
  "login-refused": { status: 401, fix: "Ask for a new nonce and sign a fresh message for this page or service, its chain and the present time.", retryable: false },
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
  "token-refused": { status: 401, fix: "Send the oracle's token, which whoever runs it has, or that of a session: `Authorization: Bearer …`. Sessions end: sign in again.", retryable: false },
  "role-refused": { status: 403, fix: "Sign in with an account that may do it: docs/adapters.md, “Signing in”, says which may what.", retryable: false },
  "federation-not-served": { status: 404, fix: "Ask the oracle that serves this federation, or have its operator add it.", retryable: false },
  "round-not-open": { status: 409, fix: "Ask again once the round is reported.", retryable: true },
  "round-not-reported": { status: 404, fix: "Ask again once the round is reported.", retryable: true },
  "bundle-unknown": { status: 404, fix: "Hand the bundle over: PUT its files, then POST.", retryable: false },
  "bundle-incomplete": { status: 422, fix: "PUT what is missing, as long as the manifest says, then POST again.", retryable: false },
  "bundle-digest-wrong": { status: 422, fix: "Hand it over again from the beginning, under the digest of its directory (docs/adapters.md).", retryable: false },
  "bundle-foreign": { status: 422, fix: "Hand it to an oracle of the chain, ledger and federation that its manifest names.", retryable: false },
  "bundle-wrong": { status: 422, fix: "Build the round again from what the sites sent; docs/protocol.md, “Round bundle”, says how.", retryable: false },
  "file-refused": { status: 400, fix: "Send only files of the format, under the paths that the manifest lists.", retryable: false },
  "file-too-large": { status: 413, fix: "Send the file as the format wants it: N lanes, no header, no padding.", retryable: false },
  "intake-full": { status: 507, fix: "Wait until earlier bundles are recorded, or ask the oracle's operator for more room.", retryable: true },
  "disk-full": { status: 507, fix: "Try again later. Whoever runs the service makes room on its disk; then it goes on by itself.", retryable: true },
  "disk-failing": { status: 503, fix: "Try again later. Whoever runs the service looks at its disk: the system's log says what is wrong with it.", retryable: true },
  "entry-forged": { status: 422, fix: "Leave the entry out: only a signature by its seat's key counts.", retryable: false },
  "entry-dropped": { status: 422, fix: "Tell the site why; the round went on without it.", retryable: false },
  "federation-frozen": { status: 409, fix: "Wait; nothing is lost. The round goes on when the freeze is over or lifted.", retryable: true },
  "parent-replaced": { status: 409, fix: "Take up the model that the oracle names for the parent's round, and train the round again on it.", retryable: false },
  "configuration-replaced": { status: 409, fix: "Fetch the open round again and train it under the new configuration.", retryable: false },
  "round-taken": { status: 409, fix: "Take up the model that was reported, and go on with the next round.", retryable: false },
  "round-void": { status: 409, fix: "Fetch the open round and train that one; a void round is not paid.", retryable: false },
  "round-not-kept": { status: 410, fix: "Fetch the open round; hand over what extends it.", retryable: false },
  "too-few-contributors": { status: 422, fix: "Hand over the round again with more sites that can take part; the open round lists them.", retryable: false },
  "too-many-missing": { status: 422, fix: "Hand over the round again without the entries whose updates never came.", retryable: false },
  "peer-refused": { status: 401, fix: "Sign the request with the operator's key, for the operator that is asked (docs/operators.md).", retryable: false },
  "peer-clock": { status: 401, fix: "Set the clocks of both machines (NTP).", retryable: true },
  "peer-unknown": { status: 403, fix: "Have governance form an epoch with this operator, or stop its service.", retryable: false },
  "peer-replayed": { status: 409, fix: "Sign a new request, with a nonce of its own.", retryable: false },
  "peer-busy": { status: 429, fix: "Nothing: it is asked again by itself.", retryable: true },
  "statement-early": { status: 409, fix: "Nothing: it is asked again once both see the same chain.", retryable: true },
  "statement-refused": { status: 422, fix: "Do not submit it: recompute it from the bundle and the chain.", retryable: false },
  "payload-missing": { status: 409, fix: "Nothing: the bundle is fetched from peers, then it can be asked again. If it lasts, look at what the bundle's aggregator handed over.", retryable: true },
  "relay-empty": { status: 503, fix: "Ask the relay's operator to send it coins.", retryable: true },
} as const satisfies Record<string, { status: number; fix: string; retryable: boolean }>;

export type RefusalCode = keyof typeof REFUSALS;
/** How HTTP calls each. */
export const REFUSAL_STATUS = Object.fromEntries(Object.entries(REFUSALS).map(([code, { status }]) => [code, status])) as Readonly<Record<RefusalCode, number>>;
export const SERVICE_ERROR_CODES = Object.keys(REFUSALS) as readonly RefusalCode[];

export class Refused extends ChongwenError {
  readonly status: (typeof REFUSALS)[RefusalCode]["status"];

  constructor(code: RefusalCode, message: string, cause?: unknown) {
    super({ code, message, fix: REFUSALS[code].fix, retryable: REFUSALS[code].retryable, docs: "docs/errors.md", cause });
    this.status = REFUSALS[code].status;
  }
}
