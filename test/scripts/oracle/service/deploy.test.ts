// What is shipped around the service says what the service says: metrics in alerts and dashboard exist, and what matters is shown.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { createMetrics } from "../../../../scripts/oracle/service/metrics.ts";
import { createReadiness } from "../../../../scripts/oracle/service/readiness.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..", "..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const alerts = read("deploy/oracle/alerts.yml");
const dashboard = read("deploy/oracle/grafana.json");
const runbook = read("docs/runbooks/oracle.md");
const metrics = () => createMetrics({ readiness: createReadiness(), federations: [1], quota: 100, now: () => 1_000 });
const namesIn = (text: string): Set<string> => new Set([...text.matchAll(/\b(?:chongwen_oracle|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name));

describe("what is shipped around an oracle's service", () => {
  it("names no metric that does not exist, in alerts, dashboard and runbook", () => {
    const known = new Set(metrics().names());
    assert.ok(namesIn(alerts).size > 10);
    for (const text of [alerts, dashboard, runbook]) {
      const named = namesIn(text);
      assert.deepEqual([...named].filter((name) => !known.has(name)), []);
    }
  });

  it("shows every metric of its own on the dashboard", () => {
    const shown = namesIn(dashboard);
    const own = metrics().names().filter((name) => name.startsWith("chongwen_oracle_"));
    assert.ok(own.length >= 18);
    assert.deepEqual(own.filter((name) => !shown.has(name)), []);
  });

  it("explains every alert in the runbook, and none that is gone", () => {
    const named = [...alerts.matchAll(/- alert: (\w+)/g)].map((match) => match[1]);
    assert.ok(named.length > 10);
    const explained = [...runbook.matchAll(/^\| `(Oracle\w+)` \|/gm)].map((match) => match[1]);
    assert.deepEqual(explained.toSorted(), named.toSorted());
    assert.deepEqual([...alerts.matchAll(/expr: (.+)$/gm)].length, named.length);
  });

  it("has a test of every alert: that it fires, and that it is silent in normal running", () => {
    const tests = read("deploy/oracle/alerts.test.yml");
    for (const [, name = ""] of alerts.matchAll(/- alert: (\w+)/g)) {
      assert.ok(tests.includes(`alertname: ${name}, exp_alerts: [] }`), `${name} is silent`);
      assert.ok(tests.includes(`alertname: ${name}\n        exp_alerts:\n          - exp_labels`), `${name} fires`);
    }
    const known = new Set(metrics().names());
    assert.deepEqual([...namesIn(tests)].filter((name) => !known.has(name)), []);
  });

  it("uses labels in alerts that the metrics have", async () => {
    const made = metrics();
    made.endpoint("a.example", "contradicted");
    made.outbox("forfeited");
    made.observer.peerAnswered?.("0x00000000000000000000000000000000000000aa", "silent");
    made.observer.signed?.("Seal", false);
    made.observer.requestRefused?.("disk-full");
    made.watch({ holds: () => ({ bundles: [{ federation: 1, state: "waiting", count: 2 }], queueBytes: 7, frozen: [1] }) });
    const { text } = await made.scrape();
    const has = (line: string) => assert.ok(text.split("\n").includes(line), `${line} is not in\n${text}`);
    has('chongwen_oracle_endpoint_problems_total{endpoint="a.example",what="contradicted"} 1');
    has('chongwen_oracle_transactions_total{event="forfeited"} 1');
    has('chongwen_oracle_transactions_total{event="replaced"} 0');
    has('chongwen_oracle_peer_answers_total{peer="0x00000000000000000000000000000000000000aa",answer="silent"} 1');
    has('chongwen_oracle_signatures_total{kind="Seal",result="refused"} 1');
    has('chongwen_oracle_bundles{federation="1",state="waiting"} 2');
    has('chongwen_oracle_rounds_total{federation="1",step="reported"} 0');
    has('chongwen_oracle_requests_refused_total{code="disk-full"} 1');
    has('chongwen_oracle_requests_refused_total{code="disk-failing"} 0');
    has('chongwen_oracle_failures_total{where="recording",code="disk-full"} 0');
    has('chongwen_oracle_frozen{federation="1"} 1');
    has("chongwen_oracle_queue_bytes 7");
    has("chongwen_oracle_queue_quota_bytes 100");
    has("chongwen_oracle_ready 0");
  });

  it("is a dashboard that Grafana reads: panels beside each other, each with a query", () => {
    const { panels } = JSON.parse(dashboard) as { panels: { id: number; title: string; gridPos: { x: number; y: number; w: number; h: number }; targets: { expr: string }[] }[] };
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const { title, targets, gridPos } of panels) {
      assert.ok(targets.length > 0 && targets.every(({ expr }) => expr.includes("$instance")), title);
      assert.ok(gridPos.x + gridPos.w <= 24, title);
    }
  });

  it("is a unit and a container that run the command, unprivileged, and stop it as it wants to be", () => {
    const unit = read("deploy/oracle/chongwen-oracle.service");
    assert.match(unit, /^ExecStart=.* oracle --config /m);
    const options = /^Environment=NODE_OPTIONS=(.+)$/m.exec(unit)?.[1] ?? assert.fail("no options for Node");
    for (const file of ["deploy/oracle/Containerfile", "bench/oracle/service.ts"]) assert.ok(read(file).includes(options), `${file} does not say ${options}`);
    for (const rule of ["NoNewPrivileges=yes", "ProtectSystem=strict", "DynamicUser=yes", "CapabilityBoundingSet=", "LoadCredential=operator-password:/etc/chongwen-oracle/operator-password"]) assert.ok(unit.split("\n").includes(rule), rule);
    const example = JSON.parse(read("deploy/oracle/oracle.example.json")) as { limits: { graceSeconds: number }; monitor: { port: number } };
    const patience = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
    assert.ok(patience > example.limits.graceSeconds);
    // Neither keys of local runs nor what was installed for another machine gets into an image.
    const ignored = read(".dockerignore").split("\n");
    for (const place of [".git", ".chongwen", "**/node_modules", "**/.env*"]) assert.ok(ignored.includes(place), place);
    const container = read("deploy/oracle/Containerfile");
    assert.match(container, /^USER 10001:10001$/m);
    assert.ok(container.includes(`127.0.0.1:${example.monitor.port}/health`));
  });
});
