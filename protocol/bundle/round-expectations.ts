import type { Address, Hex } from "viem";

/** A seat as the registry had it when the round was sealed. @param key Whose signature counts. @param exempt Charged no privacy budget. */
export interface ExpectedSeat {
  readonly key: Address;
  readonly exempt: boolean;
}

/**
 * What a verifier takes from the chain, not from the bundle.
 * @param ledger Address of `Rounds`.
 * @param configHash The configuration in force at the seal.
 * @param reportHash,artefact Of the round's report.
 * @param parent Its model is null only when the federation has no base; `modelRoot` is its report's.
 * @param seats By seat; entries without weight need none.
 */
export interface RoundExpectations {
  readonly chainId: number;
  readonly ledger: Address;
  readonly federation: number;
  readonly round: number;
  readonly configHash: Hex;
  readonly reportHash: Hex;
  readonly artefact: Hex;
  readonly parent: {
    readonly round: number;
    readonly reportHash: Hex;
    readonly artefact: Hex;
    readonly modelRoot: Hex;
    readonly model: Int32Array | null;
  };
  readonly seats: ReadonlyMap<number, ExpectedSeat>;
}
