/** Sections of a model card on what its statements rest on: evaluation, references, how to verify. Pure. */
import { quoted } from "./escape.ts";
import { isVerified, type ModelFacts } from "./model-facts.ts";
import { decimal } from "./model-front.ts";
import { table } from "./model-history.ts";

export function evaluation(facts: ModelFacts): string[] {
  const { evaluation: found } = facts;
  if (found === null) return ["## Evaluation", "", "The report states no evaluation that can be recomputed: the holdout is private, or there is none. Its metrics are attested by the operators and are not repeated here."];
  const { correct, records, classes, features, holdoutRoot, balancedPpm } = found;
  return [
    "## Evaluation", "", ...(isVerified(facts) ? [] : ["> Not verified: see *How to verify*.", ""]),
    ...table(["Measure", "Value"], [
      ["Right answers", `${correct} of ${records}`],
      ["Accuracy", decimal(BigInt(correct), BigInt(records))],
      ...(balancedPpm === null ? [] : [["Balanced accuracy (mean over the classes)", decimal(BigInt(balancedPpm), 1_000_000n)]]),
      ["Holdout", `${records} records, ${features} features, ${classes} classes; root \`${holdoutRoot}\``],
    ]),
    "", "Rounded down. Predictions are whole numbers: everybody gets the same ones. Nothing says that the holdout is representative, rightly labelled, or unseen in training.",
  ];
}

export function references({ chainId, ledger, federation, round, reportHash, artefact, modelRoot, metricsHash, configHash, config }: ModelFacts): string[] {
  return [
    "## On the ledger", "",
    ...table(["What", "Value"], [
      ["Chain", String(chainId)], ["Ledger (contract `Rounds`)", `\`${ledger}\``], ["Federation", String(federation)], ["Round", String(round)], ["Report hash", `\`${reportHash}\``],
      ["Artefact (the round's bundle)", `\`${artefact}\``], ["Model root", `\`${modelRoot}\``], ["Metrics hash", `\`${metricsHash}\``], ["Configuration hash", `\`${configHash}\``], ["Terms hash", `\`${config.termsHash}\``],
    ]),
  ];
}

export function verification(facts: ModelFacts): string[] {
  const { federation, round, audit, page, lineage } = facts;
  const flag = federation === 1 ? "" : ` --federation ${federation}`;
  const earlier = lineage.length - 1;
  const link = `verify/#/round/${round}${federation === 1 ? "" : `?federation=${federation}`}`;
  return [
    "## How to verify", "",
    "```", `npx chongwen audit --round ${round}${flag}`, `npx chongwen model-card --round ${round}${flag}`, "```", "",
    page === null ? `In a browser: the page \`${link}\` of a server that you trust.` : `In a browser: <${page}${link}>`, "",
    isVerified(facts) ? `Before this card was written, the round was recomputed from its artefacts: ${audit.checked} comparisons, all equal. For you it is unchallenged until you do the same.` : `The recomputation of the round made ${audit.checked} comparisons and could not look at everything:`,
    ...audit.findings.slice(0, 20).map(({ kind, entry, subject, message }) => `- ${kind}: ${quoted(`${entry} ${subject} ${message}`, 300)}`),
    ...(audit.findings.length > 20 ? [`- and ${audit.findings.length - 20} more`] : []),
    "", "Not verified for this card:", "",
    ...(earlier > 0 ? [`- the aggregates before it (${earlier === 1 ? "one round" : `${earlier} rounds`}): of these bundles, the manifest was compared with the report hash on the chain, and seats and weights with the seal. \`npx chongwen audit${flag}\` recomputes all of them`] : []),
    "- settlements and payments",
    "- the chain: its facts were taken from one endpoint",
    "- all that is attested",
  ];
}

/** What each statement is worth: the four words of the ledger. */
export function backing({ evaluation: found, config }: ModelFacts): string[] {
  const recomputable = config.privacyMode === 0 ? "disprovable" : "disprovable, by who can read the updates";
  return [
    "## What each statement is worth", "",
    ...table(["Statement", "Worth", "Because"], [
      ["Who took part, with which weight; who was dropped", "enforced", "the contract refused anything else at the seal"],
      ["Privacy budget charged; state of the datasets", "enforced", "kept by the contracts"],
      ["Tombstones; the licence of the model", "recomputable", "follow from withdrawals and registered terms; what a reader does with them, nobody enforces, and neither is legal advice"],
      ["The model is the aggregate of the updates; its lineage; excluded payloads", recomputable, "anyone overturns a wrong report in one transaction until it is final"],
      ["Accuracy and balanced accuracy", found === null ? "attested" : "disprovable", found === null ? "signed by the operators" : "predictions on an open holdout; balanced accuracy follows from them (recomputable)"],
      ["That the holdout is fit to judge by", "attested", "chosen by people"],
      ["Titles, institutions, purposes, limits, sources", "attested", "words of cards, whose hash alone is on the chain"],
      ["Licence, legal basis, ethics approval, consent form, records", "attested", "the custodian's word, registered as terms"],
      ["That training happened, that noise was added", "attested", "the contributors' word"],
    ]),
  ];
}
