/** What a schema of plain objects knows of its own fields: to name the nearest one to a mistake, and to compare documents with it. */
import { z } from "zod";

/** A field. @param path Dotted; `[]` stands for each of a list. */
export interface Field {
  readonly path: string;
  readonly what: string;
  readonly needed: boolean;
  /** As JSON; null when there is none, or its parts have their own. */
  readonly byDefault: string | null;
}

/** The schema under optional, default and the like. */
function core(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  for (;;) {
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) inner = inner.def.innerType;
    else if (inner instanceof z.ZodPipe) inner = inner.def.in;
    else return inner;
  }
}

function childOf(schema: z.core.$ZodType, at: PropertyKey): z.core.$ZodType | null {
  const inner = core(schema);
  if (inner instanceof z.ZodArray) return inner.element;
  if (inner instanceof z.ZodObject) return (inner.shape as Record<PropertyKey, z.core.$ZodType>)[at] ?? null;
  return null;
}

/** Names that an object at a path may have. */
export function namesAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: z.core.$ZodType | null = schema;
  for (const step of path) at = at === null ? null : childOf(at, step);
  const inner = at === null ? null : core(at);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** Every field, depth first. */
export function fieldsOf(schema: z.core.$ZodType, prefix = ""): Field[] {
  const inner = core(schema);
  if (inner instanceof z.ZodArray) return fieldsOf(inner.element, `${prefix}[]`);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape as Record<string, z.core.$ZodType>).flatMap(([name, field]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const what = z.globalRegistry.get(field)?.description ?? "";
    const needed = !(field instanceof z.ZodOptional || field instanceof z.ZodDefault || field instanceof z.ZodPrefault);
    const byDefault = field instanceof z.ZodDefault ? JSON.stringify(field.def.defaultValue) : null;
    return [{ path, what, needed, byDefault }, ...fieldsOf(field, path)];
  });
}

/** The name most like another; null when none is. */
export function nearest(name: string, known: readonly string[]): string | null {
  const [best] = known.map((each) => ({ each, far: distance(name.toLowerCase(), each.toLowerCase()) })).sort((a, b) => a.far - b.far);
  return best === undefined || best.far > Math.max(2, Math.floor(name.length / 2)) ? null : best.each;
}

/** Levenshtein's: letters to change, add or leave out. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
