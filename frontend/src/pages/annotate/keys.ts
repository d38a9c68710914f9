/** Which key does what. Pure; the page remembers the reader's own choice. */
export const ACTIONS = [
  "class1", "class2", "class3", "class4", "class5", "class6", "class7", "class8", "class9", "uncertain", "ungradable", "identifiable", "incidental", "confidence", "confirm", "undo", "pause",
  "zoomIn", "zoomOut", "reset", "left", "right", "up", "down", "darker", "brighter", "softer", "harder",
] as const;
export type Action = (typeof ACTIONS)[number];
export type Bindings = Readonly<Record<Action, string>>;

export const DEFAULT_BINDINGS: Bindings = {
  class1: "1", class2: "2", class3: "3", class4: "4", class5: "5", class6: "6", class7: "7", class8: "8", class9: "9",
  uncertain: "u", ungradable: "x", identifiable: "p", incidental: "i", confidence: "c", confirm: "Enter", undo: "z", pause: "k",
  zoomIn: "+", zoomOut: "-", reset: "0", left: "ArrowLeft", right: "ArrowRight", up: "ArrowUp", down: "ArrowDown", darker: ",", brighter: ".", softer: ";", harder: "'",
};

/** As bindings name it: letters in lower case; "=" is the key of "+" without shift. */
export const keyName = (key: string): string => (key === "=" ? "+" : key.length === 1 ? key.toLowerCase() : key);

/** Keys that the browser or a screen reader needs. */
export const isBindable = (key: string): boolean => key.length === 1 ? key.trim() !== "" : ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Enter", "Backspace"].includes(key);

export function actionOf(bindings: Bindings, key: string): Action | null {
  const name = keyName(key);
  return ACTIONS.find((action) => bindings[action] === name) ?? null;
}

/** @returns The new bindings, or the action that has the key already. */
export function rebind(bindings: Bindings, action: Action, key: string): Bindings | Action {
  const name = keyName(key);
  const holder = actionOf(bindings, name);
  return holder !== null && holder !== action ? holder : { ...bindings, [action]: name };
}

/** What was remembered, if it still is one key for every action. */
export function parseBindings(text: string | null): Bindings {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    return DEFAULT_BINDINGS;
  }
  if (typeof value !== "object" || value === null) return DEFAULT_BINDINGS;
  const known = value as Readonly<Record<string, unknown>>;
  const keys = ACTIONS.map((action) => known[action]);
  const valid = keys.every((key) => typeof key === "string" && isBindable(key) && keyName(key) === key) && new Set(keys).size === ACTIONS.length;
  return valid ? (Object.fromEntries(ACTIONS.map((action, i) => [action, keys[i]])) as Bindings) : DEFAULT_BINDINGS;
}
