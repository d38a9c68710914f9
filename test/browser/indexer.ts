import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { loadHistory, type HistoryEntry } from "../../frontend/src/chain/history-source.ts";
import type { ChainClient } from "../../frontend/src/chain/ledger.ts";
import { assertAccessible } from "./axe.ts";
import type { Visit, World } from "./world.ts";

type Lie = (entries: readonly HistoryEntry[]) => readonly HistoryEntry[];

/** An indexer of a few lines that knows what the chain says, and may say something else. */
class TinyIndexer {
  lie: Lie = (entries) => entries;
  readonly #world: World;
  readonly #server: Server;

  constructor(world: World) {
    this.#world = world;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const { services: _, ...deployment } = this.#world.deployment();
    const client = this.#world.client();
    const { entries, through, throughHash } = await loadHistory({ client: client as unknown as ChainClient, deployment, signal: new AbortController().signal });
    const [from, to, start] = ["from", "to", "cursor"].map((name) => BigInt(url.searchParams.get(name) ?? 0));
    const within = this.lie(entries).filter(({ blockNumber }) => blockNumber >= (from ?? 0n) && blockNumber <= (to ?? 0n));
    const next = Number(start ?? 0n) + 1_000;
    const logs = within
      .slice(next - 1_000, next)
      .map((entry) => [Number(entry.blockNumber), entry.logIndex, entry.blockHash, entry.transactionHash, entry.address, entry.topics, entry.data]);
    const answer = url.pathname.endsWith("/status")
      ? { chainId: deployment.chainId, ledger: deployment.contracts.rounds, block: Number(through), blockHash: throughHash, timestamp: 0, headBlock: Number(through), lag: 0 }
      : { logs, cursor: next < within.length ? String(next) : null };
    response.writeHead(200, { "content-type": "application/json", "access-control-allow-origin": "*" }).end(JSON.stringify(answer));
  }
}

/** Where the history comes from, when an indexer is honest, lies, or is gone. */
export function describeIndexer(world: World): void {
  describe("an indexer", () => {
    const indexer = new TinyIndexer(world);
    before(() => indexer.listen());
    after(() => indexer.close());

    /** A visit to the dapp whose deployment names this indexer; its own policy must allow it, as the server's would. */
    async function visitWith(url: string): Promise<Visit> {
      const visit = await world.visit();
      const deployment = { ...world.deployment(), services: { ...world.deployment().services, indexer: url } };
      const body = JSON.stringify(deployment, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
      await visit.page.route("**/deployment.json", (route) => route.fulfill({ contentType: "application/json", body }));
      await visit.page.route((address) => address.href === world.base() || address.pathname.endsWith("index.html") || address.pathname === "/", async (route) => {
        const answer = await route.fetch();
        const headers = answer.headers();
        const policy = headers["content-security-policy"] ?? "";
        await route.fulfill({ response: answer, headers: { ...headers, "content-security-policy": policy.replace("connect-src", `connect-src ${new URL(url).origin}`) } });
      });
      await visit.open("");
      return visit;
    }

    it("that is honest is used, and the page says how far it is and how much was compared", async () => {
      indexer.lie = (entries) => entries;
      const visit = await visitWith(indexer.url);
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
        indexer.lie = lie;
        const visit = await visitWith(indexer.url);
        await visit.page.locator("[data-history-fallback=lied]").waitFor();
        assert.match(await visit.page.locator("[data-history-fallback=lied]").innerText(), /log \d+ of block \d+|number of|last round|seats of/);
        await visit.page.locator("[data-history-source=chain]").waitFor();
        await visit.close();
      });
    }

    it("that is gone is missed by nobody", async () => {
      const gone = new TinyIndexer(world);
      await gone.listen();
      const { url } = gone;
      await gone.close();
      const visit = await visitWith(url);
      await visit.page.locator("[data-history-fallback=gone]").waitFor();
      await visit.page.locator("[data-history-source=chain]").waitFor();
      await visit.page.locator("main h1").waitFor();
      await visit.close();
    });
  });
}
