/** What a vote changes about a dataset: its status, or every word of its terms. Pure. */
import type { ContractFunctionArgs, ContractFunctionReturnType } from "viem";
import type { datasetsAbi } from "../../../../../protocol/abi/index.ts";
import type { Cell, Change, Row } from "./cells.ts";
import { cell } from "./cells.ts";

export type Dataset = ContractFunctionReturnType<typeof datasetsAbi, "view", "datasetOf">;
export type Terms = ContractFunctionReturnType<typeof datasetsAbi, "view", "termsOf">;
export type NewTerms = ContractFunctionArgs<typeof datasetsAbi, "nonpayable", "amend">[1];

/** A seat, as far as a vote about its dataset or contributor touches it. */
export interface SeatFact {
  readonly federation: number;
  readonly seat: number;
  readonly contributor: number;
  readonly organisation: number;
  readonly dataset: number;
  readonly revoked: boolean;
}

const STATUS = ["none", "proposed", "approved", "suspended", "retired"] as const;
const AFTER = { approve: "approved", suspend: "suspended", reinstate: "approved", retire: "retired" } as const;

const privacy = ({ exempt, privacyCap }: Pick<Terms, "exempt" | "privacyCap">): Cell => (exempt ? cell.word("exempt") : cell.rho(privacyCap));

function termsRows(before: Terms | undefined, after: NewTerms | Terms): readonly Row[] {
  const row = (label: string, of: (terms: Terms | NewTerms) => Cell): Row => ({ label, before: before && of(before), after: of(after) });
  return [
    row("licence", ({ licence }) => cell.text(licence)),
    row("legalBasis", ({ legalBasis }) => cell.text(legalBasis)),
    row("consentVersion", ({ consentVersion }) => cell.number(consentVersion)),
    row("ethicsApproval", ({ ethicsApproval }) => cell.text(ethicsApproval)),
    row("ethicsExpiry", ({ ethicsExpiry }) => cell.day(ethicsExpiry)),
    row("records", ({ records }) => cell.number(records)),
    row("privacyCap", privacy),
    row("card", ({ card }) => cell.hash(card)),
  ];
}

function affectedBy(dataset: number, { custodian }: Pick<Dataset, "custodian">, seats: readonly SeatFact[]): Change["affected"] {
  const touched = seats.filter((seat) => seat.dataset === dataset && !seat.revoked);
  return {
    organisations: [...new Set([custodian, ...touched.map(({ organisation }) => organisation)])],
    federations: [...new Set(touched.map(({ federation }) => federation))],
    datasets: [dataset],
    seats: touched.length,
  };
}

export interface DatasetState {
  readonly dataset: Dataset;
  readonly terms: Terms;
  readonly seats: readonly SeatFact[];
}

/** Approval brings its terms into force, so they are all new; the others change the status alone. */
export function statusChange(functionName: keyof typeof AFTER, id: number, { dataset, terms, seats }: DatasetState): Change {
  const status: Row = { label: "status", subject: String(id), before: cell.word(STATUS[dataset.status] ?? "none"), after: cell.word(AFTER[functionName]) };
  return { rows: functionName === "approve" ? [status, ...termsRows(undefined, terms)] : [status], affected: affectedBy(id, dataset, seats) };
}

export function amendment(id: number, next: NewTerms, { dataset, terms, seats }: DatasetState): Change {
  const version: Row = { label: "version", subject: String(id), before: cell.number(dataset.version), after: cell.number(dataset.version + 1) };
  return { rows: [version, ...termsRows(terms, next)], affected: affectedBy(id, dataset, seats) };
}
