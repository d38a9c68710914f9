// Feeds are read by programs that nobody here has seen: a proposal's text must stay text in all of them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contractNames, type Deployment } from "../../../protocol/deployment.ts";
import { governanceFeeds, icsOf, rssOf, type FeedEntry } from "../../../scripts/serve/feeds.ts";

const deployment = {
  format: "chongwen-deployment", version: 1, chainId: 31_337, rpcUrl: "http://127.0.0.1:8545", fromBlock: 0n,
  contracts: Object.fromEntries(contractNames.map((name, i) => [name, `0x${(i + 1).toString(16).padStart(40, "0")}`])),
} as Deployment;
const place = { page: "http://127.0.0.1:8080", deployment, language: "en" } as const;
const entry: FeedEntry = {
  id: 123n, number: 4, state: "Active", acts: ["Approve dataset 2 on the terms that its custodian proposed."], words: "Because.", differs: false,
  proposedAt: 1_700_000_000, opens: 1_700_000_001, closes: 1_700_000_601, executable: 1_700_000_700,
};
const HOSTILE = "]]></description><script>alert(1)</script>]]><item>\u0000\u202E\uFFFE<b onclick='x'>&amp;\r\nEND:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:forged;,\\";

/** Text outside of CDATA sections, after checking that they are balanced. */
function structureOf(xml: string): string {
  const outside = xml.replaceAll(/<!\[CDATA\[[\s\S]*?\]\]>/g, "");
  assert.doesNotMatch(outside, /CDATA|\]\]>/);
  return outside;
}

describe("the governance feed", () => {
  it("tells what a proposal does, and links to it", () => {
    const xml = rssOf([entry], place);
    assert.match(xml, /Proposal 4: Approve dataset 2 on the terms that its custodian proposed\./);
    assert.match(xml, /http:\/\/127\.0\.0\.1:8080\/#\/governance\/proposal\/123/);
    assert.match(xml, /open for votes/);
  });

  it("keeps hostile proposal text from becoming markup, items or sections", () => {
    const xml = rssOf([{ ...entry, acts: [HOSTILE], words: HOSTILE.repeat(3), differs: true }], place);
    const structure = structureOf(xml);
    assert.equal(structure.match(/<item>/g)?.length, 1);
    assert.doesNotMatch(xml, /<script|<b onclick/);
    assert.doesNotMatch(xml, /(?![\t\n\r])[\p{Cc}\p{Cf}\ufffe\uffff]/u);
    assert.match(xml, /Warning: its description says something else/);
  });

  it("says a new state as news", () => {
    const guids = (["Active", "Executed"] as const).map((state) => /<guid[^>]*>([^<]*)</.exec(rssOf([{ ...entry, state }], place))?.[1]);
    assert.notEqual(guids[0], guids[1]);
  });
});

describe("the governance calendar", () => {
  const unfolded = (ics: string): string[] => ics.replaceAll("\r\n ", "").split("\r\n");

  it("has the vote and the moment from which it can be carried out", () => {
    const lines = unfolded(icsOf([entry], place));
    assert.equal(lines.filter((line) => line === "BEGIN:VEVENT").length, 2);
    assert.ok(lines.includes("DTSTART:20231114T221321Z"));
    assert.ok(lines.includes("DTEND:20231114T222321Z"));
  });

  it("keeps hostile proposal text from forging events", () => {
    const lines = unfolded(icsOf([{ ...entry, acts: [HOSTILE], words: HOSTILE }], place));
    assert.equal(lines.filter((line) => line === "BEGIN:VEVENT").length, 2);
    assert.equal(lines.filter((line) => line.startsWith("SUMMARY:forged")).length, 0);
    assert.ok(lines.every((line) => !line.includes("\n") && !line.includes("\r")));
  });
});

describe("the feeds' server", () => {
  it("says so when the chain does not answer, and asks again afterwards", async () => {
    let asked = 0;
    const away = { getBlock: () => Promise.reject(new Error(`away ${++asked}`)) } as never;
    const app = governanceFeeds(deployment, away);
    assert.equal((await app.request("/governance.xml")).status, 503);
    assert.equal((await app.request("/governance.ics")).status, 503);
    assert.equal(asked, 2);
  });

  it("asks the chain once for many readers", async () => {
    let asked = 0;
    const client = { getBlock: async () => (asked++, { number: 9n }), getContractEvents: async () => [] } as never;
    const app = governanceFeeds(deployment, client);
    for (const path of ["/governance.xml", "/governance.ics", "/governance.xml"]) {
      const answer = await app.request(path);
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get("content-type") ?? "", path.endsWith("ics") ? /text\/calendar/ : /rss\+xml/);
    }
    assert.equal(asked, 1);
  });
});
