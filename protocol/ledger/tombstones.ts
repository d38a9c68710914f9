/** Which models carry a withdrawn dataset in them: theirs, or an ancestor's. Nothing on chain undoes that, so it is said for ever. Pure. */

/** @param datasets Those whose updates are in this round's aggregate; undefined while unknown. */
export interface LineageStep {
  readonly round: number;
  readonly parent: number | undefined;
  readonly datasets: ReadonlySet<number> | undefined;
}

/** @param since Rounds in which the dataset took part, up to the model. */
export interface Tombstone {
  readonly dataset: number;
  readonly since: readonly number[];
}

/** @param isComplete False: some round of the lineage could not be read, so there may be more. */
export interface Tombstones {
  readonly tombstones: readonly Tombstone[];
  readonly isComplete: boolean;
}

/** @param withdrawn Datasets whose consent was withdrawn. */
export function tombstonesOf(model: number, steps: ReadonlyMap<number, LineageStep>, withdrawn: ReadonlySet<number>): Tombstones {
  const found = new Map<number, number[]>();
  const seen = new Set<number>();
  let isComplete = true;
  for (let round: number | undefined = model; round !== undefined && round !== 0 && !seen.has(round); ) {
    seen.add(round);
    const step = steps.get(round);
    if (step?.datasets === undefined) isComplete = false;
    for (const dataset of step?.datasets ?? []) {
      if (withdrawn.has(dataset)) found.set(dataset, [round, ...(found.get(dataset) ?? [])]);
    }
    if (step === undefined) break;
    round = step.parent;
  }
  return { tombstones: [...found].map(([dataset, since]) => ({ dataset, since })).toSorted((a, b) => a.dataset - b.dataset), isComplete };
}
