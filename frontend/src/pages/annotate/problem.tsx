import { CustodianError } from "./client.ts";
import { useAnnotateText } from "./text.ts";

/** What went wrong, in plain words; the wallet's refusal is the reader's own choice. */
export function Problem({ error }: { readonly error: unknown }) {
  const text = useAnnotateText();
  if (!(error instanceof CustodianError)) return <p>{text.refusedByYou}</p>;
  return <ProblemOf code={error.code} />;
}

export function ProblemOf({ code }: { readonly code: string }) {
  const { problems } = useAnnotateText();
  const known: unknown = code in problems ? problems[code as keyof typeof problems] : undefined;
  return <p>{typeof known === "string" ? known : problems.other(code)}</p>;
}
