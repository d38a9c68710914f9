import { useMemo } from "react";
import { useNames } from "../../chain/use-names.ts";
import { FlowProvider, useOpening } from "../../flow-data/use-flow.tsx";
import type { Opening } from "../../flow-data/use-flow.tsx";
import { useFederationNumber } from "../../state/use-federation.ts";
import { Notice } from "../../ui/notice.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { AtlasView } from "./atlas-view.tsx";
import { CatalogueView } from "./catalogue-view.tsx";
import "./flow.css";
import type { FlowChange, FlowState } from "./state.ts";
import { ShelfView } from "./shelf-view.tsx";
import { SlipView } from "./slip-view.tsx";
import { useFlowText } from "./text.ts";
import { Toolbar } from "./toolbar.tsx";
import { useFlowState } from "./use-flow-state.ts";
import { createWords } from "./words.ts";
import type { Words } from "./words.ts";

/** What every view of the flow is given. */
export interface ViewProps {
  readonly state: FlowState;
  readonly change: (change: FlowChange) => void;
  readonly words: Words;
}

export function Page() {
  const text = useFlowText();
  const [state, change] = useFlowState();
  const [federation] = useFederationNumber();
  const opening = useOpening(state.digest, federation);
  return (
    <Frame title={text.title} lead={text.lead}>
      {opening.kind === "open" ? (
        <FlowProvider value={opening.context}>
          <Views opening={opening} state={state} change={change} />
        </FlowProvider>
      ) : (
        <NotYet opening={opening} />
      )}
    </Frame>
  );
}

function NotYet({ opening }: { readonly opening: Exclude<Opening, { kind: "open" }> }) {
  const text = useFlowText();
  if (opening.kind === "waiting") {
    return (
      <div className="flow-opening">
        <Waiting>{text.opening}</Waiting>
      </div>
    );
  }
  return (
    <Notice tone="warning">
      <p>{opening.kind === "no-chain" ? text.noChain : text.failed}</p>
      {opening.kind === "failed" && (
        <>
          <p className="detail">{opening.error.message}</p>
          <button type="button" onClick={opening.retry}>
            {text.retry}
          </button>
        </>
      )}
    </Notice>
  );
}

const VIEWS = { atlas: AtlasView, catalogue: CatalogueView, shelf: ShelfView, slip: SlipView } as const;

function Views({ opening, state, change }: { readonly opening: Extract<Opening, { kind: "open" }> } & Omit<ViewProps, "words">) {
  const text = useFlowText();
  const { opened } = opening.context;
  const given = useNames();
  // Synthetic institutions bear numbers: a name of the ledger's would put words into its mouth.
  const words = useMemo(() => createWords(text, opened, opened.synthetic === null ? given : null), [text, opened, given]);
  const View = VIEWS[state.zoom];
  const { rounds, settlements } = opened.missing;
  return (
    <div className="flow" data-synthetic={opened.synthetic !== null}>
      {opened.synthetic !== null && (
        <p className="flow-synthetic">
          <strong>{text.synthetic(opened.synthetic.seed)}</strong>
        </p>
      )}
      {rounds.length + settlements.length > 0 && (
        <Notice tone="warning">
          <p>{text.missing(rounds, settlements)}</p>
        </Notice>
      )}
      {opened.rows === 0 ? (
        <p className="empty">{text.emptyLedger}</p>
      ) : (
        <>
          <Toolbar state={state} change={change} words={words} />
          <View state={state} change={change} words={words} />
        </>
      )}
    </div>
  );
}
