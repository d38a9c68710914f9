/** Organisations, contributors, accounts of passkeys, datasets, seats. */
import { contributor, dataset, organisation, passkeyAccount, seat } from "../../ponder.schema.ts";
import type { Projections } from "./index.ts";
import { clean, DATASET_STATES, nameOf } from "./text.ts";

/** A seat's status is a set of bits: this one, and reasons why it is stopped. */
const GRANTED = 1;
const REVOKED = 8;

interface Terms {
  readonly card: `0x${string}`;
  readonly records: number;
  readonly exempt: boolean;
  readonly licence: string;
  readonly legalBasis: string;
  readonly ethicsApproval: string;
}

function shown({ card, records, exempt, licence, legalBasis, ethicsApproval }: Terms) {
  return { card, records, exempt, licence: clean(licence), legalBasis: clean(legalBasis), ethicsApproval: clean(ethicsApproval) };
}

export const registry: Projections = {
  "contributors:OrganisationAdmitted": ({ event: { args }, context: { db } }) =>
    db.insert(organisation).values({ id: args.organisation, account: args.account, officerA: args.officerA, officerB: args.officerB, cluster: args.cluster, card: true }),
  "contributors:OfficersReplaced": ({ event: { args }, context: { db } }) =>
    db.update(organisation, { id: args.organisation }).set({ officerA: args.officerA, officerB: args.officerB }),
  "contributors:LibraryCardRevoked": ({ event: { args }, context: { db } }) => db.update(organisation, { id: args.organisation }).set({ card: false }),
  "contributors:LibraryCardRestored": ({ event: { args }, context: { db } }) => db.update(organisation, { id: args.organisation }).set({ card: true }),

  "contributors:ContributorRegistered": ({ event: { args }, context: { db } }) =>
    db.insert(contributor).values({ id: args.contributor, organisation: args.organisation, key: args.key, payee: args.payee, suspended: false }),
  "contributors:ContributorSuspended": ({ event: { args }, context: { db } }) => db.update(contributor, { id: args.contributor }).set({ suspended: true }),
  "contributors:ContributorReinstated": ({ event: { args }, context: { db } }) => db.update(contributor, { id: args.contributor }).set({ suspended: false }),
  "contributors:KeyRotated": ({ event: { args }, context: { db } }) => db.update(contributor, { id: args.contributor }).set({ key: args.newKey }),
  "contributors:PayeeChanged": ({ event: { args }, context: { db } }) => db.update(contributor, { id: args.contributor }).set({ payee: args.payee }),

  "passkeyAccounts:AccountCreated": ({ event: { args, block }, context: { db } }) =>
    db.insert(passkeyAccount).values({
      address: args.account, organisation: args.organisation, role: args.role, invitation: args.invitation, officer: args.officer, createdAt: Number(block.number),
    }),
  "passkeyAccounts:RecoveryConfirmed": ({ event: { args }, context: { db } }) => db.update(passkeyAccount, { address: args.account }).set({ recoverableAt: Number(args.effectiveAt) }),
  "passkeyAccounts:RecoveryCancelled": ({ event: { args }, context: { db } }) => db.update(passkeyAccount, { address: args.account }).set({ recoverableAt: null }),
  "passkeyAccounts:RecoveryCompleted": ({ event: { args }, context: { db } }) => db.update(passkeyAccount, { address: args.account }).set({ recoverableAt: null }),

  "datasets:DatasetProposed": ({ event: { args }, context: { db } }) =>
    db.insert(dataset).values({ id: args.dataset, custodian: args.custodian, status: "Proposed", version: 1, withdrawn: false, ...shown(args.terms) }),
  "datasets:DatasetAmended": ({ event: { args }, context: { db } }) => db.update(dataset, { id: args.dataset }).set({ version: args.version, ...shown(args.terms) }),
  "datasets:DatasetStatusChanged": ({ event: { args }, context: { db } }) => db.update(dataset, { id: args.dataset }).set({ status: nameOf(DATASET_STATES, args.status) }),
  "datasets:ConsentWithdrawn": ({ event: { args }, context: { db } }) => db.update(dataset, { id: args.dataset }).set({ withdrawn: true }),
  "datasets:DatasetHeld": ({ event: { args }, context: { db } }) => db.update(dataset, { id: args.dataset }).set({ heldUntil: Number(args.until) }),
  "datasets:HoldLifted": ({ event: { args }, context: { db } }) => db.update(dataset, { id: args.dataset }).set({ heldUntil: null }),

  "seats:SeatGranted": ({ event: { args }, context: { db } }) =>
    db.insert(seat).values({
      federation: args.federation, number: args.seat, contributor: args.contributor, dataset: args.dataset, version: args.version, weight: args.weight, budget: args.budget, status: GRANTED,
    }),
  "seats:SeatRenewed": ({ event: { args }, context: { db } }) =>
    db.update(seat, { federation: args.federation, number: args.seat }).set({ version: args.version, weight: args.weight, budget: args.remaining }),
  "seats:SeatRevoked": ({ event: { args }, context: { db } }) => db.update(seat, { federation: args.federation, number: args.seat }).set(({ status }) => ({ status: status | REVOKED })),
  "seats:SeatStatusChanged": ({ event: { args }, context: { db } }) =>
    db.update(seat, { federation: args.federation, number: args.seat }).set({ status: args.status }),
};
