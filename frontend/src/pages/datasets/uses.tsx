import { useEffect } from "react";
import { Link } from "wouter";
import { datasetsIn } from "../../rounds/entries.ts";
import { tombstonesOf } from "../../../../protocol/ledger/tombstones.ts";
import { currentReport } from "../../rounds/trace.ts";
import type { RoundTrace } from "../../rounds/trace.ts";
import { stepsOf, useRoundTraces, useSealedSets } from "../../rounds/use-rounds.ts";
import { Kind } from "../../ui/kind.tsx";
import { useDatasetsText } from "./text.ts";

/** What one federation made of a dataset. @param underWay Rounds with its data that are sealed or reported, and not final. */
export interface Use {
  readonly federation: number;
  readonly rounds: readonly RoundTrace[];
  readonly carriers: readonly number[];
  readonly underWay: readonly RoundTrace[];
  readonly unread: number;
}

export function useUse(dataset: number, federation: number): Use | undefined {
  const traces = useRoundTraces(federation);
  const sets = useSealedSets(federation, traces ?? []);
  if (traces === undefined) return undefined;
  const steps = stepsOf(traces, sets);
  const sealed = traces.filter(({ state }) => state === "sealed" || state === "reported" || state === "final");
  const rounds = sealed.filter(({ round }) => {
    const set = sets.get(round);
    return set !== undefined && datasetsIn(set).has(dataset);
  });
  return {
    federation,
    rounds,
    carriers: traces.filter((trace) => currentReport(trace) !== undefined && tombstonesOf(trace.round, steps, new Set([dataset])).tombstones.length > 0).map(({ round }) => round),
    underWay: rounds.filter(({ state }) => state !== "final"),
    unread: sealed.filter(({ round }) => steps.get(round)?.datasets === undefined).length,
  };
}

interface UsesProps {
  readonly dataset: number;
  readonly federation: number;
  readonly withdrawn: boolean;
  readonly onRead?: (use: Use) => void;
}

/** Rounds and models of one federation. */
export function Uses({ dataset, federation, withdrawn, onRead }: UsesProps) {
  const text = useDatasetsText();
  const use = useUse(dataset, federation);
  const key = use === undefined ? "" : `${use.rounds.length} ${use.carriers.length} ${use.underWay.map(({ state }) => state).join()}`;
  useEffect(() => {
    if (use !== undefined) onRead?.(use);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the key stands for what was read
  }, [key]);
  if (use === undefined) return <p className="quiet">{text.loading}</p>;
  return (
    <div className="uses">
      <h3>
        {text.inFederation(String(federation))} <Kind kind="enforced" />
      </h3>
      {use.unread > 0 && <p className="unverified">{text.usesUnread(String(use.unread))}</p>}
      {use.rounds.length === 0 ? (
        <p className="quiet">{text.usesNone}</p>
      ) : (
        <>
          <ul className="use-list">
            {use.rounds.map(({ round, state }) => (
              <li key={round}>
                <Link href={`~/rounds/${federation}.${round}`}>{text.modelLink(String(round))}</Link>
                {state !== "final" && <span className="quiet"> {text.underWay}</span>}
                {withdrawn && <span className="tombstone">{text.tombstone}</span>}
              </li>
            ))}
          </ul>
          <p className="quiet">{text.carried(String(use.carriers.length))}</p>
        </>
      )}
    </div>
  );
}
