import type { DatasetTrace } from "../../datasets/trace.ts";
import { AddressName } from "../../ui/address-name.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useDatasetsText } from "./text.ts";

/** Status of the contract, and what people must know besides. */
export function DatasetState({ trace }: { readonly trace: DatasetTrace }) {
  const { states } = useDatasetsText();
  const shown = trace.withdrawn !== undefined ? "withdrawn" : trace.status;
  return (
    <span className={`dataset-state dataset-${shown}`}>
      <strong>{states[shown]}</strong>
      {trace.heldUntil !== undefined && <> · {states["held"]}</>}
    </span>
  );
}

/** Whatever stands in the way of using it, in full sentences. */
export function DatasetNotices({ trace }: { readonly trace: DatasetTrace }) {
  const text = useDatasetsText();
  return (
    <>
      {trace.withdrawn !== undefined && (
        <Notice tone="note">
          <p>{text.withdrawnNotice}</p>
          <p className="quiet">
            {text.withdrawnBy} <AddressName address={trace.withdrawn.officer} />, {text.block(trace.withdrawn.block.toLocaleString("en"))}
          </p>
        </Notice>
      )}
      {trace.withdrawn === undefined && trace.status === "retired" && (
        <Notice tone="note">
          <p>{text.retiredNotice}</p>
        </Notice>
      )}
      {trace.heldUntil !== undefined && (
        <Notice tone="note">
          <p>
            <Countdown until={trace.heldUntil} over={text.heldOver} left={text.heldUntil} />
          </p>
        </Notice>
      )}
    </>
  );
}
