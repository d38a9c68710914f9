import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { isAddressEqual, type Address, type Hex, type LocalAccount } from "viem";
import { encodeJson, type Json } from "../../protocol/bundle/canonical-json.ts";
import { toJson } from "../../protocol/bundle/struct-json.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { toCompactSignature, type Domain } from "../../protocol/index.ts";
import { signTierPoints, type PointsRow, type TierPoints } from "../../protocol/scoring/tier-points.ts";
import { decodeTerms, type PointTier, type Terms } from "../../protocol/terms/terms.ts";

export interface IssueParameters {
  /** Of `Settlement`. */
  readonly domain: Domain;
  readonly federation: number;
  readonly settlement: number;
  readonly subject: Hex;
  readonly points: Partial<Readonly<Record<PointTier, readonly PointsRow[]>>>;
  readonly signer: Pick<LocalAccount, "sign">;
}

/** One signed file for each tier that has points. */
export async function issuePoints({ domain, federation, settlement, subject, points, signer: { sign } }: IssueParameters): Promise<TierPoints[]> {
  const files: TierPoints[] = [];
  for (const [tier, rows] of Object.entries(points) as [PointTier, readonly PointsRow[]][]) {
    if (rows.length === 0) continue;
    if (sign === undefined) throw new ChongwenError({ code: "signature-needed", message: "This account cannot sign digests.", fix: "Use --keystore FILE." });
    files.push(await signTierPoints(domain, { federation, settlement, tier, subject, points: rows }, async (digest) => toCompactSignature(await sign({ hash: digest }))));
  }
  return files;
}

/** Writes what operators take into the settlement: `points-<tier>.json`. @returns The files' names. */
export async function writePoints(folder: string, files: readonly TierPoints[], beside: Readonly<Record<string, Json>> = {}): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const contents: [string, Json][] = [...files.map((file): [string, Json] => [`points-${file.statement.tier}.json`, toJson(file)]), ...Object.entries(beside)];
  for (const [name, content] of contents) await writeFile(path.join(folder, name), encodeJson(content));
  return contents.map(([name]) => path.join(folder, name));
}

/** @throws json-invalid, terms-invalid, version-unknown, usage when there is no such file */
export async function readTermsFile(file: string): Promise<Terms> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new ChongwenError({ code: "usage", message: `${file} cannot be read.`, fix: "Name the file of the federation's terms with --terms.", cause });
  }
  return decodeTerms(bytes);
}

/** Tiers for which the terms do not name this key. */
export const unnamedTiers = ({ issuers }: Terms, key: Address, tiers: readonly PointTier[]): PointTier[] => tiers.filter((tier) => !issuers[tier].some((issuer) => isAddressEqual(issuer, key)));

/** What is asked of the chain about who signs. */
export interface IssuerLedger {
  /** Organisation that answers for a dataset; 0 when there is no such dataset. */
  custodianOf(dataset: number): Promise<number>;
  /** Organisation of an unsuspended contributor's present key, or of who holds its library card. */
  memberOf(account: Address): Promise<{ readonly organisation: number } | null>;
  isOfficer(organisation: number, account: Address): Promise<boolean>;
}

/** Why a key does not speak for the custodian of a dataset, for a person to read; null when it does. */
export async function issuerProblem(ledger: IssuerLedger, key: Address, dataset: number): Promise<string | null> {
  if (dataset === 0) return "The task set names no dataset, so nobody can tell from the chain whose custodian signs.";
  const organisation = await ledger.custodianOf(dataset);
  if (organisation === 0) return `The ledger has no dataset ${dataset}.`;
  if ((await ledger.memberOf(key))?.organisation === organisation || (await ledger.isOfficer(organisation, key))) return null;
  return `${key} is neither an unsuspended contributor nor an officer of organisation ${organisation}, the custodian of dataset ${dataset}.`;
}
