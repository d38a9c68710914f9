/** Signs for others: one request of each asker at a time, so that one who keeps it busy keeps only itself waiting; written down before the signature leaves. */
import type { Address, Hex, LocalAccount } from "viem";
import { toJson } from "../../../protocol/bundle/struct-json.ts";
import { createDomain, digestOf, toCompactSignature, type StructName, type Structs } from "../../../protocol/index.ts";
import type { Kernel } from "../../chain/kernel.ts";
import { signStruct } from "../../chain/sign.ts";
import type { SignatureRequest } from "../../operator/quorum.ts";
import { ChongwenError } from "../../../protocol/errors.ts";
import { Refused } from "../../service/refusal.ts";
import type { OracleJournal } from "../journal.ts";
import type { OracleObserver } from "../observer.ts";
import type { PeerJudge } from "./judge.ts";
import type { Asked } from "./messages.ts";

export interface SigningParameters {
  readonly kernel: Kernel;
  readonly self: LocalAccount;
  readonly journal: OracleJournal;
  readonly observer: OracleObserver;
  /** Seconds. */
  readonly now: () => number;
  readonly judgeOf: (federation: number) => PeerJudge | undefined;
  /** Told how far it is: where a test kills it. */
  readonly reached?: (point: string) => void;
}

/** Different statements about one attempt of a round that are signed for one asker: bundles may differ in what only describes them, but nobody needs many. */
const MOST_OF_AN_ATTEMPT = 8;

/** Not yet, not any more, or not by this operator, whose owner was told so: nothing is wrong with what was asked. */
const NO_ALARM = new Set(["statement-early", "envelope-key-missing"]);

export interface Signing {
  /** @throws peer-busy, federation-not-served, and what the judge throws */
  sign(from: Address, asked: Asked): Promise<Hex>;
  /** For the operator's own statements: called before it signs them. */
  note(request: SignatureRequest): void;
}

export function createSigning({ kernel, self, journal, observer, now, judgeOf, reached = () => undefined }: SigningParameters): Signing {
  const { chainId, contracts } = kernel.deployment;
  const busy = new Set<Address>();

  /** Only of the kinds that operators sign. */
  const domainOf = (name: StructName) => createDomain(chainId, name === "SettlementStatement" ? contracts.settlement : contracts.rounds);

  function record<Name extends StructName>(name: Name, value: Structs[Name], digest: Hex, asker: Address): void {
    const { federation, attempt } = value as Asked["value"];
    journal.addSignature({ kind: name, federation, round: numberOf(value as Asked["value"]), attempt, digest, asker, at: now(), value: toJson(value) });
  }

  async function signNow(from: Address, { name, value, ...rest }: Asked): Promise<Hex> {
    const judge = judgeOf(value.federation);
    if (judge === undefined) throw new Refused("federation-not-served", `Federation ${value.federation} is not served here.`);
    const digest = digestOf(domainOf(name), name, value);
    const before = journal.signatures(value.federation, numberOf(value)).filter((signed) => signed.kind === name && signed.attempt === value.attempt);
    // What has left once may leave again.
    if (!before.some((signed) => signed.digest === digest)) {
      if (before.filter(({ asker }) => asker === from).length >= MOST_OF_AN_ATTEMPT) throw new Refused("statement-refused", `${MOST_OF_AN_ATTEMPT} different statements about this attempt were signed for ${from}.`);
      await judge(from, { name, value, ...rest } as Asked);
      record(name, value, digest, from);
      reached("signing:written");
    }
    return toCompactSignature(await signStruct(self, domainOf(name), name, value));
  }

  return {
    note({ domain, name, value }) {
      record(name, value, digestOf(domain, name, value), self.address);
      observer.signed(name, true);
    },
    sign(from, asked) {
      if (busy.has(from)) return Promise.reject(new Refused("peer-busy", "An earlier request of this operator is still being looked at."));
      busy.add(from);
      return signNow(from, asked).finally(() => busy.delete(from)).then(
        (signature) => (observer.signed(asked.name, true), signature),
        (error: unknown) => {
          if (!(error instanceof ChongwenError && NO_ALARM.has(error.code))) observer.signed(asked.name, false);
          throw error;
        },
      );
    },
  };
}

const numberOf = (value: Asked["value"]): number => ("index" in value ? value.index : value.round);
