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
import { problemOf } from "../problem.ts";
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
  readonly signal: AbortSignal;
  /** Told how far it is: where a test kills it. */
  readonly reached?: (point: string) => void;
}

/** Different statements about one attempt of a round that are signed for one asker: bundles may differ in what only describes them, but nobody needs many. */
const MOST_OF_AN_ATTEMPT = 8;

/** Nothing is wrong with what was asked, and nothing failed: not yet, not any more, not so fast, or not by this operator, whose owner was told so. */
const ORDINARY = new Set(["statement-early", "peer-busy", "envelope-key-missing"]);
/** Whether it says something of what was asked: it is wrong, or its updates are nowhere to be had. */
const isRefusal = (error: unknown): boolean => error instanceof ChongwenError && (!error.retryable || error.code === "payload-missing");

export interface Signing {
  /** @throws peer-busy, federation-not-served, and what the judge throws */
  sign(from: Address, asked: Asked): Promise<Hex>;
  /** For the operator's own statements: called before it signs them. */
  note(request: SignatureRequest): void;
  /** Resolves once nothing is being looked at. After the signal nothing new is begun. */
  idle(): Promise<void>;
}

export function createSigning({ kernel, self, journal, observer, now, judgeOf, signal, reached = () => undefined }: SigningParameters): Signing {
  const { chainId, contracts } = kernel.deployment;
  const busy = new Map<Address, Promise<unknown>>();

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

  function tell(name: StructName, error: unknown): void {
    const { code } = problemOf(error);
    // What is given up because the service stops says nothing of anybody.
    if (ORDINARY.has(code) || signal.aborted) return;
    if (isRefusal(error)) observer.signed(name, false);
    else observer.failed("signing", code);
  }

  return {
    note({ domain, name, value }) {
      record(name, value, digestOf(domain, name, value), self.address);
      observer.signed(name, true);
    },
    async sign(from, asked) {
      if (signal.aborted) throw new Refused("peer-busy", "This service is being stopped.");
      if (busy.has(from)) throw new Refused("peer-busy", "An earlier request of this operator is still being looked at.");
      const signing = signNow(from, asked);
      busy.set(from, signing);
      try {
        const signature = await signing;
        observer.signed(asked.name, true);
        return signature;
      } catch (error) {
        tell(asked.name, error);
        throw error;
      } finally {
        busy.delete(from);
      }
    },
    async idle() {
      await Promise.allSettled(busy.values());
    },
  };
}

const numberOf = (value: Asked["value"]): number => ("index" in value ? value.index : value.round);
