/** What a proposal does, as sentences. English is also the language of descriptions, which the chain keeps for ever. */
import type { DecodedAction } from "./decode.ts";
import type { GovernedArgs, GovernedContract, GovernedFunction } from "./governed.ts";
import { sentencesEn } from "./sentences.en.ts";
import { sentencesZh } from "./sentences.zh.ts";

export type SentenceLanguage = "en" | "zh";

/** A sentence for every governed function: the compiler refuses a language that lacks one. */
export type Sentences = {
  readonly [C in GovernedContract]: { readonly [F in GovernedFunction<C>]: (...args: GovernedArgs<C, F>) => string };
} & {
  /** A call of the kernel that has no sentence of its own. */
  readonly other: (contract: string, functionName: string, args: string) => string;
  readonly unknownCall: (contract: string) => string;
  readonly unknownContract: (target: string) => string;
  /** Said behind a sentence whose call also sends the chain's own coin. */
  readonly withValue: (wei: string) => string;
};

const SENTENCES: Readonly<Record<SentenceLanguage, Sentences>> = { en: sentencesEn, zh: sentencesZh };

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);

export function sentenceOf(action: DecodedAction, language: SentenceLanguage): string {
  const sentences = SENTENCES[language];
  const { value } = action.call;
  return value === 0n ? withoutValue(action, sentences) : `${withoutValue(action, sentences)} ${sentences.withValue(value.toString())}`;
}

function withoutValue(action: DecodedAction, sentences: Sentences): string {
  switch (action.kind) {
    case "governed": {
      const ofContract = sentences[action.contract] as unknown as Readonly<Record<string, (...args: readonly unknown[]) => string>>;
      return ofContract[action.functionName]!(...action.args);
    }
    case "other":
      return sentences.other(action.contract, action.functionName, action.args.map((argument) => JSON.stringify(argument, plain)).join(", "));
    case "unknown-call":
      return sentences.unknownCall(action.contract);
    case "unknown-contract":
      return sentences.unknownContract(action.call.target);
  }
}
