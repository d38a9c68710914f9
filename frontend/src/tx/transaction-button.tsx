import { useEffect, useRef } from "react";
import type { TransactionReceipt } from "viem";
import { ConnectButton } from "../account/connect-button.tsx";
import { SwitchChain } from "../account/switch-chain.tsx";
import { useSigner } from "../account/use-signer.tsx";
import type { Call } from "./call.ts";
import { CostLine } from "./cost-line.tsx";
import { Progress } from "./progress.tsx";
import { SignedDetails } from "./signed-details.tsx";
import { useTransactionText } from "./text.ts";
import { useTransaction } from "./use-transaction.ts";

interface TransactionButtonProps {
  /** What it is for: see `useTransaction`. */
  readonly id: string;
  /** Undefined while the form is not filled in: the button waits. */
  readonly call: Call | undefined;
  readonly label: string;
  /** What is said when it is on the chain; it also names the transaction in the list. */
  readonly doneLabel: string;
  readonly primary?: boolean;
  /** Once, when it has just reached the chain. */
  readonly onDone?: (receipt: TransactionReceipt) => void;
}

/** A button that says what it would do and cost before it asks for a signature, and what became of it afterwards. */
export function TransactionButton({ id, call, label, doneLabel, primary = true, onDone }: TransactionButtonProps) {
  const text = useTransactionText();
  const signer = useSigner();
  const { state, send, reset } = useTransaction(id);
  const receipt = state.kind === "done" ? state.receipt : undefined;
  const told = useRef<TransactionReceipt>(undefined);
  useEffect(() => {
    if (receipt === undefined || told.current === receipt) return;
    told.current = receipt;
    onDone?.(receipt);
  }, [receipt, onDone]);

  const busy = state.kind === "checking" || state.kind === "signing" || state.kind === "pending";
  const ready = signer?.chainReady === true;
  return (
    <div className="transaction">
      {signer === undefined && <ConnectButton>{text.connect}</ConnectButton>}
      {signer !== undefined && !ready && <SwitchChain />}
      {ready && !busy && (
        <button type="button" className={primary ? "primary" : ""} disabled={call === undefined} onClick={() => call !== undefined && send(call, doneLabel)}>
          {label}
        </button>
      )}
      {ready && call !== undefined && state.kind === "idle" && (
        <>
          <CostLine call={call} signer={signer} />
          <SignedDetails call={call} />
        </>
      )}
      <Progress state={state} onReset={reset} />
    </div>
  );
}
