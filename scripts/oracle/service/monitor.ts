import { Hono } from "hono";
import type { Readiness } from "./readiness.ts";

export interface MonitorParameters {
  readonly readiness: Readiness;
  /** Seconds since a worker last looked at anything; null before the first. */
  readonly idle: () => number | null;
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** Longer than any pause between two tries, and than the largest round takes to recompute. */
const STUCK = 1_800;

/** What supervisors and Prometheus ask, on a port that is not published. Nothing in it is secret, and nothing in it changes anything. */
export function createMonitorApp({ readiness, idle, metrics }: MonitorParameters): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
    context.header("x-content-type-options", "nosniff");
  });
  app.get("/health", (context) => {
    const seconds = idle();
    const stuck = seconds !== null && seconds > STUCK;
    return context.json({ alive: !stuck, idleSeconds: seconds === null ? null : Math.round(seconds) }, stuck ? 503 : 200);
  });
  app.get("/ready", (context) => {
    const problems = readiness.problems();
    return context.json({ ready: problems.length === 0, problems }, problems.length === 0 ? 200 : 503);
  });
  app.get("/metrics", async (context) => {
    const { type, text } = await metrics();
    return context.body(text, 200, { "content-type": type });
  });
  return app;
}
