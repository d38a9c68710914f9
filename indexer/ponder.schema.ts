/** What the indexer keeps. Numbers of blocks and things fit a JavaScript number; amounts and the chain's own words are kept whole. */
import { index, onchainTable, primaryKey } from "ponder";

/** Every event of the ledger, as the chain recorded it. `topics` are joined by commas. */
export const log = onchainTable(
  "log",
  (t) => ({
    blockNumber: t.int8({ mode: "number" }).notNull(),
    logIndex: t.integer().notNull(),
    blockHash: t.hex().notNull(),
    timestamp: t.int8({ mode: "number" }).notNull(),
    transactionHash: t.hex().notNull(),
    address: t.hex().notNull(),
    topics: t.text().notNull(),
    data: t.hex().notNull(),
    contract: t.text().notNull(),
    event: t.text().notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.blockNumber, table.logIndex] }), byTransaction: index().on(table.transactionHash), byBlock: index().on(table.blockHash) }),
);

export const federation = onchainTable("federation", (t) => ({
  id: t.integer().primaryKey(),
  configHash: t.hex().notNull(),
  genesisHash: t.hex().notNull(),
  modelRoot: t.hex().notNull(),
  artefact: t.hex().notNull(),
  vault: t.hex(),
  createdAt: t.int8({ mode: "number" }).notNull(),
}));

/** Where a round stands now. */
export const round = onchainTable(
  "round",
  (t) => ({
    federation: t.integer().notNull(),
    number: t.integer().notNull(),
    attempt: t.integer().notNull(),
    state: t.text().notNull(),
    sealHash: t.hex(),
    reportHash: t.hex(),
    modelRoot: t.hex(),
    artefact: t.hex(),
    changedAt: t.int8({ mode: "number" }).notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.federation, table.number] }), bySeal: index().on(table.sealHash), byReport: index().on(table.reportHash), byArtefact: index().on(table.artefact) }),
);

/** How it came there: a row each time something happened to a round. */
export const roundStep = onchainTable(
  "round_step",
  (t) => ({
    blockNumber: t.int8({ mode: "number" }).notNull(),
    logIndex: t.integer().notNull(),
    federation: t.integer().notNull(),
    number: t.integer().notNull(),
    attempt: t.integer(),
    event: t.text().notNull(),
    state: t.text(),
    hash: t.hex(),
    timestamp: t.int8({ mode: "number" }).notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.blockNumber, table.logIndex] }), byRound: index().on(table.federation, table.number) }),
);

export const settlement = onchainTable(
  "settlement",
  (t) => ({
    federation: t.integer().notNull(),
    number: t.integer().notNull(),
    attempt: t.integer().notNull(),
    state: t.text().notNull(),
    firstRound: t.integer().notNull(),
    lastRound: t.integer().notNull(),
    rewardsRoot: t.hex().notNull(),
    artefact: t.hex().notNull(),
    distributed: t.bigint().notNull(),
    pool: t.bigint().notNull(),
    frozen: t.boolean().notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.federation, table.number] }), byRoot: index().on(table.rewardsRoot) }),
);

export const organisation = onchainTable("organisation", (t) => ({
  id: t.integer().primaryKey(),
  account: t.hex().notNull(),
  officerA: t.hex().notNull(),
  officerB: t.hex().notNull(),
  cluster: t.int8({ mode: "number" }).notNull(),
  card: t.boolean().notNull(),
}));

export const contributor = onchainTable("contributor", (t) => ({
  id: t.integer().primaryKey(),
  organisation: t.integer().notNull(),
  key: t.hex().notNull(),
  payee: t.hex().notNull(),
  suspended: t.boolean().notNull(),
}));

/** An account that a passkey opens, made by an invitation. */
export const passkeyAccount = onchainTable("passkey_account", (t) => ({
  address: t.hex().primaryKey(),
  organisation: t.integer().notNull(),
  /** The contract's own number of it. */
  role: t.integer().notNull(),
  invitation: t.hex().notNull(),
  /** The officer who invited. */
  officer: t.hex().notNull(),
  /** When two officers' new key may take its place (seconds); null when none is under way. */
  recoverableAt: t.int8({ mode: "number" }),
  createdAt: t.int8({ mode: "number" }).notNull(),
}));

export const dataset = onchainTable("dataset", (t) => ({
  id: t.integer().primaryKey(),
  custodian: t.integer().notNull(),
  status: t.text().notNull(),
  version: t.integer().notNull(),
  card: t.hex().notNull(),
  records: t.int8({ mode: "number" }).notNull(),
  exempt: t.boolean().notNull(),
  licence: t.text().notNull(),
  legalBasis: t.text().notNull(),
  ethicsApproval: t.text().notNull(),
  withdrawn: t.boolean().notNull(),
  heldUntil: t.int8({ mode: "number" }),
}));

export const seat = onchainTable(
  "seat",
  (t) => ({
    federation: t.integer().notNull(),
    number: t.integer().notNull(),
    contributor: t.integer().notNull(),
    dataset: t.integer().notNull(),
    version: t.integer().notNull(),
    weight: t.integer().notNull(),
    budget: t.int8({ mode: "number" }).notNull(),
    /** Bits: 1 granted; any other, a reason why it is stopped; 8 among them: revoked. */
    status: t.integer().notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.federation, table.number] }), byContributor: index().on(table.contributor), byDataset: index().on(table.dataset) }),
);

export const proposal = onchainTable("proposal", (t) => ({
  id: t.bigint().primaryKey(),
  proposer: t.hex().notNull(),
  description: t.text().notNull(),
  state: t.text().notNull(),
  voteStart: t.int8({ mode: "number" }).notNull(),
  voteEnd: t.int8({ mode: "number" }).notNull(),
  eta: t.int8({ mode: "number" }),
  createdAt: t.int8({ mode: "number" }).notNull(),
}));

export const vote = onchainTable(
  "vote",
  (t) => ({ proposal: t.bigint().notNull(), voter: t.hex().notNull(), support: t.integer().notNull(), weight: t.bigint().notNull(), reason: t.text().notNull() }),
  (table) => ({ key: primaryKey({ columns: [table.proposal, table.voter] }), byVoter: index().on(table.voter) }),
);

export const delegation = onchainTable("delegation", (t) => ({ delegator: t.hex().primaryKey(), delegate: t.hex().notNull() }), (table) => ({ byDelegate: index().on(table.delegate) }));

export const votingPower = onchainTable("voting_power", (t) => ({ delegate: t.hex().primaryKey(), votes: t.bigint().notNull() }));

export const operator = onchainTable("operator", (t) => ({
  address: t.hex().primaryKey(),
  organisation: t.integer().notNull(),
  bonded: t.bigint().notNull(),
  member: t.boolean().notNull(),
}));

/** Who signs in an epoch, in the order of the signers' bits; joined by commas. */
export const operatorEpoch = onchainTable("operator_epoch", (t) => ({ id: t.integer().primaryKey(), operators: t.text().notNull(), threshold: t.integer().notNull() }));

export const slash = onchainTable("slash", (t) => ({
  evidence: t.hex().primaryKey(),
  epoch: t.integer().notNull(),
  /** Bit i: the epoch's operator i. */
  signers: t.bigint().notNull(),
  challenger: t.hex().notNull(),
  toChallenger: t.bigint().notNull(),
  toPool: t.bigint().notNull(),
  burnt: t.bigint().notNull(),
  blockNumber: t.int8({ mode: "number" }).notNull(),
}));

export const claim = onchainTable(
  "claim",
  (t) => ({
    blockNumber: t.int8({ mode: "number" }).notNull(),
    logIndex: t.integer().notNull(),
    vault: t.hex().notNull(),
    seat: t.integer().notNull(),
    payee: t.hex().notNull(),
    recipient: t.hex().notNull(),
    amount: t.bigint().notNull(),
    cumulative: t.bigint().notNull(),
    transactionHash: t.hex().notNull(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.blockNumber, table.logIndex] }), byPayee: index().on(table.payee), byVault: index().on(table.vault, table.seat) }),
);

export const demand = onchainTable("demand", (t) => ({
  id: t.hex().primaryKey(),
  federation: t.integer().notNull(),
  round: t.integer().notNull(),
  attempt: t.integer().notNull(),
  demander: t.hex().notNull(),
  state: t.text().notNull(),
  answerer: t.hex(),
}));

/** Challenges of settlements, and faults that were proven. */
export const dispute = onchainTable(
  "dispute",
  (t) => ({
    blockNumber: t.int8({ mode: "number" }).notNull(),
    logIndex: t.integer().notNull(),
    kind: t.text().notNull(),
    federation: t.integer().notNull(),
    /** A round's number, or a settlement's. */
    subject: t.integer().notNull(),
    attempt: t.integer(),
    challenger: t.hex(),
    verifier: t.hex(),
  }),
  (table) => ({ key: primaryKey({ columns: [table.blockNumber, table.logIndex] }) }),
);
