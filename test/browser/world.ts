// What every browser test shares: one product, one browser, and pages whose complaints and contacts are written down.
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { createPublicClient, createTestClient, defineChain, http } from "viem";
import type { Chain, PublicClient } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import type { HDAccount } from "viem/accounts";
import { deploymentSchema } from "../../protocol/deployment.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { launchBrowser } from "../e2e/browser.ts";
import type { StartedProduct } from "./product.ts";
import { productUnderTest } from "./product.ts";

/** The public development mnemonic; accounts 6 to 8 are members, 20 to 29 the simulated hospitals, 5 the council. */
const MNEMONIC = "test test test test test test test test test test test junk";
export const devAccount = (index: number): HDAccount => mnemonicToAccount(MNEMONIC, { addressIndex: index });

/** A page with what it said and whom it asked. */
export interface Visit {
  readonly page: Page;
  /** Errors and warnings of the console, and uncaught ones. */
  readonly complaints: readonly string[];
  /** Hosts that were contacted. */
  readonly hosts: ReadonlySet<string>;
  /** Opens a room of the dapp: `visit.open("card", "federation=1")`. */
  open(room: string, query?: string): Promise<void>;
  close(): Promise<void>;
}

export interface World {
  /** Where the dapp is served. */
  base(): string;
  deployment(): Deployment;
  /** The ledger's chain, as a test wallet is told of it. */
  chain(): Chain;
  client(): PublicClient;
  visit(options?: BrowserContextOptions): Promise<Visit>;
  /** Moves the local chain's clock, as waiting would. */
  wait(seconds: number): Promise<void>;
}

export interface OpenedWorld extends World {
  close(): Promise<void>;
}

/** Starts the product, unless CHONGWEN_PAGE names one that runs, and a browser. */
export async function openWorld(): Promise<OpenedWorld> {
  const product: StartedProduct = await productUnderTest();
  const browser = await launchBrowser();
  const deployment = deploymentSchema.parse(await (await fetch(new URL("deployment.json", product.url))).json());
  const chain = defineChain({
    id: deployment.chainId,
    name: "local",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [deployment.rpcUrl] } },
  });
  const testClient = createTestClient({ mode: "hardhat", chain, transport: http() });
  return {
    base: () => product.url,
    deployment: () => deployment,
    chain: () => chain,
    client: () => createPublicClient({ chain, transport: http() }),
    visit: (options) => openVisit(browser, product.url, options),
    async wait(seconds) {
      await testClient.increaseTime({ seconds });
      await testClient.mine({ blocks: 1 });
    },
    async close() {
      await browser.close();
      await product.stop();
    },
  };
}

async function openVisit(browser: Browser, base: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A file that nobody has is a state of the ledger, which the dapp names; the browser complains of it on its own account.
    const absent = message.text().includes("404") && message.location().url.includes("/artefacts/");
    if (!absent && (message.type() === "error" || message.type() === "warning")) complaints.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "blob:") hosts.add(host);
  });
  return {
    page,
    complaints,
    hosts,
    open: async (room, query = "") => {
      await page.goto(new URL(`?${query}#/${room}`, base).href);
    },
    close: () => context.close(),
  };
}
