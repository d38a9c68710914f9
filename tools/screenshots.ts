// `npm run screenshots`: the pictures of the README and the documentation, taken of a running product in a real browser.
import path from "node:path";
import type { Page } from "playwright-core";
import { connect } from "../test/browser/connect.ts";
import { devAccount, openWorld } from "../test/browser/world.ts";
import type { World } from "../test/browser/world.ts";
import { installWallet } from "../test/e2e/wallet.ts";

interface Shot {
  /** File below docs/images, without its ending. */
  readonly name: string;
  /** Of the dapp; one that begins with a slash is of the server. */
  readonly room: string;
  readonly query?: string;
  readonly language?: "en" | "zh";
  readonly dark?: true;
  readonly width?: number;
  readonly height?: number;
  /** Index of the development account that is connected. */
  readonly account?: number;
  /** Only this part of the page. */
  readonly part?: string;
  /** Brings the page to what is to be seen. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const follow =
  (selector: string) =>
  async (page: Page): Promise<void> => {
    await page.locator(selector).first().click();
  };

/** As the council. What is taken afterwards shows a frozen federation. */
async function freeze(page: Page): Promise<void> {
  await page.getByLabel("The reason, as a text file").setInputFiles({ name: "reason.txt", mimeType: "text/plain", buffer: Buffer.from("A patient can be recognised in what the model answers.\n") });
  await page.getByText(/^Simulated: it will succeed/).last().waitFor();
  await page.getByRole("button", { name: "Freeze the federation", exact: true }).click();
  await page.locator("[data-frozen]").first().waitFor();
}

const shots: readonly Shot[] = [
  { name: "overview-en", room: "", height: 1200 },
  { name: "overview-zh-dark", room: "", language: "zh", dark: true, height: 1200 },
  { name: "card-en", room: "card", account: 25, height: 1100 },
  { name: "receipt-en", room: "card/receipts", query: `account=${devAccount(21).address}`, part: ".receipt-entry" },
  { name: "card-phone-zh", room: "card", account: 25, language: "zh", width: 390, height: 1100 },
  { name: "datasets-en", room: "datasets", height: 1100 },
  { name: "proposal-en", room: "governance", account: 6, height: 1200, prepare: follow("main a[href*='/proposal/']") },
  { name: "rounds-en", room: "rounds", height: 1100 },
  { name: "flow-en", room: "flow", height: 1250 },
  { name: "flow-zh-dark", room: "flow", language: "zh", dark: true, height: 1250 },
  { name: "operators-en", room: "operators", height: 1100 },
  { name: "verify-en", room: "/verify/round/2?federation=1", height: 1300 },
  { name: "council-frozen-en", room: "governance/council", account: 5, height: 1500, prepare: freeze },
  { name: "rounds-frozen-phone-zh-dark", room: "rounds", language: "zh", dark: true, width: 390, height: 1100 },
];

const images = path.resolve(import.meta.dirname, "..", "docs", "images");
/** Long enough for everything that is checked to have been checked. */
const SETTLED = 6000;

async function take(world: World, shot: Shot): Promise<void> {
  const { name, room, query, language = "en", dark = false, width = 1280, height = 900, account, part, prepare } = shot;
  const visit = await world.visit({
    locale: language === "zh" ? "zh-CN" : "en-GB",
    colorScheme: dark ? "dark" : "light",
    viewport: { width, height },
  });
  if (account !== undefined) await installWallet(visit.page, { account: devAccount(account), chains: [world.chain()] });
  if (room.startsWith("/")) await visit.page.goto(new URL(room, world.base()).href);
  else await visit.open(room, query);
  if (account !== undefined && language === "en") await connect(visit.page);
  await visit.page.waitForTimeout(SETTLED);
  if (prepare !== undefined) {
    await prepare(visit.page);
    await visit.page.waitForTimeout(SETTLED);
  }
  const seen = part === undefined ? visit.page : visit.page.locator(part).first();
  await seen.screenshot({ path: path.join(images, `${name}.png`) });
  console.log(`${name}.png${visit.complaints.length === 0 ? "" : `: ${visit.complaints.join("; ")}`}`);
  await visit.close();
}

const wanted = process.argv.slice(2);
const world = await openWorld();
try {
  for (const shot of shots.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) await take(world, shot);
} finally {
  await world.close();
}
