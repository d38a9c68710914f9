import type { OracleObserver } from "../observer.ts";
import type { Checkpoints } from "./checkpoint.ts";
import type { Log } from "./logs.ts";

export interface ObserveParameters {
  readonly log: Log;
  readonly metrics: Partial<OracleObserver>;
  readonly checkpoints: Pick<Checkpoints, "final">;
  readonly turned: () => void;
}

/** Tells logs, metrics and checkpoints what the oracle does. */
export function observe({ log, metrics, checkpoints, turned }: ObserveParameters): Partial<OracleObserver> {
  const intake = log.child({ module: "intake" });
  const rounds = log.child({ module: "rounds" });
  const signing = log.child({ module: "signing" });
  return {
    bundleReceived(event) {
      metrics.bundleReceived?.(event);
      intake.info(event, "bundle received");
    },
    bundleRefused(event) {
      metrics.bundleRefused?.(event);
      intake.warn(event, "bundle refused");
    },
    roundSealed(event) {
      metrics.roundSealed?.(event);
      rounds.info(event, "round sealed");
    },
    roundReported(event) {
      metrics.roundReported?.(event);
      rounds.info(event, "round reported");
    },
    roundFinal(event) {
      metrics.roundFinal?.(event);
      checkpoints.final(event);
      rounds[event.earlier ? "debug" : "info"](event, "round final");
    },
    settled(event) {
      metrics.settled?.(event);
      rounds.info(event, `settlement ${event.step}`);
    },
    requestRefused(code) {
      metrics.requestRefused?.(code);
      log.debug({ module: "intake", code }, "request refused");
    },
    failed(where, code) {
      metrics.failed?.(where, code);
      // Its message was a warning already.
      log.debug({ module: "oracle", where, code }, "failed");
    },
    signed(kind, ok) {
      metrics.signed?.(kind, ok);
      signing[ok ? "info" : "warn"]({ kind }, ok ? "signed" : "refused to sign");
    },
    peerAnswered(peer, answer) {
      metrics.peerAnswered?.(peer, answer);
      log[answer === "signed" || answer === "later" ? "debug" : "warn"]({ module: "peers", peer, answer }, "peer answered");
    },
    turned,
  };
}
