/**
 * What people call the numbers and addresses of the ledger. The chain holds no name: datasets and institutions are named in dataset cards alone, whose
 * hashes it holds. So a name is its bearer's own word, and one that nobody gave stays a number or an address. Pure.
 */
import type { Address, Hex } from "viem";
import type { Deployment } from "../../../protocol/deployment.ts";
import type { CardNames } from "./dataset-card.ts";

export interface RegisteredDataset {
  readonly dataset: number;
  /** Organisation that answers for it. */
  readonly custodian: number;
  readonly card: Hex;
  /** Governance has admitted it at some time: what it says was voted on. */
  readonly admitted: boolean;
}

/** @param account Of the institution. */
export interface RegisteredOrganisation {
  readonly organisation: number;
  readonly account: Address;
  readonly officers: readonly Address[];
}

/** @param key Signs its contributions. */
export interface RegisteredContributor {
  readonly contributor: number;
  readonly organisation: number;
  readonly key: Address;
}

export interface Registry {
  readonly datasets: readonly RegisteredDataset[];
  readonly organisations: readonly RegisteredOrganisation[];
  readonly contributors: readonly RegisteredContributor[];
}

/** Who or what stands behind an address. `name` is the institution's short name, if a checked card gives one. */
export type Bearer =
  | { readonly kind: "organisation"; readonly organisation: number; readonly name: string | undefined }
  | { readonly kind: "officer"; readonly organisation: number; readonly name: string | undefined }
  | { readonly kind: "contributor"; readonly contributor: number; readonly organisation: number; readonly name: string | undefined }
  | { readonly kind: "contract"; readonly contract: keyof Deployment["contracts"] };

/** Every answer is undefined for what has no name, or not one that was checked. */
export interface Names {
  /** Title of a dataset. */
  readonly dataset: (dataset: number) => string | undefined;
  /** Short name of an institution. */
  readonly organisation: (organisation: number) => string | undefined;
  readonly bearer: (address: string) => Bearer | undefined;
}

/** Of an institution with several cards, the first admitted one names it; before any is, the first. A later card cannot quietly rename it. */
function nameOf(organisation: number, { datasets }: Registry, cards: ReadonlyMap<Hex, CardNames>): string | undefined {
  const named = datasets
    .filter(({ custodian }) => custodian === organisation)
    .map(({ card, admitted }) => ({ admitted, name: cards.get(card)?.institution }))
    .filter(({ name }) => name !== undefined);
  return (named.find(({ admitted }) => admitted) ?? named[0])?.name;
}

/** Two institutions may not go by one name: whoever was admitted later goes without. */
function institutionNames(registry: Registry, cards: ReadonlyMap<Hex, CardNames>): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const taken = new Set<string>();
  for (const { organisation } of registry.organisations) {
    const name = nameOf(organisation, registry, cards);
    const folded = name?.normalize("NFKC").toLowerCase();
    if (name === undefined || folded === undefined || taken.has(folded)) continue;
    taken.add(folded);
    names.set(organisation, name);
  }
  return names;
}

/** @param cards Names by the card's digest; of those only that were checked. */
export function createNames(registry: Registry, cards: ReadonlyMap<Hex, CardNames>, contracts: Deployment["contracts"]): Names {
  const titles = new Map(registry.datasets.map(({ dataset, card }) => [dataset, cards.get(card)?.title]));
  const institutions = institutionNames(registry, cards);
  const bearers = new Map<string, Bearer>();
  // The institution's own account counts before its people, and a contract before anybody who claims its address.
  for (const { contributor, organisation, key } of registry.contributors) {
    bearers.set(key.toLowerCase(), { kind: "contributor", contributor, organisation, name: institutions.get(organisation) });
  }
  for (const { organisation, officers } of registry.organisations) {
    for (const officer of officers) bearers.set(officer.toLowerCase(), { kind: "officer", organisation, name: institutions.get(organisation) });
  }
  for (const { organisation, account } of registry.organisations) {
    bearers.set(account.toLowerCase(), { kind: "organisation", organisation, name: institutions.get(organisation) });
  }
  for (const [contract, address] of Object.entries(contracts)) {
    bearers.set(address.toLowerCase(), { kind: "contract", contract: contract as keyof Deployment["contracts"] });
  }
  return {
    dataset: (dataset) => titles.get(dataset),
    organisation: (organisation) => institutions.get(organisation),
    bearer: (address) => bearers.get(address.toLowerCase()),
  };
}
