/** What Prometheus is told. deploy/oracle/ has alerts and a dashboard on these names; a test compares them. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { StructName } from "../../../protocol/index.ts";
import type { EndpointNews } from "../../chain/endpoints/agreement.ts";
import type { OutboxParameters } from "../../chain/outbox/outbox.ts";
import type { RefusalCode } from "../../service/refusal.ts";
import type { OracleObserver } from "../observer.ts";
import type { Oracle } from "../oracle.ts";
import type { Readiness } from "./readiness.ts";

export interface Metrics {
  readonly observer: Partial<OracleObserver>;
  readonly outbox: NonNullable<OutboxParameters["happened"]>;
  readonly endpoint: EndpointNews;
  /** What the probes saw. */
  readonly seen: {
    /** From before this start. */
    lastFinal(federation: number, round: number, at: number): void;
    head(number: bigint, lagSeconds: number): void;
    balance(wei: bigint): void;
    room(what: "dir" | "store", bytes: number): void;
    waiting(transactions: number): void;
  };
  /** From now on, each scrape counts what the oracle holds. */
  watch(oracle: Pick<Oracle, "holds">): void;
  scrape(): Promise<{ readonly type: string; readonly text: string }>;
  names(): readonly string[];
}

/** What operators sign. */
const SIGNED = ["Seal", "Report", "SettlementStatement"] satisfies StructName[];
/** What is said of a disk that takes nothing. */
const DISK = ["disk-full", "disk-failing"] satisfies RefusalCode[];
const PREFIX = "chongwen_oracle_";

export interface MetricsParameters {
  readonly readiness: Readiness;
  readonly federations: readonly number[];
  /** Bytes. */
  readonly quota: number;
  /** Seconds. */
  readonly now: () => number;
}

export function createMetrics({ readiness, federations, quota, now }: MetricsParameters): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) => new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) => new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers });

  const received = counter("bundles_received_total", "Whole bundles taken in", "federation");
  const refused = counter("bundles_refused_total", "Bundles that can never be recorded, by reason", "federation", "code");
  const requests = counter("requests_refused_total", "Requests to the intake that were refused or failed, by reason", "code");
  const rounds = counter("rounds_total", "Rounds sealed, reported and final while this process ran", "federation", "step");
  const settlements = counter("settlements_total", "Settlements proposed and final", "federation", "step");
  const failures = counter("failures_total", "Failures of what is tried again", "where", "code");
  const signatures = counter("signatures_total", "Signatures asked of this service's operators", "kind", "result");
  const peers = counter("peer_answers_total", "What became of asking other operators' services", "peer", "answer");
  const transactions = counter("transactions_total", "Transactions sent, replaced at a higher price, sent again after a reorganisation, and forfeited", "event");
  const endpoints = counter("endpoint_problems_total", "Endpoints that failed, or contradicted the others", "endpoint", "what");
  const lastFinal = gauge("last_final_round", "Number of the last final round", "federation");
  const lastFinalAt = gauge("last_final_timestamp_seconds", "When the last round became final, as far as it was seen", "federation");
  const head = gauge("head_block", "Height of the chain");
  const lag = gauge("head_lag_seconds", "How far the chain's last block is behind this machine's clock");
  const balance = gauge("payer_balance_wei", "What the payer has for gas");
  const room = gauge("free_bytes", "Room on the disk of the service's folder and of the store", "what");
  const waiting = gauge("transactions_waiting", "Transactions that no block has yet");
  const bundles = gauge("bundles", "Bundles by state", "federation", "state");
  const frozen = gauge("frozen", "1 while the ethics council has stopped a federation and bundles wait for the end of it", "federation");
  const queue = gauge("queue_bytes", "Bytes received and not recorded yet");
  const quotaBytes = gauge("queue_quota_bytes", "Most of them");
  const ready = gauge("ready", "1 while the service can do its work");
  let watched: Pick<Oracle, "holds"> | null = null;

  quotaBytes.set(quota);
  // Known from the start: of what appears with its first event, nobody sees that it grew.
  for (const event of ["sent", "replaced", "resent", "forfeited"]) transactions.inc({ event }, 0);
  for (const code of DISK) {
    requests.inc({ code }, 0);
    for (const where of ["recording", "following"]) failures.inc({ where, code }, 0);
  }
  for (const kind of SIGNED) for (const result of ["given", "refused"]) signatures.inc({ kind, result }, 0);
  for (const federation of federations) for (const step of ["sealed", "reported", "final"]) rounds.inc({ federation, step }, 0);

  function refresh(): void {
    ready.set(readiness.problems().length === 0 ? 1 : 0);
    if (watched === null) return;
    const held = watched.holds();
    bundles.reset();
    for (const { federation, state, count } of held.bundles) bundles.set({ federation, state }, count);
    for (const federation of federations) frozen.set({ federation }, held.frozen.includes(federation) ? 1 : 0);
    queue.set(held.queueBytes);
  }

  return {
    names: () => registry.getMetricsAsArray().map(({ name }) => name),
    async scrape() {
      refresh();
      return { type: registry.contentType, text: await registry.metrics() };
    },
    outbox: (event) => transactions.inc({ event }),
    endpoint: (endpoint, what) => endpoints.inc({ endpoint, what }),
    observer: {
      bundleReceived: ({ federation }) => received.inc({ federation }),
      bundleRefused: ({ federation, code }) => refused.inc({ federation, code }),
      roundSealed: ({ federation }) => rounds.inc({ federation, step: "sealed" }),
      roundReported: ({ federation }) => rounds.inc({ federation, step: "reported" }),
      roundFinal({ federation, round, earlier }) {
        lastFinal.set({ federation }, round);
        if (earlier) return;
        rounds.inc({ federation, step: "final" });
        lastFinalAt.set({ federation }, now());
      },
      settled: ({ federation, step }) => settlements.inc({ federation, step }),
      requestRefused: (code) => requests.inc({ code }),
      failed: (where, code) => failures.inc({ where, code }),
      signed: (kind, ok) => signatures.inc({ kind, result: ok ? "given" : "refused" }),
      peerAnswered: (peer, answer) => peers.inc({ peer, answer }),
    },
    seen: {
      lastFinal(federation, round, at) {
        lastFinal.set({ federation }, round);
        lastFinalAt.set({ federation }, at);
      },
      head(number, seconds) {
        head.set(Number(number));
        lag.set(seconds);
      },
      balance: (wei) => balance.set(Number(wei)),
      room: (what, bytes) => room.set({ what }, bytes),
      waiting: (count) => waiting.set(count),
    },
    watch: (oracle) => void (watched = oracle),
  };
}
