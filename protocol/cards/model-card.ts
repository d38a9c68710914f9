/**
 * A recorded model as a model card of the Hugging Face Hub. Only numbers, hashes and words of this software stand in it bare; all that anybody else wrote is
 * quoted. The same facts give the same bytes. Pure.
 */
import { RULES } from "../aggregate/aggregate.ts";
import { quoted } from "./escape.ts";
import { isVerified, type ModelFacts } from "./model-facts.ts";
import { frontMatter, hubDatasets, modelLicence, modelName } from "./model-front.ts";
import { consent, data, lineage, privacy } from "./model-history.ts";
import { backing, evaluation, references, verification } from "./model-proof.ts";

function banner(facts: ModelFacts): string[] {
  const withdrawn = facts.datasets.filter(({ withdrawnAt }) => withdrawnAt !== null);
  return [
    ...(isVerified(facts) ? [] : ["> **NOT VERIFIED.** The recomputation of this round did not come to its end; what is missing stands under *How to verify*. Nothing below may be taken as checked.", ""]),
    ...(withdrawn.length === 0 ? [] : [`> **CONSENT WITHDRAWN** for ${withdrawn.map(({ dataset }) => `dataset ${dataset}`).join(", ")}: this model learnt from ${withdrawn.length === 1 ? "it" : "them"}. See *Consent*.`, ""]),
    ...(facts.state === "Final" ? [] : [`> **NOT FINAL.** The round is ${facts.state}: anyone can still disprove it.`, ""]),
  ];
}

function use({ datasets }: ModelFacts): string[] {
  const purposes = [...new Set(datasets.flatMap(({ words }) => words?.purpose ?? []))].sort();
  return [
    "## Intended use", "", "**Research use only**, until a named manufacturer signs an intended purpose. The contracts know no such signature yet, so none is recorded for any model. It is no medical device and must not be used for diagnosis or treatment.", "",
    ...(purposes.length === 0 ? ["No card of its data states a purpose."] : ["What the cards of its data say that the data is for (attested):", "", ...purposes.map((purpose) => `- ${quoted(purpose, 500)}`)]),
  ];
}

function limits({ datasets }: ModelFacts): string[] {
  const stated = [...new Set(datasets.flatMap(({ words }) => words?.limits ?? []))].sort();
  return [
    "## Limits", "",
    "- Measured on the holdout named here, and on nothing else. How the model does elsewhere, nobody has shown.",
    "- That training happened as stated, that noise was added, and record counts are attested, not proven. That the aggregate is right can be disproven, and recomputed.",
    "- No subgroup, device or site was measured separately unless the metrics say so.",
    "- Every model is experimental: the contracts know no promotion to stable.",
    ...stated.map((limit) => `- The card of its data says: ${quoted(limit, 500)}`),
  ];
}

function licence(facts: ModelFacts): string[] {
  const { hub, texts, why } = modelLicence(facts);
  const named = hubDatasets(facts);
  return [
    "## Licence", "",
    why === null ? `\`${hub}\`: of the licences of its data, the one that asks all that the others ask.` : `No one licence can be named: ${why}.`,
    "The terms of the data say so; nobody granted it for the model, and no lawyer looked. Registered licences (attested):", "",
    ...(texts.length === 0 ? ["- none"] : texts.map((text) => `- ${quoted(text)}`)),
    ...(named.length === 0 ? [] : ["", `Datasets of the Hub that the cards name as their source (attested): ${named.map((name) => `\`${name}\``).join(", ")}.`]),
  ];
}

/** README.md of the model. */
export function modelCard(facts: ModelFacts): string {
  const { parameters, config } = facts;
  const rule = Object.entries(RULES).find(([, id]) => id === config.ruleId)?.[0] ?? `rule ${config.ruleId}`;
  const about = [
    `# ${modelName(facts)}`, "", ...banner(facts),
    `${parameters} parameters, whole numbers of 32 bits, aggregated from the updates of several institutions (${rule}) and recorded on a public ledger. Text in code style was written by others and is quoted, not vouched for.`,
  ];
  const parts = [about, use(facts), evaluation(facts), data(facts), consent(facts), privacy(facts), licence(facts), lineage(facts), limits(facts), references(facts), verification(facts), backing(facts)];
  return `${frontMatter(facts)}\n\n${parts.map((part) => part.join("\n")).join("\n\n")}\n`;
}
