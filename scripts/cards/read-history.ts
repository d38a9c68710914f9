/** The events that a model card rests on, of the registries and of all rounds. */
import { parseEventLogs, type Hex } from "viem";
import { contributorsAbi, datasetsAbi, roundsAbi, seatsAbi } from "../../protocol/abi/index.ts";
import type { FederationConfig } from "../../protocol/eip712/structs.ts";
import { DROP_REASONS } from "../../protocol/ledger/states.ts";
import type { DatasetTerms } from "../../protocol/dataset-terms.ts";
import type { Kernel } from "../chain/kernel.ts";

/** Terms from a block on. */
export interface TermsFrom {
  readonly dataset: number;
  readonly version: number;
  readonly custodian: number;
  readonly terms: DatasetTerms;
  readonly block: bigint;
}

export type History = Awaited<ReturnType<typeof readHistory>>;

const ABI = [...contributorsAbi, ...datasetsAbi, ...roundsAbi, ...seatsAbi] as const;

export async function readHistory({ client, deployment, contributors, datasets, rounds, seats }: Kernel, federation: number) {
  const address = [contributors.address, datasets.address, rounds.address, seats.address];
  const logs = await client.getLogs({ address, fromBlock: deployment.fromBlock, toBlock: "latest" });
  const events = parseEventLogs({ abi: ABI, logs });
  const termsOf = new Map<number, TermsFrom[]>();
  const organisations = new Map<number, number>();
  const seatOf = new Map<number, { readonly contributor: number; readonly dataset: number }>();
  const withdrawn = new Map<number, bigint>();
  const held = new Map<number, bigint>();
  const configs = new Map<Hex, FederationConfig>();
  /** Of the last seal of each round of the federation: its block, and what was dropped there. */
  const sealed = new Map<number, { readonly block: bigint; readonly drops: ReadonlyMap<number, string> }>();
  let dropped = new Map<number, string>();
  for (const event of events) {
    const block = event.blockNumber;
    switch (event.eventName) {
      case "DatasetProposed":
        termsOf.set(event.args.dataset, [{ dataset: event.args.dataset, version: 1, custodian: event.args.custodian, terms: event.args.terms, block }]);
        break;
      case "DatasetAmended": {
        const [first, ...rest] = termsOf.get(event.args.dataset) ?? [];
        if (first !== undefined) termsOf.set(event.args.dataset, [first, ...rest, { ...first, version: event.args.version, terms: event.args.terms, block }]);
        break;
      }
      case "ConsentWithdrawn":
        withdrawn.set(event.args.dataset, block);
        break;
      case "DatasetHeld":
        held.set(event.args.dataset, event.args.until);
        break;
      case "HoldLifted":
        held.delete(event.args.dataset);
        break;
      case "ContributorRegistered":
        organisations.set(event.args.contributor, event.args.organisation);
        break;
      case "SeatGranted":
        if (event.args.federation === federation) seatOf.set(event.args.seat, event.args);
        break;
      case "FederationCreated":
      case "FederationReconfigured":
        if (event.args.federation === federation) configs.set(event.args.configHash, event.args.config);
        break;
      case "EntryDropped":
        // The seats tell it while the ledger seals: before the seal's own event, in its transaction.
        if (event.args.federation === federation) dropped.set(event.args.seat, DROP_REASONS[event.args.reason] ?? "unknown reason");
        break;
      case "RoundSealed":
        if (event.args.federation === federation) {
          sealed.set(event.args.round, { block, drops: dropped });
          dropped = new Map();
        }
        break;
      default:
    }
  }
  return { lastChange: events.at(-1)?.blockNumber ?? deployment.fromBlock, termsOf, organisations, seatOf, withdrawn, held, configs, sealed };
}
