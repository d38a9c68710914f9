// What the studies of the Python package measure, in a process of their own: integers against floats over seeds, and the four sources of the skin data.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { environmentOf } from "./environment-of.ts";
import type { Children } from "./processes/children.ts";
import type { PythonEnvironment } from "./python/environment.ts";

const spread = z.object({ mean: z.number(), sd: z.number() });
const scores = z.object({ accuracy: spread, balanced_accuracy: spread, macro_auc: spread });
const against = z.object({
  seeds: z.array(z.int()),
  integers: scores,
  floats: scores,
  withinSeedNoise: z.boolean(),
  integerEvaluatorAgrees: z.boolean(),
  /** Of training. */
  commitSharePercent: z.number(),
});
const sources = z.object({ seeds: z.array(z.int()), results: z.record(z.string(), scores), bestSingleSite: z.string() });
const study = z.object({ table: z.looseObject(against.shape), skin: z.looseObject(against.shape).nullable(), fourSources: z.looseObject(sources.shape).nullable() });

export type Study = z.infer<typeof study>;

export interface Studies {
  /** Null when they were left out. */
  readonly integerAgainstFloat: { readonly table: Study["table"]; readonly skin: Study["skin"] } | null;
  readonly fourSources: Study["fourSources"];
  /** Why something is null. */
  readonly reason: string | null;
  readonly promises: readonly { readonly what: string; readonly kept: boolean }[];
  /** For people. */
  readonly lines: readonly string[];
}

export interface StudiesParameters {
  readonly root: string;
  readonly dir: string;
  readonly python: PythonEnvironment;
  readonly children: Children;
}

export const NO_STUDIES: Studies = { integerAgainstFloat: null, fourSources: null, reason: "The studies were left out on request.", promises: [], lines: ["The studies of accuracy were left out."] };

const ABSENT = "the skin data (ham_sites28.npz), which may not be redistributed, are neither where CHONGWEN_DATA says nor in ../shared/data.";

/** Runs the studies to their end. */
export async function runStudies({ root, dir, python, children }: StudiesParameters): Promise<Studies> {
  const data = process.env["CHONGWEN_DATA"];
  const child = children.start({
    name: "studies", command: python.python, args: ["-m", "studies.accuracy", "--json"], cwd: path.join(root, "integrations", "flower"),
    env: environmentOf(python, dir, data === undefined ? {} : { CHONGWEN_DATA: path.resolve(data) }),
  });
  const { exitCode } = await child.ended;
  // One that failed is reported by whoever watches the children.
  if (exitCode !== 0) return new Promise<never>(() => undefined);
  const line = (await readFile(child.log, "utf8")).trimEnd().split("\n").at(-1) ?? "";
  return describe(study.parse(JSON.parse(line)));
}

const percent = ({ mean, sd }: { readonly mean: number; readonly sd: number }): string => `${(100 * mean).toFixed(1)} ± ${(100 * sd).toFixed(1)} %`;

/** What the figures say, and whether they keep what was promised. */
export function describe({ table, skin, fourSources }: Study): Studies {
  const compared = [["table", table], ["skin", skin]] as const;
  const present = compared.flatMap(([name, found]) => (found === null ? [] : [{ name, found }]));
  return {
    integerAgainstFloat: { table, skin },
    fourSources,
    reason: skin === null || fourSources === null ? ABSENT : null,
    promises: present.map(({ name, found }) => ({
      what: `${name}: integers ${percent(found.integers.accuracy)} right, floats ${percent(found.floats.accuracy)}, over ${found.seeds.length} seeds: ${found.withinSeedNoise ? "within" : "NOT within"} seed noise`,
      kept: found.withinSeedNoise && found.integerEvaluatorAgrees && found.seeds.length >= 5,
    })),
    lines: [
      ...present.map(({ name, found }) => `Committing takes ${found.commitSharePercent.toFixed(1)} % of the time of training in the study on the ${name} data.`),
      ...(fourSources === null ? [`No figures for skin: ${ABSENT}`] : ["Skin, four real sources: balanced accuracy, AUC", ...rows(fourSources)]),
    ],
  };
}

function rows({ results, bestSingleSite }: NonNullable<Study["fourSources"]>): string[] {
  const shown = [["federated", "federated"], ["centralised", "centralised"], [bestSingleSite, `best single site (${bestSingleSite})`]] as const;
  return shown.flatMap(([key, name]) => {
    const found = results[key];
    return found === undefined ? [] : [`  ${name.padEnd(44)} ${percent(found.balanced_accuracy).padEnd(16)} ${found.macro_auc.mean.toFixed(3)} ± ${found.macro_auc.sd.toFixed(3)}`];
  });
}
