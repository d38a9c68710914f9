import { cp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

const CLIENT_APP = /^clientapp\s*=\s*"([\w.]+):(\w+)"$/m;

/**
 * Copies the example app, with a module beside it through which chosen hospitals misbehave in chosen rounds. The example itself knows nothing of it.
 * @returns The copy.
 */
export async function copyMisbehaving(root: string, example: string, to: string): Promise<string> {
  await rm(to, { recursive: true, force: true });
  await cp(example, to, { recursive: true, filter: (file) => !/__pycache__|\.pytest_cache|\.venv/.test(file) });
  await cp(path.join(root, "integrations", "flower", "tests", "misbehaving", "misbehave.py"), path.join(to, "misbehave.py"));
  const manifest = path.join(to, "pyproject.toml");
  const text = await readFile(manifest, "utf8");
  const [, module, name] = CLIENT_APP.exec(text) ?? [];
  if (module === undefined || name === undefined) throw new Error(`${manifest} names no client app.`);
  await writeFile(manifest, text.replace(CLIENT_APP, 'clientapp = "misbehaving_app:app"'));
  await writeFile(path.join(to, "misbehaving_app.py"), `"""The client app of the example, with what surrounds it in this rehearsal."""\n\nfrom misbehave import misbehave\n\nmisbehave()\n\nfrom ${module} import ${name} as behaving  # noqa: E402\n\n# Flower looks for an assignment.\napp = behaving\n`);
  return to;
}

/** How a hospital misbehaves, and under which codes its update is then left out. */
export const MISDEEDS = {
  nan: { what: "a NaN in the update", codes: ["not-finite"] },
  shape: { what: "an array of another shape", codes: ["tensor-shape"] },
  forge: { what: "a changed signature", codes: ["signature-wrong", "signature-invalid"] },
  replay: { what: "the update of the round before, on another base", codes: ["parent-stale", "signature-wrong"] },
} as const;

export type Misdeed = keyof typeof MISDEEDS;

/** One misdeed of one hospital. */
export interface Planned {
  readonly round: number;
  readonly seat: number;
  readonly misdeed: Misdeed;
}

/**
 * At least three hospitals behave in every round, as many as a seal needs; the one whose power fails misbehaves in none. What the server finds, it tells with
 * its next message: so not in the last round.
 */
export function planMisdeeds(rounds: number): readonly Planned[] {
  const found: readonly Planned[] = [
    { round: 3, seat: 0, misdeed: "forge" },
    { round: 3, seat: 2, misdeed: "replay" },
  ];
  return [...(rounds > 3 ? found : []), { round: rounds, seat: 3, misdeed: "nan" }, { round: rounds, seat: 1, misdeed: "shape" }];
}

/** What the environment of a hospital's SuperNode says of it. */
export function misdeedsOf(plan: readonly Planned[], seat: number): Readonly<Record<string, string>> {
  const own = plan.filter((planned) => planned.seat === seat);
  return own.length === 0 ? {} : { CHONGWEN_MISBEHAVE: JSON.stringify(Object.fromEntries(own.map(({ round, misdeed }) => [String(round), misdeed]))) };
}
