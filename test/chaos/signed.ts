// Everything that operators were made to sign in a run, held against what they may sign: recomputed here from the bundles, not asked of the service.
import { createSeal, packSealColumns, type Report } from "../../protocol/index.ts";
import type { Signed } from "./signer.ts";
import type { Made } from "../scripts/oracle/aggregator.ts";

/** Numbers as text: a journal of JSON has no other large ones. */
const plain = (value: object): Record<string, string> => Object.fromEntries(Object.entries(value).map(([key, field]) => [key, String(field)]));
const same = (one: Record<string, string>, other: Record<string, string>): boolean => Object.keys({ ...one, ...other }).every((key) => one[key] === other[key]);

/** @returns What was signed and must not have been. @param honest The bundles that are right, in the order of rounds. @param settlements What a run without faults signed. */
export function wronglySigned(signed: readonly Signed[], honest: readonly Made[], settlements: ReadonlySet<string> | null): string[] {
  const wrong: string[] = [];
  for (const { name, value, by } of signed) {
    if (name === "Report") {
      const made = honest.find(({ report }) => String(report.round) === String(value["round"]));
      // A round that was reopened is another attempt at the same report.
      const { attempt: _, sealHash: __, ...right } = plain(made?.report ?? ({} as Report));
      const { attempt: ___, sealHash: ____, ...said } = plain(value);
      if (made === undefined || !same(said, right)) wrong.push(`${by} signed a report of round ${value["round"]} that does not follow from its updates: ${JSON.stringify(value)}`);
    } else if (name === "Seal") {
      const made = honest.find(({ report }) => String(report.round) === String(value["round"]));
      const columns = made && plain(sealOf(made, Number(value["attempt"])));
      if (columns === undefined || !same(plain(value), columns)) wrong.push(`${by} signed a seal of round ${value["round"]} with other entries than were handed over: ${JSON.stringify(value)}`);
    } else if (name === "SettlementStatement" && settlements !== null && !settlements.has(JSON.stringify(value))) {
      wrong.push(`${by} signed another settlement than a run without faults: ${JSON.stringify(value)}`);
    }
  }
  return wrong;
}

const sealOf = ({ entries, context }: Made, attempt: number) => createSeal(context, attempt, packSealColumns(entries));

/** What a run signed of settlements, each once. */
export const settlementsSigned = (signed: readonly Signed[]): Set<string> => new Set(signed.filter(({ name }) => name === "SettlementStatement").map(({ value }) => JSON.stringify(value)));
