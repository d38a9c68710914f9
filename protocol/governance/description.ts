/** A proposal's text is written by its proposer, its actions are what happens: here the two are held against each other. */
import type { DecodedAction } from "./decode.ts";
import { sentenceOf } from "./sentences.ts";

/**
 * `same`: the text begins with the very sentences of the actions, in their order, and has no other before its reasons.
 * `different`: it has sentences of its own in their place, or lacks some.
 */
export interface DescriptionCheck {
  readonly kind: "same" | "different";
  /** Actions whose sentence the text lacks, by position. */
  readonly unsaid: readonly number[];
  /** Lines at the head of the text that none of the actions does. */
  readonly undone: readonly string[];
  /** What follows the head: why, in the proposer's words. */
  readonly reasons: string;
}

/** The text that a proposal of these actions should have. */
export function describeActions(actions: readonly DecodedAction[], reason: string): string {
  return [...actions.map((action) => sentenceOf(action, "en")), "", reason].join("\n");
}

const withoutProposer = (text: string): string => text.replace(/#proposer=0x[0-9a-fA-F]{40}$/, "").trimEnd();

export function checkDescription(actions: readonly DecodedAction[], description: string): DescriptionCheck {
  const text = withoutProposer(description).replaceAll("\r\n", "\n");
  const end = text.search(/\n[^\S\n]*\n/);
  const head = (end < 0 ? text : text.slice(0, end)).split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const sentences = actions.map((action) => [sentenceOf(action, "en"), sentenceOf(action, "zh")]);
  const unsaid = sentences.flatMap((either, i) => (either.some((sentence) => head.includes(sentence)) ? [] : [i]));
  const undone = head.filter((line) => !sentences.flat().includes(line));
  const inOrder = head.length === sentences.length && sentences.every((either, i) => either.includes(head[i] ?? ""));
  return { kind: inOrder ? "same" : "different", unsaid, undone, reasons: end < 0 ? "" : text.slice(end).trim() };
}

/** What cannot be seen, or turns the direction of text: control and format characters but for line ends, and the tags that copy ASCII unseen. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;

/** Text of a stranger, as it may stand on a page: nothing invisible in it, no line that reorders itself, no endless pile of accents. */
export function plainText(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(UNSEEN, "\ufffd").replaceAll(/(\p{M}{4})\p{M}+/gu, "$1");
}

/** One line that names a proposal: its first sentence, never the proposer's own words when these differ from what happens. */
export function titleOf(actions: readonly DecodedAction[], language: "en" | "zh"): string {
  const [first] = actions;
  return first === undefined ? "" : sentenceOf(first, language);
}
