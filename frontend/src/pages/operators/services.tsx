import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { z } from "zod";
import { useHistory } from "../../chain/use-history.ts";
import { useHeartbeat } from "../../chain/heartbeat.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { formatFee } from "../../format/amount.ts";
import { formatDuration } from "../../format/duration.ts";
import { useText } from "../../i18n/text.tsx";
import { AddressName } from "../../ui/address-name.tsx";
import { Fact } from "../../ui/fact.tsx";
import { Time } from "../../ui/time.tsx";
import { useNow } from "../../ui/use-now.ts";
import { useEndpoint, useWatcher } from "./queries.ts";
import { useOperatorsText } from "./text.ts";

/** What the watcher named in the deployment says of itself. */
export function Watcher() {
  const text = useOperatorsText();
  const { services } = useLedger().deployment;
  const { blockNumber } = useHeartbeat();
  const health = useWatcher(services?.watcher);
  if (services?.watcher === undefined) return <p className="quiet">{text.watcherNone}</p>;
  if (health.isError) return <p className="unverified" data-watcher="unreachable">{text.notReachable}: {new URL(services.watcher).host}</p>;
  if (health.data === undefined) return <p className="quiet">…</p>;
  const { block, lagSeconds, subjects, proofsSent, software, started, sender, trouble } = health.data;
  const { verified, faults, couldNotFetch, other } = subjects;
  const behind = block === null || blockNumber === undefined ? undefined : blockNumber > BigInt(block) ? blockNumber - BigInt(block) : 0n;
  const digits = (count: number): string => count.toLocaleString("en");
  return (
    <dl className="facts" data-watcher="reachable">
      <Fact name={text.looked} figure="watcher-block">
        {block === null || lagSeconds === null ? text.firstLook : `${text.block(BigInt(block).toLocaleString("en"))} · ${text.seconds(digits(lagSeconds))}`}
        {behind !== undefined && (
          <p className="quiet">
            {text.lag} {text.blocks(behind.toLocaleString("en"))}
          </p>
        )}
      </Fact>
      <Fact name={text.checked}>
        {digits(subjects.checked)}
        <p className="quiet">{text.checkedOf(digits(verified), digits(faults), digits(couldNotFetch), digits(other))}</p>
      </Fact>
      <Fact name={text.proofs}>{digits(proofsSent)}</Fact>
      <Fact name={text.pays}>{sender === null ? text.readOnly : <AddressName address={sender} />}</Fact>
      <Fact name={text.since}>
        <Time at={Date.parse(started) / 1000} />
        <p className="quiet">
          {text.version} {software}
        </p>
      </Fact>
      {trouble !== null && (
        <Fact name={text.trouble}>
          <span className="unverified">{trouble}</span>
        </Fact>
      )}
    </dl>
  );
}

/** Wei as text; the rest of the relay's answer is not needed here. */
const budgetSchema = z.looseObject({ day: z.looseObject({ budget: z.string().regex(/^\d{1,40}$/), left: z.string().regex(/^\d{1,40}$/) }) });

function useReached(url: string | undefined, path: string) {
  return useQuery({
    queryKey: ["service", url, path],
    queryFn: async (): Promise<unknown> => {
      const base = url ?? "";
      const response = await fetch(new URL(path, base.endsWith("/") ? base : `${base}/`), { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(5_000) });
      return response.ok ? response.json() : null;
    },
    enabled: url !== undefined,
    refetchInterval: 30_000,
    retry: false,
  });
}

/** Named, and answering or not. */
function Service({ name, url, path, children }: { readonly name: string; readonly url: string | undefined; readonly path: string; readonly children?: (answer: unknown) => ReactNode }) {
  const text = useOperatorsText();
  const answer = useReached(url, path);
  return (
    <Fact name={name}>
      {url === undefined ? <span className="quiet">{text.none}</span> : answer.isError ? <span className="unverified">{text.notReachable}</span> : answer.isPending ? "…" : (children?.(answer.data) ?? text.reachable)}
    </Fact>
  );
}

/** How this page itself is connected. */
export function Connections() {
  const text = useOperatorsText();
  const { locale } = useText();
  const { client, deployment } = useLedger();
  const { services = {} } = deployment;
  const endpoint = useEndpoint();
  const history = useHistory();
  const now = useNow();
  const seen = endpoint.data;
  const { symbol } = client.chain.nativeCurrency;
  return (
    <dl className="facts">
      <Fact name={text.endpoint} figure="endpoint">
        {endpoint.isError ? <span className="unverified">{text.notReachable}</span> : seen === undefined ? "…" : text.latency(seen.milliseconds.toLocaleString("en"))}
        <p className="quiet">{new URL(deployment.rpcUrl).host}</p>
      </Fact>
      <Fact name={text.chainLag}>
        {endpoint.isError ? <span className="unverified">{text.notReachable}</span> : seen === undefined ? "…" : text.ago(formatDuration(now - Number(seen.timestamp), locale.units))}
        <p className="quiet">{text.quiet}</p>
      </Fact>
      <Fact name={text.history}>
        {history.isError ? <span className="unverified">{text.notReachable}</span> : history.data === undefined ? "…" : history.data.source.kind === "chain" ? text.fromChain : text.fromIndexer}
      </Fact>
      <Fact name={text.indexer}>
        {services.indexer === undefined ? (
          <span className="quiet">{text.none}</span>
        ) : history.data?.fallback !== undefined ? (
          <span className="unverified">{text.fallback[history.data.fallback.reason]}</span>
        ) : history.data?.source.kind === "indexer" ? (
          text.indexerLag(history.data.source.lag.toLocaleString("en"))
        ) : (
          "…"
        )}
      </Fact>
      <Service name={text.relay} url={services.relay} path="budget">
        {(answer) => {
          const parsed = budgetSchema.safeParse(answer);
          if (!parsed.success) return text.reachable;
          const { budget, left } = parsed.data.day;
          return text.relayBudget(`${formatFee(BigInt(left))} ${symbol}`, `${formatFee(BigInt(budget))} ${symbol}`);
        }}
      </Service>
      <Service name={text.feedback} url={services.feedback} path="feedback" />
    </dl>
  );
}
