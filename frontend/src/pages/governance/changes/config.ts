/** A federation's configuration, field by field. Pure. */
import type { FederationConfig } from "../../../../../protocol/eip712/structs.ts";
import { FINALITY, MODES, RULES } from "../../../../../protocol/governance/words.ts";
import type { Cell, Row } from "./cells.ts";
import { cell, isSame } from "./cells.ts";

type Field = keyof FederationConfig;
const FIELDS: { readonly [F in Field]: (value: FederationConfig[F]) => Cell } = {
  ruleId: (id) => cell.text(RULES[id] ?? String(id)),
  ruleParam: cell.number,
  scoringId: cell.number,
  privacyMode: (mode) => cell.text(MODES[mode] ?? String(mode)),
  elementWidth: cell.number,
  hasBase: cell.yesNo,
  depth: cell.number,
  modelSpecRoot: cell.hash,
  termsHash: cell.hash,
  recordsPerWeight: cell.number,
  maxSeats: cell.number,
  minContributors: cell.number,
  maxExcludedBps: (bps) => cell.text(`${bps / 100} %`),
  rhoPerRound: cell.rho,
  normSqBound: cell.number,
  forceWindow: cell.seconds,
  reportWindow: cell.seconds,
  challengeWindow: cell.seconds,
  maxAttempts: cell.number,
  settleEvery: cell.number,
  poolPerRound: cell.shu,
  finality: (finality) => cell.word(FINALITY[finality] ?? String(finality)),
  approvalWindow: cell.seconds,
};

const cellOf = <F extends Field>(field: F, config: FederationConfig): Cell => FIELDS[field](config[field]);

/** Fields that differ; all of them when there was no configuration before. */
export function configRows(before: FederationConfig | undefined, after: FederationConfig): readonly Row[] {
  return (Object.keys(FIELDS) as Field[])
    .map((field) => ({ label: `config.${field}`, before: before && cellOf(field, before), after: cellOf(field, after) }))
    .filter((row) => !isSame(row.before, row.after));
}
