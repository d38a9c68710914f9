import { useText } from "../i18n/text.tsx";

export type ClaimKind = "enforced" | "disprovable" | "recomputable" | "attested";

/** What an entry's word is worth, beside its name. */
export function Kind({ kind }: { readonly kind: ClaimKind }) {
  const { kinds } = useText();
  return (
    <span className={`kind kind-${kind}`} title={kinds[`${kind}Meaning`]}>
      {kinds[kind]}
    </span>
  );
}
