// Alerts and dashboard in a real Prometheus that scrapes a real oracle. CHONGWEN_PROMETHEUS names the program; `.ci/run` fetches it where that is possible (tools/ci/prometheus.ts).
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { freePorts } from "../../../../scripts/flower/processes/ports.ts";
import { makeBundle } from "../aggregator.ts";
import { ask, handOver, reach, startOracleWorld, TOKEN, type OracleWorld } from "../support.ts";
import { spawnService, writeConfig, writeDeployment, type ServiceProcess } from "./process.ts";

const binary = process.env["CHONGWEN_PROMETHEUS"];
const shipped = path.resolve(import.meta.dirname, "..", "..", "..", "..", "deploy", "oracle");
/** Scrapes after which rates and increases have something to go by. */
const SCRAPES = 10;

const answerSchema = z.object({ status: z.literal("success"), data: z.unknown() });
const rulesSchema = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), query: z.string(), state: z.string(), health: z.string(), lastError: z.string().optional() })) })) });
const resultSchema = z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })) });
const dashboardSchema = z.object({ panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })) });

const namesIn = (text: string): string[] => [...text.matchAll(/\b(?:chongwen_oracle|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);

describe("a real Prometheus", { skip: binary === undefined && "NOT RUN against a real Prometheus: CHONGWEN_PROMETHEUS is not set" }, () => {
  let there: OracleWorld;
  const started: { service?: ServiceProcess; prometheus?: ChildProcess } = {};
  let api: string;
  before(async () => {
    there = await startOracleWorld();
    const { dir, kernel, storeDir } = there.world;
    const at = (name: string) => path.join(dir, name);
    await writeFile(at("token"), `${TOKEN}\n`, { mode: 0o600 });
    const service = spawnService(await writeConfig(at("service"), await writeDeployment(at("deployment.json"), kernel.deployment), { tokenFile: at("token"), store: { dir: storeDir }, endpoints: { urls: [kernel.rpcUrl] } }));
    started.service = service;
    const { url, monitor } = await service.says("serving");
    const [port = 0] = await freePorts(1);
    api = `http://127.0.0.1:${port}/api/v1`;
    await writeFile(at("prometheus.yml"), JSON.stringify({
      global: { scrape_interval: "500ms", evaluation_interval: "1s" },
      rule_files: [path.join(shipped, "alerts.yml")],
      scrape_configs: [{ job_name: "chongwen-oracle", static_configs: [{ targets: [new URL(String(monitor)).host] }] }],
    }));
    const prometheus = spawn(binary ?? "", [`--config.file=${at("prometheus.yml")}`, `--storage.tsdb.path=${at("tsdb")}`, `--web.listen-address=127.0.0.1:${port}`], { stdio: "ignore" });
    started.prometheus = prometheus;
    await until(async () => (await query("up")).length > 0);
    // One round, and one who may not.
    const open = await there.open(String(url));
    const made = await makeBundle(open, await there.model(String(url), open.parent.round), there.sites);
    await handOver(String(url), made);
    await until(async () => (await reach(String(url), made.digest, "reported", "refused")).state === "reported");
    await ask(String(url), "/v1/federations/1/round", { token: null });
    const scraped = async () => Number((await query('sum_over_time(up{job="chongwen-oracle"}[10m])'))[0]?.value[1] ?? 0);
    const before = await scraped();
    await until(async () => (await scraped()) >= before + SCRAPES);
  });
  after(async () => {
    started.prometheus?.kill();
    // Not killed outright: the launcher would leave its child behind.
    started.service?.child.kill();
    await started.service?.exited;
    await there.close();
  });

  async function get<Schema extends z.ZodType>(route: string, schema: Schema): Promise<z.output<Schema>> {
    const response = await fetch(`${api}/${route}`);
    const text = await response.text();
    assert.equal(response.status, 200, `${route}: ${text}`);
    return schema.parse(answerSchema.parse(JSON.parse(text)).data);
  }
  const query = async (expression: string) => (await get(`query?query=${encodeURIComponent(expression)}`, resultSchema)).result;
  async function until(condition: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 60_000; ; await sleep(200)) {
      const met = await condition().catch((error: unknown) => {
        if (Date.now() > end) throw error;
        return false;
      });
      if (met) return;
      assert.ok(Date.now() < end, `it never came to pass:\n${started.service?.output() ?? ""}`);
    }
  }

  it("takes every rule, evaluates it without an error, and raises no alarm over an oracle that is well", async () => {
    const rules = (await get("rules", rulesSchema)).groups.flatMap((group) => group.rules);
    assert.equal(rules.length, readFileSync(path.join(shipped, "alerts.yml"), "utf8").split("- alert:").length - 1);
    assert.deepEqual(rules.filter(({ health, lastError }) => health !== "ok" || (lastError ?? "") !== ""), []);
    assert.deepEqual(rules.filter(({ state }) => state === "firing").map(({ name }) => name), []);
  });

  it("evaluates every query of the dashboard, knows every metric in them, and shows what happened", async () => {
    const { panels } = dashboardSchema.parse(JSON.parse(readFileSync(path.join(shipped, "grafana.json"), "utf8")));
    const known = Object.keys(await get("metadata", z.record(z.string(), z.unknown())));
    const empty: string[] = [];
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        assert.deepEqual(namesIn(expr).filter((name) => !known.includes(name)), [], title);
        // As Grafana does with all instances chosen.
        if ((await query(expr.replaceAll("$instance", ".*"))).length === 0) empty.push(title);
      }
    }
    // Only what has not happened here has nothing to show: no settlement, nothing refused or failing, no other operators, no final round.
    const quiet = new Set(["Last final round", "Since the last final round", "Settlements a day", "Answers of other operators an hour", "Endpoints: failures and contradictions an hour", "Bundles received and refused an hour"]);
    assert.deepEqual(empty.filter((title) => !quiet.has(title)), []);
    const value = async (expression: string) => (await query(expression))[0]?.value[1];
    assert.equal(await value('chongwen_oracle_rounds_total{step="reported"}'), "1");
    assert.equal(await value('chongwen_oracle_requests_refused_total{code="token-refused"}'), "1");
    assert.equal(await value("chongwen_oracle_ready"), "1");
  });
});
