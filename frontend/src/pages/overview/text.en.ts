const list = (items: readonly string[]): string => (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`);
const rounds = (numbers: readonly string[]): string => `${numbers.length === 1 ? "Round" : "Rounds"} ${list(numbers)}`;

export const overviewEn = {
  title: "The ledger at a glance",
  lead: "Who contributed to a model, what each was paid, and why: written where anyone can check it. This page reads the chain in your browser and compares every file it shows with a hash from the chain.",
  demo: "Demonstration: the records are a public data set without names, so no privacy budget is charged; the hospitals are simulated; nothing here is medical advice.",

  what: {
    heading: "What is this?",
    sentences: [
      "Hospitals improve one model together, and no patient's record leaves its house: each sends only what its own training changed.",
      "This ledger writes down who gave what, under whose consent, and which model came of it.",
      "It pays every contribution by a rule that anyone can work out again, and a wrong entry can be overturned by anyone.",
      "Members vote on which data may be used; a custodian can withdraw consent at any time, at once.",
    ],
  },

  doors: {
    heading: "Where to begin",
    contributor: ["I contribute", "See what you have earned, why, and claim it."],
    member: ["I am a member", "Read what is proposed, delegate, vote."],
    auditor: ["I check", "Recompute an entry on a page without a wallet, or on the command line."],
    operator: ["I operate", "Follow the rounds, their reports and their windows."],
    newcomer: ["I am new", "Look at a round, its model and what was paid."],
  } as { readonly heading: string } & Readonly<Record<"contributor" | "member" | "auditor" | "operator" | "newcomer", readonly [string, string]>>,

  loading: "Reading the ledger's history …",
  failed: "The ledger's history could not be read. The page keeps trying.",

  changes: {
    heading: "Since your last visit",
    first: "This is your first visit with this browser. From the next one on, this part says what has changed.",
    none: (block: string) => `Nothing has changed since block ${block}, which you saw last.`,
    since: (block: string) => `Since block ${block}. The block is remembered in this browser only.`,
    federation: (id: string) => `Federation ${id} was created.`,
    "rounds-final": (id: string, numbers: readonly string[]) => `${rounds(numbers)} of federation ${id} became final.`,
    "rounds-reported": (id: string, numbers: readonly string[]) => `${rounds(numbers)} of federation ${id}: a report came, and its window runs or has run out.`,
    "rounds-void": (id: string, numbers: readonly string[]) => `${rounds(numbers)} of federation ${id} became void and count for nothing.`,
    fault: (id: string, numbers: readonly string[]) => `Somebody proved a fault in ${rounds(numbers).toLowerCase()} of federation ${id}.`,
    "settlements-final": (id: string, numbers: readonly string[], amount: string) =>
      `${numbers.length === 1 ? "Settlement" : "Settlements"} ${list(numbers)} of federation ${id} became final: ${amount} SHU can be claimed.`,
    "settlement-proposed": (id: string, numbers: readonly string[]) => `Settlement ${list(numbers)} of federation ${id} was proposed and is open to challenge.`,
    claims: (id: string, count: number, amount: string) => `${count === 1 ? "One claim was" : `${count} claims were`} paid by federation ${id}: ${amount} SHU.`,
    seats: (id: string, numbers: readonly string[]) => `${numbers.length === 1 ? "Seat" : "Seats"} ${list(numbers)} of federation ${id} ${numbers.length === 1 ? "was" : "were"} granted.`,
    "datasets-proposed": (names: readonly string[]) => `Put forward: ${list(names)}.`,
    "datasets-approved": (names: readonly string[]) => `Approved by the members: ${list(names)}.`,
    "datasets-withdrawn": (names: readonly string[]) => `Consent was withdrawn for ${list(names)}. No further round can use it.`,
    "proposals-made": (count: number) => (count === 1 ? "One proposal was made." : `${count} proposals were made.`),
    "proposals-executed": (count: number) => (count === 1 ? "One proposal was carried out." : `${count} proposals were carried out.`),
  },

  federations: {
    heading: "Federations",
    none: "There is no federation on this ledger yet. Governance creates one: it names the rule, the privacy mode, the windows and the first model.",
    name: (id: string) => `Federation ${id}`,
    learns: "Learns from",
    learnsMore: (count: string) => `and ${count} more`,
    noSeats: "no dataset yet: no seat has been granted",
    rule: "Rule",
    rules: ["unknown", "weighted average", "weighted average with clipped norms", "trimmed mean", "median"] as readonly string[],
    ruleUnknown: (id: string) => `rule ${id}, which this page does not know`,
    privacy: "Privacy",
    privacyModes: ["updates are public: everybody can recompute", "updates are encrypted to auditors", "updates are masked: only sums are known"] as readonly string[],
    members: "Institutions",
    seats: (count: string) => (count === "1" ? "1 seat" : `${count} seats`),
    institutions: (count: string) => (count === "1" ? "1 institution" : `${count} institutions`),
    model: "Model",
    modelOf: (round: string) => `after round ${round}`,
    firstModel: "the first model, which no round has changed yet",
    accuracy: "Accuracy",
    underWay: "Rounds under way",
    round: (round: string) => `Round ${round}`,
    open: {
      force: (time: string) => `is open. For another ${time} an ignored contributor can force its entry in.`,
      waiting: "is open: it waits for contributions and for the operators' seal. A round begins as soon as contributors sign for it.",
      redo: "was sent back to be sealed again.",
    },
    sealed: (time: string) => `is sealed; its report is due within ${time}.`,
    sealedOver: "is sealed, and its report is overdue: anyone may void it.",
    reported: (time: string) => `was reported and can be disproved for another ${time}.`,
    reportedOver: "was reported and not disproved; it waits to be made final.",
    settlement: "Settlement",
    settlementRunning: (index: string, time: string) => `Settlement ${index} can be overturned for another ${time}.`,
    settlementOver: (index: string) => `Settlement ${index} was not overturned and waits to be made final. Anyone can do that.`,
    settlementNone: (last: string, every: string) => `None is under way. Rounds through ${last} are settled; the next comes after ${every} more final rounds, at the earliest.`,
    noVault: "Governance has reserved no SHU, so nothing is paid yet.",
    rounds: "Rounds and models",
  },

  proposals: {
    heading: "Open proposals",
    none: "No proposal is open. Members with enough votes can make one.",
    states: { Pending: "Voting begins soon", Active: "Open to vote", Succeeded: "Passed, to be queued", Queued: "Passed, waiting out its delay" } as Readonly<Record<string, string>>,
    untitled: "A proposal without a title",
    words: "in the proposer's words",
    all: "Governance",
  },
};

export type OverviewText = typeof overviewEn;
