/** The front matter of a model card: what the Hub's search reads. Every value is JSON, which YAML is a superset of. Pure. */
import { yamlText } from "./escape.ts";
import { findLicence, mostRestrictive } from "./licences.ts";
import { isVerified, isWholeLineage, type ModelFacts } from "./model-facts.ts";

/** @param hub Its name on the Hub, or "other". @param texts Every licence under which data of the lineage was used, as registered. @param why Null: one covers all. */
export interface ModelLicence {
  readonly hub: string;
  readonly texts: readonly string[];
  readonly why: string | null;
}

/** What the terms of the data leave: the licence that asks all that the others ask, or none. */
export function modelLicence(facts: ModelFacts): ModelLicence {
  const texts = [...new Set(facts.datasets.flatMap(({ terms }) => terms.map(({ licence }) => licence)))].sort();
  const strictest = mostRestrictive(texts);
  const unknown = texts.some((text) => findLicence(text) === undefined);
  if (!isWholeLineage(facts)) return { hub: "other", texts, why: "part of the lineage could not be read, so there may be more licences" };
  if (texts.length === 0) return { hub: "other", texts, why: "no data is in this model" };
  if (strictest === undefined) return { hub: "other", texts, why: unknown ? "one of them is not known here" : "none of them asks all that the others ask" };
  return { hub: strictest.hub, texts, why: null };
}

/** Datasets of the Hub that the cards name as their source. */
export function hubDatasets({ datasets }: ModelFacts): string[] {
  const names = datasets.flatMap(({ words }) => /^https:\/\/huggingface\.co\/datasets\/([\w-][\w.-]{0,95}(?:\/[\w-][\w.-]{0,95})?)\/?$/.exec(words?.source ?? "")?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** The task that all cards name alike, in the Hub's words. */
function taskOf({ datasets }: ModelFacts): string {
  const tasks = [...new Set(datasets.map(({ words }) => words?.tasks?.split(", ")[0] ?? ""))];
  return tasks.length === 1 && /^[a-z0-9-]{1,60}$/.test(tasks[0] ?? "") ? (tasks[0] ?? "other") : "other";
}

export const modelName = ({ federation, round }: ModelFacts): string => `Federation ${federation}, model after round ${round}`;

/** Six places, rounded down: the same text everywhere. */
export function decimal(part: bigint, whole: bigint): string {
  const ppm = whole === 0n ? 0n : (part * 1_000_000n) / whole;
  return `${ppm / 1_000_000n}.${String(ppm % 1_000_000n).padStart(6, "0")}`;
}

function index(facts: ModelFacts): string[] {
  const { evaluation } = facts;
  if (evaluation === null || !isVerified(facts)) return [];
  const { correct, records, holdoutRoot, balancedPpm } = evaluation;
  const balanced = balancedPpm === null ? [] : ["          - type: balanced_accuracy", `            value: ${decimal(BigInt(balancedPpm), 1_000_000n)}`, "            name: Mean share of right answers over the classes"];
  return [
    "model-index:", `  - name: ${yamlText(modelName(facts))}`, "    results:", `      - task: {"type": ${yamlText(taskOf(facts))}}`,
    `        dataset: {"type": "chongwen-holdout", "name": ${yamlText(`holdout ${holdoutRoot}`)}}`, "        metrics:",
    "          - type: accuracy", `            value: ${decimal(BigInt(correct), BigInt(records))}`, `            name: ${yamlText(`${correct} of ${records} records`)}`, ...balanced,
  ];
}

export function frontMatter(facts: ModelFacts): string {
  const { chainId, ledger, federation, round, reportHash, artefact, modelRoot, configHash, config, lastChange, datasets } = facts;
  const licence = modelLicence(facts);
  const isWithdrawn = datasets.some(({ withdrawnAt }) => withdrawnAt !== null);
  const tags = ["federated-learning", "chongwen", "research-use-only", ...(config.rhoPerRound > 0 ? ["differential-privacy"] : []), ...(isVerified(facts) ? [] : ["not-verified"]), ...(isWithdrawn ? ["consent-withdrawn"] : [])];
  const named = hubDatasets(facts);
  const metrics = facts.evaluation === null ? [] : ["accuracy", ...(facts.evaluation.balancedPpm === null ? [] : ["balanced_accuracy"])];
  const references = { chain_id: chainId, ledger, federation, round, report_hash: reportHash, artefact, model_root: modelRoot, config_hash: configHash, terms_hash: config.termsHash, last_change_in_block: Number(lastChange) };
  return [
    "---",
    `license: ${licence.hub}`,
    ...(licence.hub === "other" ? [`license_name: ${yamlText(licence.texts.length === 0 ? "none" : "licences-of-the-datasets")}`, 'license_link: "#licence"'] : []),
    `tags: ${JSON.stringify(tags)}`,
    ...(named.length > 0 ? [`datasets: ${JSON.stringify(named)}`] : []),
    ...(metrics.length > 0 ? [`metrics: ${JSON.stringify(metrics)}`] : []),
    ...index(facts),
    "chongwen:",
    ...Object.entries(references).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    `  verified: ${isVerified(facts)}`,
    "---",
  ].join("\n");
}
