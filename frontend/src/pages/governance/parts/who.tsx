import type { Address } from "viem";
import { isAddressEqual } from "viem";
import { Link } from "wouter";
import { useSigner } from "../../../account/use-signer.tsx";
import { shorten } from "../../../format/shorten.ts";
import { useGovernanceText } from "../text.ts";

/** An account that votes, linked to what it did. */
export function Who({ address }: { readonly address: Address }) {
  const text = useGovernanceText();
  const signer = useSigner();
  const own = signer !== undefined && isAddressEqual(signer.address, address);
  return (
    <span className="who">
      <Link href={`/members/${address}`} title={address}>
        <code>{shorten(address, 4)}</code>
      </Link>
      {own && <span className="who-you"> ({text.you})</span>}
    </span>
  );
}
