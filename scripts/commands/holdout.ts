import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { encodeFunctionData, zeroAddress } from "viem";
import { ChongwenError } from "../../protocol/errors.ts";
import { QUALITY_V1 } from "../../protocol/rewards/scoring.ts";
import { termsHash, type DataTerms } from "../../protocol/terms/terms.ts";
import type { Kernel } from "../chain/kernel.ts";
import { handHoldout, prepareHoldout, readPrepared, type CommitmentPlace } from "../holdouts/commit.ts";
import { SALT_FILE } from "../holdouts/folder.ts";
import { readConfig } from "../ledger/read-config.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { readTermsFile } from "../service/issue-points.ts";
import { openLedger, openSigner, usage, type LedgerOptions, type SignerOptions } from "./context.ts";

export interface HoldoutOptions extends LedgerOptions {
  /** The holdout's folder. */
  readonly holdout: string;
  readonly terms: string;
}

const placeOf = ({ deployment, holdouts }: Kernel, federation: number): CommitmentPlace => ({ chainId: deployment.chainId, holdouts: holdouts.address, federation });

/** Draws a salt, writes it beside the holdout, and commits to both: at once with `--account` or `--keystore`, or with the call that is shown. */
export async function commitHoldout(options: HoldoutOptions & SignerOptions & { readonly show: boolean }, { out, err }: Streams): Promise<number> {
  const { federation, holdout: folder, show, json } = options;
  const { kernel, transactor } = await openLedger(options);
  const { holdouts } = kernel;
  const data = await readData(kernel, options, err);
  // Whoever cannot commit leaves nothing behind.
  const signer = show ? null : await openSigner(options, kernel);
  if (signer !== null && !(await holdouts.read.isCustodian([federation, signer.address]))) {
    throw usage(`${signer.address} is no custodian of federation ${federation}.`, "Governance appoints custodians (Holdouts.changeCustodian). Sign with an account that it has appointed.");
  }
  const place = placeOf(kernel, federation);
  const { commitment, holdout, isNew } = await prepareHoldout({ folder, data, place, random: () => randomBytes(32) });
  await warnOfReaders(folder, err);
  const about = { commitment, federation, records: holdout.targets.length, salt: SALT_FILE };
  const before = await holdouts.read.holdoutOf([commitment]);
  if (before.custodian === zeroAddress && signer === null) {
    const fromRound = await holdouts.read.firstUnknownRound([federation]);
    const call = { to: holdouts.address, data: encodeFunctionData({ abi: holdouts.abi, functionName: "commit", args: [federation, commitment] }) };
    if (json) out.write(envelope(true, { ...about, committed: false, fromRound, call }));
    else out.write(`Commitment ${commitment}, ${about.records} records${isNew ? "" : ", as prepared before"}. Nothing was sent.\nTo be sent by a custodian of federation ${federation}:\n  to    ${call.to}\n  data  ${call.data}\nSent now, it may judge rounds from ${fromRound} on. Keep ${SALT_FILE}: without it nobody can open the commitment.\n`);
    return EXIT.ok;
  }
  // An earlier call may have sent it, and been killed before it could say so.
  const receipt = before.custodian !== zeroAddress || signer === null ? null : await transactor.send(signer, { kind: "holdout.commit", ...holdouts, functionName: "commit", args: [federation, commitment] });
  const { fromRound, custodian } = await holdouts.read.holdoutOf([commitment]);
  if (json) out.write(envelope(true, { ...about, committed: true, fromRound, custodian, transaction: receipt?.transactionHash ?? null }));
  else out.write(`${receipt === null ? "Committed before" : "✓ committed"}: ${commitment}, ${about.records} records, by ${custodian}. It may judge rounds from ${fromRound} on.\nKeep ${SALT_FILE}, and keep the folder to yourself until those rounds are sealed; then \`chongwen custodian holdout hand\`.\n`);
  return EXIT.ok;
}

/** Copies a committed holdout to where an operator's service looks for it. */
export async function handOverHoldout(options: HoldoutOptions & { readonly to: string }, { out, err }: Streams): Promise<number> {
  const { federation, holdout: folder, to, json } = options;
  const { kernel } = await openLedger(options);
  const data = await readData(kernel, options, err);
  const prepared = await readPrepared({ folder, data, place: placeOf(kernel, federation) });
  const { commitment } = prepared;
  const { custodian, fromRound, federation: bound } = await kernel.holdouts.read.holdoutOf([commitment]);
  if (custodian === zeroAddress || bound !== federation) {
    throw new ChongwenError({ code: "holdout-uncommitted", message: `Nobody has committed to ${commitment} in federation ${federation}: no settlement could use it.`, fix: "Commit first: `npx chongwen custodian holdout commit`. Hand it over when the rounds that it judges are sealed." });
  }
  const { last } = await kernel.rounds.read.headOf([federation]);
  if (last < fromRound) err.write(`! Round ${fromRound}, the first that it may judge, is not there yet: whoever reads the holdout before that round is sealed can train for it.\n`);
  const handed = await handHoldout(prepared, to);
  if (json) out.write(envelope(true, { commitment, fromRound, folder: handed }));
  else out.write(`${commitment}, for rounds from ${fromRound} on, is in ${handed}. Only its owner can read it: give it to the account that the service runs as.\n`);
  return EXIT.ok;
}

/** @throws usage, terms-differ, json-invalid, terms-invalid */
async function readData(kernel: Kernel, { federation, terms: file }: HoldoutOptions, err: Streams["err"]): Promise<DataTerms> {
  const terms = await readTermsFile(file);
  if (terms.data.holdout === "private") throw usage("Under these terms holdouts are private: they are never revealed, and not committed on chain.", "Score with them yourself, and sign the points.");
  if (federation > (await kernel.rounds.read.federationCount())) {
    err.write(`! Federation ${federation} does not exist yet. The commitment may judge its first round, if it is created under these terms.\n`);
    return terms.data;
  }
  const config = await readConfig(kernel, federation, await kernel.rounds.read.configHashOf([federation]));
  const own = termsHash(terms);
  if (config.scoringId !== QUALITY_V1) throw usage(`Federation ${federation} is not paid by quality: nothing would open a holdout.`, "Name the federation with --federation.");
  if (config.termsHash !== own) throw new ChongwenError({ code: "terms-differ", message: `The terms in ${file} hash to ${own}; the configuration of federation ${federation} names ${config.termsHash}.`, fix: "Take the terms that governance chose: other features or classes would make it another holdout.", retryable: true });
  return terms.data;
}

const OTHERS = 0o077;

async function warnOfReaders(folder: string, err: Streams["err"]): Promise<void> {
  if (process.platform !== "win32" && ((await stat(folder)).mode & OTHERS) !== 0) err.write(`! Others on this machine can look into ${folder}. Its records are secret until a settlement opens them: \`chmod 700\` it.\n`);
}
