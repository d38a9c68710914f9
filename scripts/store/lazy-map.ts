/** A map whose values are made when they are asked for, and not kept: of a whole bundle, one file at a time is in memory. */
export class LazyMap<Key, Value> implements ReadonlyMap<Key, Value> {
  readonly #keys: ReadonlySet<Key>;
  readonly #read: (key: Key) => Value;
  readonly #weigh: ((key: Key) => number) | null;

  /** @param weigh Bytes of a value, where they are known without it. */
  constructor(keys: Iterable<Key>, read: (key: Key) => Value, weigh: ((key: Key) => number) | null = null) {
    this.#keys = new Set(keys);
    this.#read = read;
    this.#weigh = weigh;
  }

  /** Bytes of a value; null when it has to be looked at. */
  weigh(key: Key): number | null {
    return this.#weigh?.(key) ?? null;
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: Key): boolean {
    return this.#keys.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#keys.has(key) ? this.#read(key) : undefined;
  }

  keys(): MapIterator<Key> {
    return this.#keys.values();
  }

  *values(): MapIterator<Value> {
    for (const key of this.#keys) yield this.#read(key);
  }

  *entries(): MapIterator<[Key, Value]> {
    for (const key of this.#keys) yield [key, this.#read(key)];
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries();
  }

  forEach(visit: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}

/** The same, of some keys only. */
export function only<Key, Value>(map: ReadonlyMap<Key, Value>, wanted: (key: Key) => boolean): ReadonlyMap<Key, Value> {
  return new LazyMap([...map.keys()].filter(wanted), (key) => map.get(key) as Value);
}
