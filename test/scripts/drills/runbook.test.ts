// What docs/runbooks/incidents.md tells people to type in an emergency exists, and every step of it is drilled.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { contractAbis } from "../../../protocol/contract-abis.ts";

const root = path.resolve(import.meta.dirname, "..", "..", "..");
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");
const runbook = read("docs/runbooks/incidents.md");
const steps = [...runbook.matchAll(/^\| ([KRPL]\d) \|(.*)$/gm)].map(([, name = "", text = ""]) => ({ name, text }));
const sources = ["scripts/cli.ts", ...fs.globSync("scripts/commands/*.ts", { cwd: root })].map(read).join("\n");

describe("the runbook of incidents", () => {
  it("names commands and options that the command line has", () => {
    const commands = [...runbook.matchAll(/`npx chongwen ([^`]+)`/g)].map(([, text = ""]) => text);
    assert.ok(commands.length >= 12);
    for (const command of commands) {
      const words = command.split(" ");
      const names = words.slice(0, words.findIndex((word) => /^[-<]/.test(word)) < 0 ? words.length : words.findIndex((word) => /^[-<]/.test(word)));
      for (const name of names) assert.match(sources, new RegExp(`command\\(\\s*"${name}"`), `${command}: there is no command ${name}`);
      for (const option of words.filter((word) => word.startsWith("--"))) assert.ok(sources.includes(`"${option} `) || sources.includes(`"${option}"`), `${command}: no command has ${option}`);
    }
  });

  it("names functions that the contracts have", () => {
    const calls = [...runbook.matchAll(/`([A-Z][A-Za-z]+)\.(\w+)`/g)].map(([, contract = "", name = ""]) => ({ contract, name }));
    assert.ok(calls.length >= 10);
    for (const { contract, name } of calls) {
      const key = (contract.charAt(0).toLowerCase() + contract.slice(1)) as keyof typeof contractAbis;
      assert.ok(contractAbis[key]?.some((item) => item.type === "function" && item.name === name), `${contract}.${name}`);
    }
    for (const [, event = ""] of runbook.matchAll(/`([A-Z]\w+(?:Scheduled|Proposed|Started))`/g)) {
      assert.ok(contractAbis.contributors.some((item) => item.type === "event" && item.name === event), event);
    }
  });

  it("has every step carried out by the drills, under its name", () => {
    const drills = read("test/scripts/drills/incidents.long.test.ts");
    assert.ok(steps.length >= 20);
    for (const { name } of steps) assert.match(drills, new RegExp(`\\b${name}\\b`), `no drill carries out ${name}`);
  });
});
