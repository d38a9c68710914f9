import type { Bearer } from "../chain/names.ts";
import { useNames } from "../chain/use-names.ts";
import type { Dictionary } from "../i18n/en.ts";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "./copyable.tsx";

function describe(bearer: Bearer, names: Dictionary["names"]): string {
  switch (bearer.kind) {
    case "contract":
      return names.contracts[bearer.contract] ?? names.contract(bearer.contract);
    case "organisation":
      return bearer.name ?? names.organisation(String(bearer.organisation));
    case "officer":
      return names.officerOf(bearer.name ?? names.organisation(String(bearer.organisation)));
    case "contributor":
      return names.contributorOf(String(bearer.contributor), bearer.name ?? names.organisation(String(bearer.organisation)));
  }
}

/** Who stands behind an address, if a checked card or the ledger names it. Never without the address beside it. */
export function BearerName({ address }: { readonly address: string }) {
  const { names: text } = useText();
  const bearer = useNames().bearer(address);
  return bearer === undefined ? null : <span className="bearer">{describe(bearer, text)}</span>;
}

/** Who stands behind an address, in words where a checked card has some; the address is always there too. */
export function AddressName({ address, edge = 4 }: { readonly address: string; readonly edge?: number }) {
  const { names: text } = useText();
  const bearer = useNames().bearer(address);
  const words = bearer === undefined ? undefined : describe(bearer, text);
  return (
    <span className="address-name">
      {words !== undefined && <span className="bearer">{words}</span>} <Copyable value={address} what={words ?? text.address} edge={edge} />
    </span>
  );
}

/** An institution by its short name, else by its number. */
export function OrganisationName({ organisation }: { readonly organisation: number }) {
  const { names: text } = useText();
  return <>{useNames().organisation(organisation) ?? text.organisation(String(organisation))}</>;
}

/** A dataset by its title, else by its number. */
export function DatasetName({ dataset }: { readonly dataset: number }) {
  const { names: text } = useText();
  return <>{useNames().dataset(dataset) ?? text.dataset(String(dataset))}</>;
}
