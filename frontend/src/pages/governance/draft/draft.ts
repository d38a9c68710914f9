/** From what was typed into the form to a call. Pure: what the chain must be asked for comes in. */
import { parseEther } from "viem";
import { z } from "zod";
import type { Deployment } from "../../../../../protocol/deployment.ts";
import { governedCall } from "../../../../../protocol/governance/actions.ts";
import type { ProposalCall } from "../../../../../protocol/governance/decode.ts";
import type { NewTerms } from "../changes/datasets.ts";

export const KINDS = ["dataset", "seat", "amend", "setting"] as const;
export const DATASET_ACTS = ["approve", "suspend", "reinstate", "retire"] as const;
export const SETTINGS = ["votingPeriod", "votingDelay", "lateExtension", "proposalThreshold", "quorum", "minDelay"] as const;

/** The form, as typed. */
export interface DraftFields {
  readonly kind: (typeof KINDS)[number];
  readonly act: (typeof DATASET_ACTS)[number];
  readonly setting: (typeof SETTINGS)[number];
  readonly dataset: string;
  readonly federation: string;
  readonly contributor: string;
  readonly budget: string;
  readonly amount: string;
}

export const EMPTY_DRAFT: DraftFields = { kind: "dataset", act: "suspend", setting: "votingPeriod", dataset: "", federation: "1", contributor: "", budget: "0", amount: "" };

export type FieldName = "dataset" | "federation" | "contributor" | "budget" | "amount";
export type Invalid = "number" | "positive" | "percent" | "amount" | "noAmendment";
export type Drafted = { readonly call: ProposalCall } | { readonly errors: Partial<Readonly<Record<FieldName, Invalid>>> };

const whole = z.string().trim().regex(/^\d+$/).transform(BigInt);
const id = whole.refine((value) => value >= 1n && value < 2n ** 32n, "positive").transform(Number);
const small = (bits: number) => whole.refine((value) => value < 2n ** BigInt(bits)).transform(Number);
const percent = whole.refine((value) => value >= 1n && value <= 100n);
const shu = z.string().trim().regex(/^\d{1,27}(\.\d{1,18})?$/).transform((text) => parseEther(text));

/** @param amendment The terms that the custodian of the chosen dataset has proposed, if any. */
export function parseDraft(fields: DraftFields, deployment: Deployment, amendment: NewTerms | undefined): Drafted {
  const errors: Partial<Record<FieldName, Invalid>> = {};
  const read = <Out>(schema: z.ZodType<Out, string>, name: FieldName, kind: Invalid): Out | undefined => {
    const parsed = schema.safeParse(fields[name]);
    if (parsed.success) return parsed.data;
    errors[name] = kind;
    return undefined;
  };
  const call = ((): ProposalCall | undefined => {
    switch (fields.kind) {
      case "dataset": {
        const dataset = read(id, "dataset", "positive");
        return dataset === undefined ? undefined : governedCall(deployment, "datasets", fields.act, [dataset]);
      }
      case "seat": {
        const federation = read(id, "federation", "positive");
        const contributor = read(id, "contributor", "positive");
        const dataset = read(id, "dataset", "positive");
        const budget = read(small(48), "budget", "number");
        if (federation === undefined || contributor === undefined || dataset === undefined || budget === undefined) return undefined;
        return governedCall(deployment, "seats", "grant", [federation, contributor, dataset, budget]);
      }
      case "amend": {
        const dataset = read(id, "dataset", "positive");
        if (dataset === undefined) return undefined;
        if (amendment === undefined) errors.dataset = "noAmendment";
        return amendment && governedCall(deployment, "datasets", "amend", [dataset, amendment]);
      }
      case "setting":
        return settingCall();
    }
  })();
  return call === undefined ? { errors } : { call };

  function settingCall(): ProposalCall | undefined {
    switch (fields.setting) {
      case "votingPeriod": {
        const value = read(small(32).refine((seconds) => seconds >= 1), "amount", "positive");
        return value === undefined ? undefined : governedCall(deployment, "governor", "setVotingPeriod", [value]);
      }
      case "votingDelay": {
        const value = read(small(48), "amount", "number");
        return value === undefined ? undefined : governedCall(deployment, "governor", "setVotingDelay", [value]);
      }
      case "lateExtension": {
        const value = read(small(48), "amount", "number");
        return value === undefined ? undefined : governedCall(deployment, "governor", "setLateQuorumVoteExtension", [value]);
      }
      case "proposalThreshold": {
        const value = read(shu, "amount", "amount");
        return value === undefined ? undefined : governedCall(deployment, "governor", "setProposalThreshold", [value]);
      }
      case "quorum": {
        const value = read(percent, "amount", "percent");
        return value === undefined ? undefined : governedCall(deployment, "governor", "updateQuorumNumerator", [value]);
      }
      case "minDelay": {
        const value = read(whole, "amount", "number");
        return value === undefined ? undefined : governedCall(deployment, "timelock", "updateDelay", [value]);
      }
    }
  }
}
