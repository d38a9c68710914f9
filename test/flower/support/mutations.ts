// Changes to a JSON value that an attacker or an accident would make: one somewhere, of a kind that fits what stands there.
import type { Json } from "../../../protocol/index.ts";
import type { Dice } from "./rounds.ts";

type Parent = Record<string, Json> | Json[];

/** Every place in the value: what holds it, and under which key. */
function places(value: Json, found: (readonly [Parent, string])[] = []): (readonly [Parent, string])[] {
  if (typeof value !== "object" || value === null) return found;
  for (const [key, item] of Object.entries(value)) {
    found.push([value as Parent, key]);
    places(item, found);
  }
  return found;
}

function another(value: Json, { between, pick }: Dice): Json {
  if (typeof value === "number") return pick([value + 1, value - 1, 0, 1, -1, 255, 256, 65_536, 2 ** 32, 2 ** 48, 2 ** 53 - 1, String(value), value === 1, null]);
  if (typeof value === "boolean") return pick([!value, Number(value), null, String(value)]);
  if (value === null) return pick([0, "", {}, []]);
  if (typeof value === "string") {
    const at = between(0, Math.max(0, value.length - 1));
    const letter = pick(["0", "a", "F", " ", "\n", "é", "١"]);
    return pick([`${value.slice(0, at)}${letter}${value.slice(at + 1)}`, value.slice(0, -1), `${value}0`, value.toUpperCase(), "", `0${value}`, 7, null, "1", "0", String(2n ** 64n), String(2n ** 96n)]);
  }
  if (Array.isArray(value)) return pick([[], value.slice(1), value.toReversed(), [...value, ...value.slice(0, 1)], {}, null, value.slice(0, 1)]);
  const entries = Object.entries(value);
  return pick([Object.fromEntries(entries.slice(1)), { ...value, more: 1 }, [], null, "text"]);
}

/** A copy with one thing changed, removed or put elsewhere. */
export function mutated(value: Json, dice: Dice): Json {
  const copy = structuredClone(value);
  const [parent, key] = dice.pick(places(copy));
  if (!Array.isArray(parent) && dice.between(0, 9) === 0) delete parent[key];
  else (parent as Record<string, Json>)[key] = another((parent as Record<string, Json>)[key] ?? null, dice);
  return copy;
}
