export const overviewEn = {
  title: "The ledger at a glance",
  lead: "Who contributed to a model, what each was paid, and why: written where anyone can check it. This page reads the chain in your browser and compares every file it shows with a hash from the chain.",
  demo: "Demonstration: the records are a public data set without names, so no privacy budget is charged; the hospitals are simulated; nothing here is medical advice.",
};

export type OverviewText = typeof overviewEn;
