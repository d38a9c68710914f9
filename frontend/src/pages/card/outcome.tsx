import { Progress } from "../../tx/progress.tsx";
import { useTransaction } from "../../tx/use-transaction.ts";

/** What became of the last transaction of this kind, when there is no other to make. */
export function Outcome({ id }: { readonly id: string }) {
  const { state, reset } = useTransaction(id);
  return <Progress state={state} onReset={reset} />;
}
