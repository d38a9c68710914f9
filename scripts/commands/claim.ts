import { encodeFunctionData, formatEther, type Address } from "viem";
import { pointsVaultAbi } from "../../protocol/abi/index.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { buildRewardsTree, memberAt, memberCount, pointsDue, SETTLEMENT_FILES } from "../../protocol/index.ts";
import type { LedgerFacts } from "../../protocol/ledger/facts.ts";
import { readFacts } from "../../protocol/ledger/read-facts.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { openLedger, openSigner, openStore, usage, type LedgerOptions, type SignerOptions, type StoreOptions } from "./context.ts";

/** Of either kind of vault: the ordinary one's functions and errors, and `VaultNoToken`. */
const VAULT = pointsVaultAbi;

export interface ClaimOptions extends LedgerOptions, StoreOptions, SignerOptions {
  readonly seat: number;
  readonly dryRun: boolean;
}

/** Claims everything that a seat has earned and not been paid. The proof is made from the artefact and checked against the chain before it is sent. */
export async function claim(options: ClaimOptions, { out, err }: Streams): Promise<number> {
  const { seat, federation, dryRun, json } = options;
  const { kernel, transactor, workspace } = await openLedger(options);
  const facts = await readFacts(kernel, federation);
  const last = facts.settlements.findLast(({ state }) => state === "Final");
  if (last === undefined) throw new ChongwenError({ code: "nothing-claimable", message: `Federation ${federation} has no final settlement yet.`, fix: "Wait until one is final: `chongwen round show`.", retryable: true });

  const members = await (await openStore(workspace, options).open(last.artefact, { label: `settlement ${last.index}` })).read(SETTLEMENT_FILES.members);
  const tree = await buildRewardsTree({ chainId: kernel.deployment.chainId, vault: facts.vault, federation }, members);
  if (tree.root !== facts.rewardsRoot) {
    throw new ChongwenError({ code: "rewards-mismatch", message: `The members of settlement ${last.index} give the root ${tree.root}; the vault has ${facts.rewardsRoot}.`, fix: "Run `chongwen audit`, and fetch the settlement from another store." });
  }
  const member = seat < memberCount(members) ? memberAt(members, seat) : null;
  if (member === null) throw usage(`Seat ${seat} has earned nothing in federation ${federation}.`, `It has seats 0 to ${memberCount(members) - 1}.`);
  const vault = kernel.vaultAt(facts.vault);
  const paid = await vault.read.claimedOf([seat]);
  const { points } = facts;
  const amount = points === null ? member.cumulative - paid : pointsDue(member.cumulative, paid, points.rate);
  const about = { seat, payee: member.payee, earned: member.cumulative, paid, claimable: amount, ...(points !== null && { unit: "points", rate: points.rate }) };
  if (amount === 0n) {
    if (json) out.write(envelope(true, { ...about, claimed: 0n }));
    else out.write(`${nothingDue(seat, member.cumulative, paid, points)}; nothing was sent.\n`);
    return EXIT.ok;
  }
  const args = [seat, member.cumulative, tree.proofFor(seat)] as const;
  if (dryRun) {
    const gas = await kernel.client.estimateContractGas({ address: facts.vault, abi: VAULT, functionName: "claim", args, account: member.payee });
    const call = { to: facts.vault, data: encodeFunctionData({ abi: VAULT, functionName: "claim", args }), gas };
    if (json) out.write(envelope(true, { ...about, call }));
    else out.write(`Would call claim(${seat}, ${member.cumulative}, …) on ${facts.vault}: +${formatEther(amount)} SHU for ${member.payee}, about ${gas} gas. Nothing was sent.\n`);
    return EXIT.ok;
  }
  const signer = await openSigner(options, kernel);
  requirePayee(member.payee, signer.address, seat);
  err.write(`Claiming ${formatEther(amount)} SHU for seat ${seat}…\n`);
  const receipt = await transactor.send(signer, { kind: "claim", address: facts.vault, abi: VAULT, functionName: "claim", args });
  if (json) out.write(envelope(true, { ...about, claimed: amount, transaction: receipt.transactionHash, gas: receipt.gasUsed }));
  else out.write(`✓ ${formatEther(amount)} SHU paid to ${member.payee} in ${receipt.transactionHash}\n`);
  return EXIT.ok;
}

/** Why a claim would pay nothing, in one clause. */
export function nothingDue(seat: number, earned: bigint, paid: bigint, points: LedgerFacts["points"]): string {
  if (points === null) return `Seat ${seat} has been paid all ${formatEther(paid)} SHU that it earned`;
  if (points.rate === 0n) return `Seat ${seat} has earned ${formatEther(earned)} points, and no token is attached to them yet. They stay, and can be claimed in full once governance attaches one`;
  return `Seat ${seat} has been paid for all ${formatEther(paid)} points that it earned and that are worth 10^-18 SHU or more`;
}

function requirePayee(payee: Address, signer: Address, seat: number): void {
  if (payee === signer) return;
  throw new ChongwenError({
    code: "not-payee",
    message: `Seat ${seat} is paid to ${payee}, not to ${signer}.`,
    fix: "Sign with the payee's account; only it, or whoever holds its signature, can claim.",
  });
}
