import type { Kernel } from "../chain/kernel.ts";
import { ChongwenError } from "../../protocol/errors.ts";
import { governedCall } from "../../protocol/governance/actions.ts";
import { decodeAction, type ProposalCall } from "../../protocol/governance/decode.ts";
import { checkDescription, plainText } from "../../protocol/governance/description.ts";
import { sentenceOf } from "../../protocol/governance/sentences.ts";
import { DATASET_STATES } from "../../protocol/ledger/states.ts";
import { VOTES, type Support } from "../../protocol/governance/states.ts";
import { execute, listProposals, propose, proposalState, queue, readProposal, vote } from "../governance/proposal.ts";
import { envelope, EXIT, type Streams } from "../output/command.ts";
import { openLedger, openSigner, usage, type LedgerOptions, type SignerOptions } from "./context.ts";

export const DATASET_ACTIONS = ["approve", "suspend", "reinstate", "retire"] as const;

export interface ProposeOptions extends LedgerOptions, SignerOptions {
  readonly dataset: number;
  readonly action: string;
  /** Grant this contributor a seat too. */
  readonly seatFor?: number | undefined;
  readonly budget: number;
  readonly reason: string;
}

/** Lists datasets with what they may be used for, and the proposals about anything. */
export async function listDatasets(options: LedgerOptions, { out }: Streams): Promise<number> {
  const { kernel } = await openLedger(options);
  const { datasets, deployment } = kernel;
  const count = await datasets.read.datasetCount();
  const list = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const [state, terms] = await Promise.all([datasets.read.datasetOf([i + 1]), datasets.read.termsOf([i + 1])]);
      return { dataset: i + 1, status: DATASET_STATES[state.status] ?? "None", version: state.version, custodian: state.custodian, ...terms };
    }),
  );
  const proposals = await Promise.all(
    (await listProposals(kernel)).map(async ({ id, calls, description }) => {
      const actions = calls.map((call) => decodeAction(deployment, call));
      // What it does, decoded here; its own text is its proposer's word.
      const { kind, reasons } = checkDescription(actions, description);
      return { proposal: id, state: await proposalState(kernel, id), does: actions.map((action) => sentenceOf(action, "en")), described: kind, reasons, description };
    }),
  );
  if (options.json) {
    out.write(envelope(true, { datasets: list, proposals }));
    return EXIT.ok;
  }
  out.write("dataset  status     version  custodian  records  privacy              licence\n");
  for (const { dataset, status, version, custodian, records, exempt, privacyCap, licence } of list) {
    const privacy = exempt ? "exempt (public)" : `${privacyCap} nano-rho`;
    out.write(`${String(dataset).padStart(7)}  ${status.padEnd(9)}  ${String(version).padStart(7)}  ${String(custodian).padStart(9)}  ${String(records).padStart(7)}  ${privacy.padEnd(19)}  ${licence}\n`);
  }
  for (const { proposal, state, does, described, reasons, description } of proposals) {
    out.write(`\nproposal ${proposal}\n  ${state}: ${does.join("\n  ")}\n`);
    if (described === "different") out.write("  WARNING: its description says something else than what it does:\n");
    const words = plainText(described === "different" ? description : reasons);
    if (words !== "") out.write(`  > ${words.replaceAll("\n", "\n  > ")}\n`);
  }
  return EXIT.ok;
}

/** Puts an action on a dataset to the members' vote. */
export async function proposeAction(options: ProposeOptions, { out }: Streams): Promise<number> {
  const { kernel, transactor } = await openLedger(options);
  const calls = [callOn(kernel, options)];
  if (options.seatFor !== undefined) calls.push(governedCall(kernel.deployment, "seats", "grant", [options.federation, options.seatFor, options.dataset, options.budget]));
  const proposal = await propose(kernel, transactor, await openSigner(options, kernel), calls, options.reason);
  const deadline = await kernel.governor.read.proposalDeadline([proposal.id]);
  if (options.json) out.write(envelope(true, { proposal: proposal.id, description: proposal.description, deadline }));
  else out.write(`Proposal ${proposal.id}\n${proposal.description}\nVote with \`chongwen dataset vote ${proposal.id} --support for\`, until ${new Date(1000 * Number(deadline)).toISOString()}.\n`);
  return EXIT.ok;
}

function callOn({ deployment }: Kernel, { action, dataset }: ProposeOptions): ProposalCall {
  const known = DATASET_ACTIONS.find((name) => name === action);
  if (known === undefined) throw usage(`“${action}” is no action on a dataset.`, `Use one of: ${DATASET_ACTIONS.join(", ")}.`);
  return governedCall(deployment, "datasets", known, [dataset]);
}

export interface VoteOptions extends LedgerOptions, SignerOptions {
  readonly support: string;
  readonly reason: string;
}

export async function castVote(id: bigint, options: VoteOptions, { out }: Streams): Promise<number> {
  const { kernel, transactor } = await openLedger(options);
  const { support } = options;
  if (!(support in VOTES)) throw usage(`“${support}” is no vote.`, "Use --support for, against or abstain.");
  await readProposal(kernel, id);
  await vote(kernel, transactor, await openSigner(options, kernel), id, support as Support, options.reason);
  const [against, inFavour, abstain] = await kernel.governor.read.proposalVotes([id]);
  if (options.json) out.write(envelope(true, { proposal: id, for: inFavour, against, abstain }));
  else out.write(`Voted ${support}. So far: ${inFavour} for, ${against} against, ${abstain} abstaining (10^-18 SHU).\n`);
  return EXIT.ok;
}

/** Takes the next step of a proposal that has passed: queues it, or executes it once the timelock's delay is over. Anyone may. */
export async function enact(id: bigint, options: LedgerOptions & SignerOptions, { out }: Streams): Promise<number> {
  const { kernel, transactor } = await openLedger(options);
  const proposal = await readProposal(kernel, id);
  const state = await proposalState(kernel, id);
  if (state !== "Succeeded" && state !== "Queued") {
    throw new ChongwenError({ code: "proposal-not-passed", message: `Proposal ${id} is ${state}.`, fix: "Only one that has passed can be enacted.", retryable: state === "Pending" || state === "Active" });
  }
  const signer = await openSigner(options, kernel);
  if (state === "Succeeded") await queue(kernel, transactor, signer, proposal);
  await execute(kernel, transactor, signer, proposal);
  const now = await proposalState(kernel, id);
  out.write(options.json ? envelope(true, { proposal: id, state: now }) : `Proposal ${id}: ${now}\n`);
  return EXIT.ok;
}
