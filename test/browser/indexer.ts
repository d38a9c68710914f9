import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Route } from "playwright-core";
import { loadHistory, type HistoryEntry } from "../../frontend/src/chain/history-source.ts";
import type { ChainClient } from "../../frontend/src/chain/ledger.ts";
import { assertAccessible } from "./axe.ts";
import type { Visit, World } from "./world.ts";

type Lie = (entries: readonly HistoryEntry[]) => readonly HistoryEntry[];

/** What an indexer answers that knows what the chain says, and may say something else. */
async function answer(world: World, url: URL, lie: Lie): Promise<unknown> {
  const { services: _, ...deployment } = world.deployment();
  const client = world.client() as unknown as ChainClient;
  const { entries, through, throughHash } = await loadHistory({ client, deployment, signal: new AbortController().signal });
  if (url.pathname.endsWith("/status")) {
    const block = Number(through);
    return { chainId: deployment.chainId, ledger: deployment.contracts.rounds, block, blockHash: throughHash, timestamp: 0, headBlock: block, lag: 0 };
  }
  const [from = 0n, to = 0n, start = 0n] = ["from", "to", "cursor"].map((name) => BigInt(url.searchParams.get(name) ?? 0));
  const within = lie(entries).filter(({ blockNumber }) => blockNumber >= from && blockNumber <= to);
  const [first, next] = [Number(start), Number(start) + 1_000];
  const logs = within
    .slice(first, next)
    .map((entry) => [Number(entry.blockNumber), entry.logIndex, entry.blockHash, entry.transactionHash, entry.address, entry.topics, entry.data]);
  return { logs, cursor: next < within.length ? String(next) : null };
}

/** Where the history comes from, when an indexer is honest, lies, or is gone. */
export function describeIndexer(world: World): void {
  describe("an indexer", () => {
    /** A visit to the dapp whose deployment names an indexer, at the one other origin that its policy allows. */
    async function visitWith(respond: (route: Route) => Promise<void>): Promise<Visit> {
      const visit = await world.visit();
      const { origin } = new URL(world.deployment().rpcUrl);
      const deployment = { ...world.deployment(), services: { ...world.deployment().services, indexer: `${origin}/an-indexer/v1` } };
      const body = JSON.stringify(deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
      await visit.page.route("**/deployment.json", (route) => route.fulfill({ contentType: "application/json", body }));
      await visit.page.route("**/an-indexer/**", respond);
      await visit.open("");
      return visit;
    }
    const telling = (lie: Lie) => async (route: Route): Promise<void> => {
      const json = await answer(world, new URL(route.request().url()), lie);
      await route.fulfill({ json, headers: { "access-control-allow-origin": "*" } });
    };

    it("that is honest is used, and the page says how far it is and how much was compared", async () => {
      const visit = await visitWith(telling((entries) => entries));
      const note = visit.page.locator("[data-history-source=indexer]");
      await note.waitFor();
      assert.match(await note.innerText(), /\d+ blocks behind the chain.*up to block \d+.*\d+ of its \d+ entries/s);
      assert.equal(await visit.page.locator("[data-history-fallback]").count(), 0);
      await assertAccessible(visit.page);
      await visit.page.getByRole("button", { name: "中文" }).click();
      await visit.page.getByText("历史来自索引器").waitFor();
      await visit.close();
    });

    for (const [what, lie] of Object.entries<Lie>({
      "leaves an event out": (entries) => entries.toSpliced(Math.floor(entries.length / 2), 1),
      "changes a byte": (entries) => entries.map((entry, i) => (i === entries.length - 2 ? { ...entry, data: `${entry.data}00` as const } : entry)),
    })) {
      it(`that ${what} is found out; the page says what differs, and reads the chain`, async () => {
        const visit = await visitWith(telling(lie));
        await visit.page.locator("[data-history-fallback=lied]").waitFor();
        assert.match(await visit.page.locator("[data-history-fallback=lied]").innerText(), /log \d+ of block \d+|number of|last round|seats of/);
        await visit.page.locator("[data-history-source=chain]").waitFor();
        await visit.close();
      });
    }

    it("that is gone is missed by nobody", async () => {
      const visit = await visitWith((route) => route.abort());
      await visit.page.locator("[data-history-fallback=gone]").waitFor();
      await visit.page.locator("[data-history-source=chain]").waitFor();
      await visit.page.locator("main h1").waitFor();
      await visit.close();
    });
  });
}
