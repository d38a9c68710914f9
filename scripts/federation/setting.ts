import type { Address } from "viem";
import { quantiseModel, buildGenesisBundle, QUALITY_V1, type FederationConfig, type ModelSpec } from "../../protocol/index.ts";
import { encodeRecords } from "../data/records.ts";
import { splitTable, type Site, type Split } from "../data/split.ts";
import type { Table } from "../data/table.ts";
import { federationConfig } from "../chain/manifest.ts";
import { deployKernel, handOver } from "../chain/deploy.ts";
import { connectKernel } from "../chain/kernel.ts";
import { createTransactor } from "../chain/transactor.ts";
import { chainTime } from "../chain/clock.ts";
import { devAccount } from "../chain/dev-accounts.ts";
import type { Manifest } from "../chain/manifest.ts";
import { contractNames } from "../../protocol/deployment.ts";
import { hospitalKeys, relayer, type HospitalKeys } from "../genesis/cast.ts";
import { datasetCard, publicTerms } from "../genesis/dataset-card.ts";
import type { EscrowRegister } from "../../protocol/privacy/escrow.ts";
import type { EscrowKey } from "../../protocol/privacy/key-slip.ts";
import { PRIVACY_MODES } from "../../protocol/privacy/modes.ts";
import type { NoiseSetting } from "../../protocol/privacy/privatise.ts";
import type { FillRandom } from "../../protocol/privacy/random-bits.ts";
import { createFederation, delegateMembers, registerHospital, seatFounder, seatOperators, seatSupport, type Registration } from "../genesis/genesis.ts";
import type { OperatorContext } from "../operator/seal-round.ts";
import type { Progress } from "../output/progress.ts";
import { nativeHashPairs } from "../store/hash-pairs.ts";
import type { ArtefactStore, Digest, KeySlips } from "../store/index.ts";
import { initialModel, softmaxSpec } from "../trainer/model.ts";
import type { QualitySources } from "../operator/settle-quality.ts";
import { termsHash } from "../../protocol/terms/terms.ts";
import { commitHoldouts, demonstrationSources, demonstrationTerms, divideHoldout, HOLDOUT_SHARE, speakUp } from "./quality.ts";

/** A simulated hospital with a place in the ledger. @param seat Null until it is granted one. */
export interface Hospital {
  readonly site: Site;
  readonly keys: HospitalKeys;
  readonly registration: Registration;
  seat: number | null;
}

/**
 * Privacy mode A on data that is not exempt.
 * @param noise What every site adds. @param rhoPerRound Nano-ρ that a round charges. @param cap,budget Nano-ρ of each dataset, and of its seat here.
 */
export interface FederationPrivacy {
  readonly noise: NoiseSetting;
  readonly rhoPerRound: number;
  readonly cap: number;
  readonly budget: (hospital: number) => number;
  /** Randomness of the noise: the system's, save in tests. */
  readonly random: FillRandom;
}

/**
 * Privacy mode B.
 * @param register Who can read. @param keyOf The key of an operator, by the account that signs. @param slips Where keys of payloads lie, wrapped.
 */
export interface FederationEscrow {
  readonly register: EscrowRegister;
  readonly keyOf: (operator: Address) => EscrowKey;
  readonly slips: KeySlips;
  readonly random: FillRandom;
}

/** Everything that stands before the first round. */
export interface Setting extends OperatorContext {
  readonly manifest: Manifest;
  readonly store: ArtefactStore;
  readonly table: Table;
  readonly split: Split;
  readonly federation: number;
  readonly config: FederationConfig;
  readonly modelSpec: ModelSpec;
  readonly model: Int32Array;
  /** Where the holdout lies in the store: metrics name it, so that anyone can count again. */
  readonly holdout: Digest;
  /** The last one has proposed its dataset but needs a vote to take part. */
  readonly hospitals: readonly Hospital[];
  /** Null: the data is public, and exempt. */
  readonly privacy: FederationPrivacy | null;
  /** Null: updates are published. */
  readonly escrow: FederationEscrow | null;
  /** Null where registered size is paid. */
  readonly quality: QualitySources | null;
}

export interface SettingParameters {
  readonly rpcUrl: string;
  readonly manifest: Manifest;
  readonly store: ArtefactStore;
  readonly table: Table;
  readonly seed: number;
  readonly progress: Progress;
  readonly privacy?: FederationPrivacy | null;
  readonly escrow?: FederationEscrow | null;
  /** Pays by quality, with a holdout for so many settlements; else by registered size. */
  readonly windows?: number | null;
}

/** Deploys the kernel, carries out the genesis manifest, and hands everything to governance. */
export async function createSetting({ rpcUrl, manifest, store, table, seed, progress, privacy = null, escrow = null, windows = null }: SettingParameters): Promise<Setting> {
  const whole = splitTable(table, { seed, ...(windows === null ? {} : { holdoutShare: HOLDOUT_SHARE }) });
  const { evaluation, judges } = divideHoldout(whole, windows ?? 0);
  const split = { ...whole, holdout: evaluation };
  const kernel = await connectKernel(await deployKernel(rpcUrl, manifest));
  const transactor = createTransactor(kernel.client, kernel.rpcUrl);
  const context = { kernel, transactor, manifest };
  progress.done(`kernel deployed: ${contractNames.length} contracts, ledger at ${kernel.rounds.address}`);

  const operating = await seatOperators(context);
  progress.done(`${manifest.operators.members.length} operators bonded, ${manifest.operators.threshold} must sign`);

  const now = await chainTime(kernel.client);
  const hospitals: Hospital[] = [];
  for (const [i, site] of split.sites.entries()) {
    const card = await store.putFile(datasetCard(table, site));
    const keys = hospitalKeys(i);
    const terms = publicTerms(table, site, card, now);
    hospitals.push({ site, keys, registration: await registerHospital(context, keys, privacy === null ? terms : { ...terms, exempt: false, privacyCap: privacy.cap }), seat: null });
  }
  progress.done(`${hospitals.length} hospitals registered, each with a key proof and a proposed dataset`);

  const modelSpec = softmaxSpec(table.records.featureCount, table.records.classCount);
  const model = quantiseModel(modelSpec, initialModel(modelSpec)).values;
  const [custodian] = hospitals;
  // Its support seat comes right after those of the founding hospitals.
  const terms = windows === null || custodian === undefined ? null : demonstrationTerms(modelSpec, table.records, hospitals.length - 1, custodian.keys);
  const secrets = terms === null ? [] : await commitHoldouts(context, judges);
  const scoring = terms === null ? {} : { scoringId: QUALITY_V1, termsHash: termsHash(terms) };
  const privacyMode = escrow === null ? PRIVACY_MODES.published : PRIVACY_MODES.escrowed;
  const config = { ...federationConfig(manifest, modelSpec), ...scoring, rhoPerRound: privacy?.rhoPerRound ?? 0, privacyMode };
  const genesis = buildGenesisBundle(config, modelSpec, model, nativeHashPairs);
  const artefact = await store.putDirectory(genesis.files);
  const federation = await createFederation(context, config, { modelRoot: genesis.modelRoot, artefact });
  const holdout = await store.putFile(encodeRecords(split.holdout.records));

  for (const [seat, hospital] of hospitals.slice(0, -1).entries()) {
    await seatFounder(context, federation, hospital.registration, privacy?.budget(seat) ?? 0);
    hospital.seat = seat;
  }
  const quality = terms === null || custodian === undefined ? null : demonstrationSources(context, { terms, secrets, custodian: custodian.keys, federation });
  if (quality !== null) {
    const support = await seatSupport(context, federation, operating);
    const voice = (i: number, seats: readonly number[]) => hospitals.slice(i, i + 1).map(({ registration: { organisation }, keys }) => ({ organisation, keys, seats }));
    await speakUp(context, federation, [...voice(0, [2, support]), ...voice(1, [2])]);
    progress.done(`paid by quality: ${secrets.length} holdouts committed before the first round, ${operating.length} support seats, two organisations' voices`);
  }
  await handOver(rpcUrl, manifest);
  await delegateMembers(context);
  progress.done(`federation ${federation} created with ${hospitals.length - 1} seats; the deployer has handed everything to governance`);

  const operators = manifest.operators.members.map((_, i) => ({ account: devAccount(1 + i) }));
  return { ...context, operators, relayer: relayer(), store, table, split, federation, config, modelSpec, model, holdout, hospitals, privacy, escrow, quality };
}
