// What members are deciding, for feed readers and calendars. Built from the chain; whatever a proposal says is a stranger's text.
import { Feed } from "feed";
import { Hono } from "hono";
import ical, { ICalEventStatus } from "ical-generator";
import { chongwenGovernorAbi } from "../../protocol/abi/index.ts";
import type { Deployment } from "../../protocol/deployment.ts";
import { decodeAction } from "../../protocol/governance/decode.ts";
import { checkDescription, plainText } from "../../protocol/governance/description.ts";
import { readProposals } from "../../protocol/governance/proposals.ts";
import { sentenceOf, type SentenceLanguage } from "../../protocol/governance/sentences.ts";
import { PROPOSAL_STATES, type ProposalState } from "../../protocol/governance/states.ts";
import type { LedgerClient } from "../../protocol/ledger/chain.ts";

/** One proposal, as feeds tell of it. Times are seconds since 1970. */
export interface FeedEntry {
  readonly id: bigint;
  readonly number: number;
  readonly state: ProposalState;
  /** What it does, read off its calls. */
  readonly acts: readonly string[];
  /** The proposer's own words; `differs` when they claim something else. */
  readonly words: string;
  readonly differs: boolean;
  readonly proposedAt: number;
  readonly opens: number;
  readonly closes: number;
  /** When it may be carried out; 0 while that is not fixed. */
  readonly executable: number;
}

const WORDS = {
  en: {
    title: "Chongwen: governance", proposal: "Proposal", vote: "Vote", executable: "Can be carried out", differs: "Warning: its description says something else than what it does.",
    states: { Pending: "not yet open", Active: "open for votes", Canceled: "withdrawn", Defeated: "not passed", Succeeded: "passed", Queued: "waiting", Expired: "expired", Executed: "in force" },
  },
  zh: {
    title: "崇文：治理", proposal: "提案", vote: "表决", executable: "可以执行", differs: "警告：说明文字与实际所做不符。",
    states: { Pending: "尚未开始", Active: "表决中", Canceled: "已撤回", Defeated: "未通过", Succeeded: "已通过", Queued: "等待中", Expired: "已过期", Executed: "已生效" },
  },
} as const;

export async function readEntries(client: LedgerClient, deployment: Deployment, language: SentenceLanguage): Promise<readonly FeedEntry[]> {
  const { number: block } = await client.getBlock({ blockTag: "latest" });
  const records = await readProposals(client, deployment, block);
  const governor = { address: deployment.contracts.governor, abi: chongwenGovernorAbi } as const;
  return Promise.all(
    records.toReversed().map(async ({ id, number, calls, description, snapshot, block: blockNumber, milestones }) => {
      const actions = calls.map((call) => decodeAction(deployment, call));
      const { kind, reasons } = checkDescription(actions, description);
      const [state, closes, { timestamp }] = await Promise.all([
        client.readContract({ ...governor, functionName: "state", args: [id] }),
        client.readContract({ ...governor, functionName: "proposalDeadline", args: [id] }),
        client.getBlock({ blockNumber }),
      ]);
      return {
        id, number, state: PROPOSAL_STATES[state] ?? "Pending",
        acts: actions.map((action) => sentenceOf(action, language)),
        words: kind === "same" ? reasons : description, differs: kind === "different",
        proposedAt: Number(timestamp), opens: Number(snapshot), closes: Number(closes),
        executable: Number(milestones.find((milestone) => milestone.kind === "queued")?.until ?? 0n),
      };
    }),
  );
}

const LONGEST = 4000;

/** A stranger's text with nothing in it that XML forbids, at a length that a reader shows. */
const safe = (text: string): string => plainText(text.slice(0, LONGEST)).replaceAll(/[\ufffe\uffff]/g, "\ufffd");
/** Titles are read as text by some readers and as markup by others: so they have none of its marks. */
const title = (text: string): string => safe(text).replaceAll("<", "‹").replaceAll(">", "›").replaceAll("&", "＆").replaceAll("\n", " ");
/** Descriptions are markup: every mark of the text is escaped, and with them the end of the section that holds it. */
const markup = (text: string): string =>
  safe(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("\n", "<br/>");

export interface FeedPlace {
  /** Where the page is served. */
  readonly page: string;
  readonly deployment: Deployment;
  readonly language: SentenceLanguage;
}

const linkOf = (page: string, id: bigint): string => `${page}/#/governance/proposal/${id}`;

export function rssOf(entries: readonly FeedEntry[], { page, deployment, language }: FeedPlace): string {
  const words = WORDS[language];
  const newest = Math.max(0, ...entries.map(({ proposedAt }) => proposedAt));
  const feed = new Feed({
    title: words.title, id: `${page}/feeds/governance.xml`, link: `${page}/#/governance`, description: words.title, language: language === "zh" ? "zh-Hans" : "en",
    updated: new Date(1000 * newest), generator: "Chongwen", feedLinks: { rss: `${page}/feeds/governance.xml` },
  });
  for (const { id, number, state, acts, words: said, differs, proposedAt } of entries) {
    const lines = [words.states[state], ...acts, ...(differs ? [words.differs] : []), "", said];
    feed.addItem({
      title: title(`${words.proposal} ${number}: ${acts[0] ?? ""}`),
      // A new state is news: readers show an item again when its name changes.
      guid: `${deployment.chainId}/${deployment.contracts.governor}/${id}/${state}`,
      link: linkOf(page, id), date: new Date(1000 * proposedAt), description: markup(lines.join("\n")),
    });
  }
  return feed.rss2();
}

export function icsOf(entries: readonly FeedEntry[], { page, deployment, language }: FeedPlace): string {
  const words = WORDS[language];
  const calendar = ical({ name: words.title, prodId: { company: "Chongwen", product: "governance", language: language === "zh" ? "ZH" : "EN" } });
  const at = (seconds: number): Date => new Date(1000 * seconds);
  for (const { id, number, state, acts, words: said, differs, proposedAt, opens, closes, executable } of entries) {
    const described = safe([words.states[state], ...acts, ...(differs ? [words.differs] : []), "", said].join("\n"));
    const event = { description: described, url: linkOf(page, id), stamp: at(proposedAt), status: state === "Canceled" ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED };
    const name = `${words.proposal} ${number}: ${title(acts[0] ?? "")}`;
    const uid = `${id}@${deployment.chainId}.${deployment.contracts.governor.toLowerCase()}`;
    calendar.createEvent({ ...event, id: `vote-${uid}`, start: at(opens), end: at(closes), summary: `${words.vote}: ${name}` });
    if (executable > 0) calendar.createEvent({ ...event, id: `execute-${uid}`, start: at(executable), end: at(executable + 60), summary: `${words.executable}: ${name}` });
  }
  return calendar.toString();
}

/** Seconds for which an answer is given again: a reader that asks often costs the chain little. */
const KEPT = 5;

/** `/governance.xml` and `/governance.ics`, in English or with `?lang=zh` in Chinese. */
export function governanceFeeds(deployment: Deployment, client: LedgerClient): Hono {
  const kept = new Map<SentenceLanguage, { readonly until: number; readonly entries: Promise<readonly FeedEntry[]> }>();
  const entriesIn = (language: SentenceLanguage): Promise<readonly FeedEntry[]> => {
    const known = kept.get(language);
    if (known !== undefined && known.until > Date.now()) return known.entries;
    const entries = readEntries(client, deployment, language);
    entries.catch(() => kept.delete(language));
    kept.set(language, { until: Date.now() + 1000 * KEPT, entries });
    return entries;
  };
  const app = new Hono();
  const serve = (path: string, type: string, write: (entries: readonly FeedEntry[], place: FeedPlace) => string): void => {
    app.get(path, async (context) => {
      const language = context.req.query("lang") === "zh" ? "zh" : "en";
      const page = new URL(context.req.url).origin;
      const entries = await entriesIn(language).catch(() => undefined);
      if (entries === undefined) return context.text("The chain does not answer.", 503);
      return context.body(write(entries, { page, deployment, language }), 200, { "content-type": `${type}; charset=utf-8`, "cache-control": `max-age=${KEPT}` });
    });
  };
  serve("/governance.xml", "application/rss+xml", rssOf);
  serve("/governance.ics", "text/calendar", icsOf);
  return app;
}
