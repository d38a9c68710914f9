import { languageTags } from "./language.ts";

/** English. `zh.ts` must have the same keys and parameters: the compiler checks. */
const units = { day: "d", hour: "h", minute: "min", second: "s" };

export const en = {
  locale: { tag: languageTags.en, title: "Chongwen · a public ledger for federated learning", units },

  header: {
    skip: "Skip to content",
    tagline: "A public ledger for federated learning",
    language: "Language",
  },

  app: {
    navigation: "Pages",
    pages: {
      overview: "Overview",
      card: "My library card",
      datasets: "Datasets",
      governance: "Governance",
      rounds: "Rounds and models",
      flow: "Knowledge flow",
      annotate: "Annotate",
      operators: "Operators",
      join: "Join",
      verify: "Verify",
    },
    loadingPage: "Opening the page …",
    notFound: "No such page",
    notFoundLead: "The address names nothing here. The pages are listed above.",
    failed: "This page stumbled. Nothing was sent or lost; the rest of the dapp goes on.",
    retry: "Try again",
  },

  chain: {
    label: "Chain",
    connecting: "Asking the chain …",
    block: (number: string) => `Block ${number}`,
    endpoint: (host: string) => `read from ${host}`,
    unreachable: "Not reachable",
    unreachableHelp: (url: string) =>
      `The endpoint ${url} does not answer. If this is your own machine, run npm start and leave it running; otherwise check your connection. The page keeps trying.`,
    stale: (number: string) => `What you see is as of block ${number}.`,
    otherChain: (expected: string, actual: string) =>
      `The endpoint answers for chain ${actual}, but this ledger is on chain ${expected}. Nothing below can be trusted until that is corrected.`,
  },

  boot: {
    loading: "Opening the ledger …",
    unreachable: "The page could not fetch deployment.json, which says where the ledger is. Is the server that gave you this page still running?",
    invalid: "The server's deployment.json is not what this page understands. Reload after updating both.",
    retry: "Try again",
  },


  /** For what no checked card names. */
  names: {
    address: "Address",
    organisation: (id: string) => `Institution ${id}`,
    dataset: (id: string) => (id === "0" ? "Support seat (no data)" : `Dataset ${id}`),
    officerOf: (institution: string) => `Officer of ${institution}`,
    contributorOf: (id: string, institution: string) => `Contributor ${id}, ${institution}`,
    contracts: {
      treasury: "The treasury",
      token: "The SHU token",
      timelock: "Governance (timelock)",
      governor: "Governance (governor)",
    } as Readonly<Record<string, string>>,
    contract: (name: string) => `The ledger's contract ${name}`,
  },

  kinds: {
    heading: "What a word here is worth",
    enforced: "Enforced",
    enforcedMeaning: "the contract refused anything else",
    disprovable: "Disprovable",
    disprovableMeaning: "one transaction by anyone overturns it within its window, and who signed it is slashed; until somebody recomputes it, it is unchallenged, not verified. Who can recompute it depends on the privacy mode: everybody when updates are public, the holders of the escrow keys when they are encrypted",
    recomputable: "Recomputable",
    recomputableMeaning: "everyone who runs the published evaluator gets the same numbers",
    attested: "Attested",
    attestedMeaning: "a named party signed it, and that is all: that training happened, that record counts are true",
  },

  rounds: {
    heading: "Rounds",
    federation: "Federation",
    federationOption: (id: string) => `Federation ${id}`,
    loading: "Reading rounds from the chain …",
    none: "No federation has been created on this ledger yet.",
    failed: "The rounds could not be read. The contracts named in deployment.json may not be on this chain: if it was restarted, reload this page.",
    older: "Show older rounds",
    recompute: "Unchallenged is not verified. To recompute every round yourself, from the same files:",
    title: (number: string) => `Round ${number}`,
    genesis: "First model",
    genesisNote: "Set by governance when the federation was created; no round led to it.",
    states: { open: "Open", sealed: "Sealed", reported: "Reported", final: "Final", void: "Void" },
    unchallenged: "unchallenged",
    status: {
      openForce: (time: string) => `Contributors sign now. For another ${time} an ignored one can force its entry in; a seal comes after.`,
      open: "Contributors sign now; the operators may seal.",
      redo: (time: string) => `Sent back to be sealed again, within ${time}.`,
      redoOver: "Sent back to be sealed again, and overdue: anyone may void it.",
      sealed: (time: string) => `The set of entries is frozen. The report is due within ${time}.`,
      sealedOver: "The report is overdue: anyone may void this round.",
      reported: (time: string) => `Nobody has disproved the report so far; its window closes in ${time}.`,
      reportedOver: "Nobody disproved the report in its window. It waits to be made final.",
      final: "Nobody disproved the report within its window.",
      void: "This round counts for nothing and pays nothing.",
    },
    attempt: (number: string) => `Attempt ${number}: an earlier one was disproved.`,
    contributors: "Contributors",
    acceptedOf: (accepted: string, entries: string) => `${accepted} of ${entries} entries accepted`,
    forced: (count: string) => `${count} forced in on chain`,
    excluded: (count: string) => `${count} later excluded: payload never came`,
    accuracy: "Accuracy",
    holdout: (correct: string, total: string) => `${correct} of ${total} held-out records`,
    modelRoot: "Model root",
    reportHash: "Report hash",
    parent: (name: string) => `extends ${name}`,
    loadingReport: "Reading the report …",
    reportMissing: "The endpoint does not return the report's event.",
    freeze: {
      until: "Frozen by the ethics council until",
      left: (time: string) => `(another ${time})`,
      meaning: "Until then nothing of this federation is sealed, reported or made final, and no deadline passes. Fault proofs, withdrawals of consent, settlements of final rounds and claims go on.",
      reason: "Hash of the reason",
      council: "The ethics council, and what it can do",
    },
  },

  metrics: {
    loading: "Checking the metrics file …",
    verified: "The file's hash equals the one on chain.",
    mismatch: "Not shown: the metrics file differs from the hash on chain.",
    unreadable: "Not shown: the metrics file matches the chain but has a form this page does not know.",
    unavailable: "Not verified: the metrics file could not be fetched.",
    none: "Not measured for the first model.",
  },

  wallet: {
    connect: "Connect wallet",
    disconnect: "Disconnect",
    passkey: "Passkey",
    usePasskey: "No wallet? Join or come back with a passkey",
    dialog: "Choose a wallet",
    dialogHelp: "Wallets that your browser offers. The page learns the address you choose and asks before each transaction. It contacts no wallet company.",
    none: "Your browser offers no wallet. Install a wallet extension that supports EIP-6963 and reload; looking up an address works without one.",
    connecting: (name: string) => `Waiting for ${name} …`,
    close: "Close",
    connected: "Connected account",
    browserWallet: "Browser wallet",
  },

  copy: {
    button: (what: string) => `Copy ${what}`,
    short: "Copy",
    done: "Copied",
    failed: "Could not copy",
  },

  history: {
    reading: "The ledger's history is being read…",
    chain: (block: string) => `The history was read from the chain, up to block ${block}.`,
    indexer: ({ block, lag, compared, all }: { readonly block: string; readonly lag: string; readonly compared: string; readonly all: string }) =>
      `The history came from an indexer, ${lag} blocks behind the chain; what it lacked up to block ${block} was read from the chain. ${compared} of its ${all} entries were compared with the chain, and are the same.`,
    gone: "The indexer does not answer. Nothing is lost: the page reads the chain.",
    behind: "The indexer is too far behind. The page reads the chain instead.",
    lied: "The indexer says something else than the chain, so this page does not use it:",
  },
  footer: {
    notProven: "What this page does not prove",
    notProvenList: [
      "That training happened, that record counts are true, or that a hospital is who it says: those are signed, not proven.",
      "That a final report is right. It was open to challenge and nobody did; npx chongwen audit recomputes it.",
      "That your endpoint tells the truth. The page trusts one endpoint; ask another, or your own node, to be sure.",
      "That this page is the one you think. Its server could have changed it; the command line needs no page.",
    ],
    sources: "Where the data comes from",
    sourcesText: "From the chain, read directly, and from files named by the hash of their content. No server of ours decides what you see; no tracker, no font and no script comes from anywhere else.",
    rounds: "Rounds contract",
    settlement: "Settlement contract",
    licence: "Data and licence",
    demoRecords: (title: string, licence: string, source: string) => `Demo records: ${title}; licence ${licence}; source ${source}; split here into simulated hospitals.`,
    software: "Software: Apache-2.0.",
  },
};

export type Dictionary = typeof en;
