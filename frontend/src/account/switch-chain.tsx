import { useSwitchChain } from "wagmi";
import { useLedger } from "../chain/use-ledger.tsx";
import { explainProblem } from "../tx/problem.ts";
import { useTransactionText } from "../tx/text.ts";

/** The wallet is on another chain: one button puts that right. */
export function SwitchChain() {
  const text = useTransactionText();
  const { deployment } = useLedger();
  const switchChain = useSwitchChain();
  return (
    <>
      <button type="button" className="primary" disabled={switchChain.isPending} onClick={() => switchChain.mutate({ chainId: deployment.chainId })}>
        {switchChain.isPending ? text.switching : text.switchChain(String(deployment.chainId))}
      </button>
      {switchChain.error !== null && (
        <p className="unverified" role="alert">
          {text.problems[explainProblem(switchChain.error).kind]}
        </p>
      )}
    </>
  );
}
