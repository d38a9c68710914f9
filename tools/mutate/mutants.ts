// Makes the mutants of one Solidity file: small faults, one each, that a test should notice. Text only; the compiler says later which are no program.
//
// Source: R. A. DeMillo, R. J. Lipton, F. G. Sayward, "Hints on Test Data Selection", IEEE Computer 11(4), 1978; operators after R. Sánchez et al. and
// A. Groce et al. (statement deletion, condition negation, relational, arithmetic and logical replacement, constants).

export type MutantKind = "check" | "modifier" | "statement" | "condition" | "relation" | "arithmetic" | "logic" | "shift" | "constant";

export interface Mutant {
  readonly kind: MutantKind;
  /** 1-based. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
}

/** Kinds that take a check away: none of them may survive. */
export const isDeletedCheck = ({ kind }: Mutant): boolean => kind === "check" || kind === "modifier";

export function applyMutant(source: string, { start, end, to }: Mutant): string {
  return source.slice(0, start) + to + source.slice(end);
}

export function makeMutants(source: string): Mutant[] {
  const code = maskProse(source);
  const add = (kind: MutantKind, start: number, end: number, to: string): Mutant => ({
    kind,
    line: source.slice(0, start).split("\n").length,
    start,
    end,
    from: source.slice(start, end),
    to,
  });
  const found = [
    ...deletedChecks(code, add),
    ...deletedModifiers(code, add),
    ...replaced(code, /(?<=[;{}]\s*)delete [^;]+;/g, () => "{}", "statement", add),
    ...negatedConditions(code, add),
    ...replaced(code, /(?<= )(?:<=|>=|<|>|==|!=)(?= )/g, ([operator]) => RELATIONS[operator] ?? operator, "relation", add),
    ...replaced(code, /\b(?:lt|gt|slt|sgt)(?=\()/g, ([name]) => RELATIONS[name] ?? name, "relation", add),
    ...replaced(code, /(?<= )[+-](?= )/g, ([operator]) => (operator === "+" ? "-" : "+"), "arithmetic", add),
    ...replaced(code, /(?<= )[*/](?= )/g, ([operator]) => (operator === "*" ? "/" : "*"), "arithmetic", add),
    ...replaced(code, /(?<= )[+-](?==\s)/g, ([operator]) => (operator === "+" ? "-" : "+"), "arithmetic", add),
    ...replaced(code, /\b(?:add|sub)(?=\()/g, ([name]) => (name === "add" ? "sub" : "add"), "arithmetic", add),
    ...replaced(code, /&&|\|\|/g, ([operator]) => (operator === "&&" ? "||" : "&&"), "logic", add),
    ...replaced(code, /(?<= )(?:<<|>>)(?= )/g, ([operator]) => (operator === "<<" ? ">>" : "<<"), "shift", add),
    ...replaced(code, /\b(?:shl|shr)(?=\()/g, ([name]) => (name === "shl" ? "shr" : "shl"), "shift", add),
    ...constants(code, add),
  ];
  return found.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

type Add = (kind: MutantKind, start: number, end: number, to: string) => Mutant;

const RELATIONS: Readonly<Record<string, string>> = {
  "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", lt: "gt", gt: "lt", slt: "sgt", sgt: "slt",
};

/** Comments, strings and imports become spaces, so that positions stay. */
export function maskProse(source: string): string {
  const prose = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|^(?:import|pragma)\b[^;]*;|^\s*(?:error|event)\b[^;]*;/gm;
  return source.replace(prose, (text) => text.replace(/[^\n]/g, " "));
}

/** `if (…) revert …;`, a bare `revert …;`, and calls of functions that are named after a check. */
function* deletedChecks(code: string, add: Add): Generator<Mutant> {
  const guarded = new Set<number>();
  for (const { index } of code.matchAll(/\bif \(/g)) {
    const after = behindParenthesis(code, index + 3);
    const revert = /^\s*revert\b[^;]*;/.exec(code.slice(after));
    if (revert === null) continue;
    guarded.add(after + revert[0].indexOf("revert"));
    yield add("check", index, after + revert[0].length, "{}");
  }
  for (const { index, 0: text } of code.matchAll(/\brevert\b[^;]*;/g)) {
    if (!guarded.has(index)) yield add("check", index, index + text.length, "{}");
  }
  const calls = /(?<=[;{}]\s*|\belse\s+|\)\s+)(?:\w+\.)*_?(?:require|check|only)\w*\((?:[^;]*)\);/g;
  for (const { index, 0: text } of code.matchAll(calls)) yield add("check", index, index + text.length, "{}");
}

const PLAIN = new Set(["external", "public", "internal", "private", "view", "pure", "payable", "virtual", "override", "constant"]);

function* deletedModifiers(code: string, add: Add): Generator<Mutant> {
  for (const { index, 0: name } of code.matchAll(/\bfunction \w+\(/g)) {
    const from = behindParenthesis(code, index + name.length - 1);
    const header = /^[^{;]*/.exec(code.slice(from))?.[0] ?? "";
    const withoutReturns = header.replace(/\breturns\s*\([^)]*\)/g, (text) => " ".repeat(text.length));
    for (const word of withoutReturns.matchAll(/\b[a-z]\w*(?:\([^)]*\))?/g)) {
      if (!PLAIN.has(word[0].replace(/\(.*/, ""))) yield add("modifier", from + word.index, from + word.index + word[0].length, "");
    }
  }
}

function* negatedConditions(code: string, add: Add): Generator<Mutant> {
  for (const { index } of code.matchAll(/\bif \(/g)) {
    const end = behindParenthesis(code, index + 3);
    const condition = code.slice(index + 4, end - 1);
    if (/^\s*revert\b/.test(code.slice(end)) || condition.includes("\n")) continue;
    yield add("condition", index + 4, end - 1, `!(${condition})`);
  }
}

/** Numbers that positions are computed from: in sums, slices, shifts, readers of packed data and constants. */
function* constants(code: string, add: Add): Generator<Mutant> {
  for (const { index, 0: digits } of code.matchAll(/(?<![\w."])\d+(?![\w.])/g)) {
    const lineStart = code.lastIndexOf("\n", index) + 1;
    const line = code.slice(lineStart, code.indexOf("\n", index));
    if (!/uintAt|wordAt|\[[^\]]*:[^\]]*\]|\bconstant\b| [*+-] |<<|>>|\b(?:add|sub|shl|shr|and|mul)\(/.test(line)) continue;
    if (/^\s*for \(/.test(line) || /\btype\(/.test(line) || /\bkeccak256\b/.test(line)) continue;
    yield add("constant", index, index + digits.length, String(BigInt(digits) + 1n));
  }
}

function* replaced(code: string, pattern: RegExp, to: (match: RegExpExecArray) => string, kind: MutantKind, add: Add): Generator<Mutant> {
  for (const match of code.matchAll(pattern)) yield add(kind, match.index, match.index + match[0].length, to(match));
}

/** @param open Position of a "(". @returns The position behind its ")". */
function behindParenthesis(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; ++at) {
    if (code[at] === "(") ++depth;
    else if (code[at] === ")" && --depth === 0) return at + 1;
  }
  return code.length;
}
