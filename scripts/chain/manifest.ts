import { readFile } from "node:fs/promises";
import { getAddress, parseEther, zeroHash, type Address } from "viem";
import { z } from "zod";
import { ChongwenError } from "../../protocol/errors.ts";
import { parameterCount, specRoot, vectorShape, type FederationConfig, type ModelSpec } from "../../protocol/index.ts";
import { defaultMode } from "../../protocol/privacy/modes.ts";
import { devAccount } from "./dev-accounts.ts";

/**
 * The deployment manifest: all that the deployer decides before it hands the kernel to governance. One file a network, in the repository, so that
 * anyone can compare it with the chain.
 */
const account = z
  .string()
  .regex(/^(dev:\d{1,2}|0x[0-9a-fA-F]{40})$/, "an account is an address or dev:N")
  .transform((text): Address => (text.startsWith("dev:") ? devAccount(Number(text.slice(4))).address : getAddress(text)));
const shu = z
  .string()
  .regex(/^\d+(\.\d{1,18})?$/, "an amount of SHU, such as 12.5")
  .transform((text) => parseEther(text));
const ether = z
  .string()
  .regex(/^\d+(\.\d{1,18})?$/, "an amount of the chain's currency, such as 0.001")
  .transform((text) => parseEther(text));
const seconds = z.int().nonnegative();
const count = z.int().positive();

const manifestSchema = z.strictObject({
  format: z.literal("chongwen-manifest"),
  version: z.literal(1),
  comment: z.string().optional(),
  kernel: z.strictObject({
    rotationDelay: seconds,
    council: account,
    holdPeriod: seconds,
    /** How long the council can stop a federation; at most half the unbonding period. */
    freezePeriod: count,
    token: z.strictObject({ cap: shu, emissionPerEpoch: shu, epochLength: seconds }),
    bondPerUnit: shu,
    unbondingPeriod: seconds,
    /** See docs/economics.md. Demands are bonded in the chain's currency, everything else in SHU. */
    disputes: z.strictObject({
      answerWindow: count,
      plainDemands: count,
      demandBondBase: ether,
      demandBondPerChunk: ether,
      loneReportBond: shu,
      arbitrationBond: shu,
      arbitrationPeriod: count,
    }),
    timelockDelay: seconds,
    governor: z.strictObject({
      votingDelay: seconds,
      votingPeriod: seconds,
      proposalThreshold: shu,
      quorumPercent: count,
      lateQuorumExtension: seconds,
    }),
  }),
  allocations: z.array(z.strictObject({ account, amount: shu, why: z.string() })),
  operators: z.strictObject({
    threshold: count,
    roundUnits: count,
    settlementUnits: count,
    members: z.array(z.strictObject({ name: z.string(), key: account, account, officers: z.tuple([account, account]) })).min(4),
  }),
  members: z.array(account).min(1),
  reserve: shu,
  federation: z.strictObject({
    recordsPerWeight: count,
    maxSeats: count,
    minContributors: count,
    maxExcludedBps: z.int().nonnegative(),
    forceWindow: seconds,
    reportWindow: seconds,
    challengeWindow: seconds,
    maxAttempts: count,
    settleEvery: count,
    poolPerRound: shu,
    finality: z.int().nonnegative(),
    approvalWindow: seconds,
  }),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** @throws deployment-manifest-invalid, naming the first field that is wrong */
export async function readManifest(path: string): Promise<Manifest> {
  const parsed = manifestSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ChongwenError({
    code: "deployment-manifest-invalid",
    message: `${path}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}.`,
    fix: "Correct the field; deploy/manifests/local.json is an example of all of them.",
    cause: parsed.error,
  });
}

/** Parameters of the Ignition module `Kernel`. */
export function kernelParameters({ kernel, allocations }: Manifest) {
  const { governor, disputes, ...rest } = kernel;
  return {
    ...rest,
    ...disputes,
    allocations: allocations.map(({ account, amount }) => ({ account, amount })),
    governor: {
      votingDelay_: governor.votingDelay,
      votingPeriod_: governor.votingPeriod,
      proposalThreshold_: governor.proposalThreshold,
      quorumPercent: governor.quorumPercent,
      lateQuorumExtension: governor.lateQuorumExtension,
    },
  };
}

/** FedAvg over int16 updates of a base model, public updates, payment by size. */
export function federationConfig({ federation }: Manifest, modelSpec: ModelSpec): FederationConfig {
  return {
    ruleId: 1,
    ruleParam: 0n,
    scoringId: 1,
    // Medical, and public: nothing to hide from anybody.
    privacyMode: defaultMode({ medical: true, exempt: true }),
    elementWidth: 2,
    hasBase: true,
    depth: vectorShape(parameterCount(modelSpec)).depth,
    modelSpecRoot: specRoot(modelSpec),
    termsHash: zeroHash,
    rhoPerRound: 0,
    normSqBound: 0n,
    ...federation,
  };
}
