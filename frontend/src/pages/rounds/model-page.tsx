import { useMemo, useState } from "react";
import type { ReactNode } from "react";
import type { Hex } from "viem";
import { Link } from "wouter";
import { roundsAbi } from "../../../../protocol/abi/index.ts";
import { fetchArtefact } from "../../chain/artefacts.ts";
import { useEvents } from "../../chain/use-history.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { useText } from "../../i18n/text.tsx";
import { Accuracy } from "../../rounds/accuracy.tsx";
import { datasetsIn } from "../../rounds/entries.ts";
import { roundsToTip, currentReport } from "../../rounds/trace.ts";
import { useRoundTraces, useSealedSets } from "../../rounds/use-rounds.ts";
import { DatasetName } from "../../ui/address-name.tsx";
import { Command } from "../../ui/command.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Fact } from "../../ui/fact.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { checkModel } from "./bundle.ts";
import type { RoundName } from "./round-page.tsx";
import { Tombstones } from "./round-page.tsx";
import { useRoundsText } from "./text.ts";
import { Trial } from "./trial.tsx";
import { useBundle, useOrganisationOf } from "./use-bundle.ts";
import { useModelCards } from "./use-model-cards.ts";

/** Most bytes of a model that a page fetches to try it: 16 million parameters. */
const MOST_BYTES = 64 * 2 ** 20;

/** A model: what it is for and not for, where it comes from, and a way to try it. */
export function ModelPage({ federation, round }: RoundName) {
  const text = useRoundsText();
  const traces = useRoundTraces(federation);
  const { rounds } = useLedger().deployment.contracts;
  const created = useEvents({ address: rounds, abi: roundsAbi, eventName: "FederationCreated" })?.find(({ args }) => args.federation === federation)?.args;
  const trace = traces?.find((each) => each.round === round);
  const report = trace === undefined ? undefined : currentReport(trace);
  const model = round === 0 ? created : report;
  return (
    <Frame title={round === 0 ? text.card.titleFirst : text.card.title(String(round))} lead={<strong className="research-only">{text.card.researchOnly}</strong>}>
      <p className="research-note">{text.card.researchNote}</p>
      <p className="links back">
        <Link href="/">{text.all}</Link> · <Link href={`/${federation}.${round}`}>{text.card.back}</Link>
      </p>
      {traces === undefined && <Waiting>{text.loading}</Waiting>}
      {traces !== undefined && model === undefined && <p className="empty">{text.unknown}</p>}
      {traces !== undefined && model !== undefined && created !== undefined && (
        <Card
          federation={federation}
          round={round}
          artefact={model.artefact}
          modelRoot={model.modelRoot}
          report={report}
          privacyMode={created.config.privacyMode}
          rho={created.config.rhoPerRound}
        />
      )}
    </Frame>
  );
}

interface CardProps extends RoundName {
  readonly artefact: Hex;
  readonly modelRoot: Hex;
  readonly report: ReturnType<typeof currentReport>;
  readonly privacyMode: number;
  readonly rho: number;
}

function Card({ federation, round, artefact, modelRoot, report, privacyMode, rho }: CardProps) {
  const text = useRoundsText();
  const { deployment } = useLedger();
  const { rounds: words } = useText();
  const read = useRoundTraces(federation);
  const traces = read ?? [];
  const line = useMemo(() => roundsToTip(read ?? [], round), [read, round]);
  const ancestors = traces.filter((trace) => line.has(trace.round));
  const sets = useSealedSets(federation, ancestors);
  const organisationOf = useOrganisationOf();
  const whole = [...sets.values()].filter(({ isWhole }) => isWhole);
  const datasets = [...new Set(whole.flatMap((set) => [...datasetsIn(set)]))].toSorted((a, b) => a - b);
  const institutions = new Set(whole.flatMap(({ entries }) => entries.filter(({ weight, excluded }) => weight > 0 && !excluded).map(({ contributor }) => organisationOf(contributor))));
  const cards = useModelCards(datasets);
  const bundle = useBundle(report, undefined).data;
  const purposes = [...new Set(cards.flatMap(({ card }) => card.purpose ?? []))];
  const licences = [...new Set(cards.flatMap(({ card }) => card.licence ?? []))];
  return (
    <>
      <Section heading={text.card.facts}>
        <dl className="facts">
          <Fact name={text.card.purpose} kind="attested">
            {purposes.length > 0 ? purposes.join(" · ") : deployment.demonstration === undefined ? text.card.purposeNone : text.card.demo}
          </Fact>
          <Fact name={text.card.metrics} kind={bundle?.evaluation ? "disprovable" : "attested"}>
            {report === undefined ? text.none : <Accuracy report={{ ...report, excluded: 0, transactionHash: report.transaction }} failed={false} />}
          </Fact>
          <Fact name={text.card.contributors} kind="enforced">
            {text.card.contributorsOf(String(institutions.size), String(ancestors.length))}
          </Fact>
          <Fact name={text.card.privacy} kind="enforced">
            {text.card.privacyModes[privacyMode]}
            <p className="quiet">{rho === 0 ? text.card.rhoNone : text.card.rho(rho.toLocaleString("en"))}</p>
          </Fact>
          <Fact name={text.card.licences} kind="attested">
            {licences.length === 0 ? "–" : licences.join(" · ")}
          </Fact>
          <Fact name={text.card.root} kind={round === 0 ? "enforced" : "disprovable"}>
            <Copyable value={modelRoot} what={text.card.root} />
          </Fact>
        </dl>
        <h3 className="card-part">{text.card.data}</h3>
        <ul className="plain-list">
          {datasets.map((dataset) => (
            <li key={dataset}>
              <Link href={`~/datasets/${dataset}`}>
                <DatasetName dataset={dataset} />
              </Link>
            </li>
          ))}
        </ul>
        <h3 className="card-part">{text.card.limits}</h3>
        <ul className="plain-list">
          {[...text.card.limitsList, ...new Set(cards.flatMap(({ card }) => card.limits ?? []))].map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
        <h3 className="card-part">{text.tombstones}</h3>
        {round === 0 ? <p className="quiet">{words.genesisNote}</p> : <Tombstones federation={federation} round={round} traces={traces} />}
      </Section>
      {/* The page does not recompute a round before it shows it, so it makes no card that others would take for checked. */}
      {round > 0 && <Command label={text.download.hubCard} line={`npx chongwen model-card --round ${round}${federation === 1 ? "" : ` --federation ${federation}`}`} />}
      <WithModel artefact={artefact} modelRoot={modelRoot}>
        {(model) => <Trial federation={federation} round={round} modelRoot={modelRoot} artefact={artefact} evaluation={bundle?.evaluation ?? null} model={model} cards={cards} />}
      </WithModel>
    </>
  );
}

type Fetched = { readonly kind: "idle" | "working" | "mismatch" | "unavailable" } | { readonly kind: "checked"; readonly bytes: Uint8Array; readonly lanes: Int32Array };

/** Fetches a model when asked to, and gives it on once its root is the ledger's. */
function WithModel({ artefact, modelRoot, children }: { readonly artefact: Hex; readonly modelRoot: Hex; readonly children: (model: () => Promise<Int32Array | undefined>) => ReactNode }) {
  const text = useRoundsText();
  const [state, setState] = useState<Fetched>({ kind: "idle" });
  const load = async (): Promise<Int32Array | undefined> => {
    if (state.kind === "checked") return state.lanes;
    setState({ kind: "working" });
    try {
      const bytes = await fetchArtefact(artefact, "model.bin", MOST_BYTES);
      const lanes = checkModel(bytes, modelRoot);
      setState(lanes === undefined ? { kind: "mismatch" } : { kind: "checked", bytes, lanes });
      return lanes;
    } catch {
      setState({ kind: "unavailable" });
      return undefined;
    }
  };
  const save = (bytes: Uint8Array): void => {
    const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: "application/octet-stream" }));
    const link = document.createElement("a");
    [link.href, link.download] = [url, "model.bin"];
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  return (
    <>
      {children(load)}
      <Section heading={text.download.heading}>
        <p className="quiet">{text.download.lead}</p>
        <div className="download" data-download={state.kind}>
          {state.kind === "checked" ? (
            <>
              <p>
                {text.download.checked} {text.card.parameters(state.lanes.length.toLocaleString("en"))}.
              </p>
              <button type="button" onClick={() => save(state.bytes)}>
                {text.download.save}
              </button>
            </>
          ) : (
            <button type="button" disabled={state.kind === "working"} onClick={() => void load()}>
              {state.kind === "working" ? text.download.working : text.download.button}
            </button>
          )}
          {state.kind === "mismatch" && <p className="unverified">{text.download.mismatch}</p>}
          {state.kind === "unavailable" && <p className="unverified">{text.download.unavailable}</p>}
        </div>
      </Section>
    </>
  );
}

