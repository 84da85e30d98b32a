/** Something with values in it. */
export type Container = Record<string, unknown> | unknown[];

/** Where a value stands in data. */
export interface Place {
  holder: Container;
  key: string | number;
  /** Where the holder stands; nothing if it is the whole data. */
  above?: Place;
}

/** Whether a value is an object or a list. */
export function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

/** The value that stands in a place. */
export function valueIn({ holder, key }: Place): unknown {
  return (holder as Record<string | number, unknown>)[key];
}

/**
 * The last name on the way to a place. Positions in lists are no names.
 * @param root a place above it, whose name does not count
 * @returns nothing if there are only positions
 */
export function nameOfPlace(place: Place, root?: Place): string | undefined {
  for (let at: Place | undefined = place; at && at !== root; at = at.above)
    if (typeof at.key === 'string') return at.key;
  return undefined;
}

/**
 * Copies data with other values in some places. What is on the way to them is copied, and the rest
 * is shared.
 * @param data is not changed
 */
export function withReplaced<Data extends Container>(
  data: Data,
  changes: Array<{ place: Place; value: unknown }>,
): Data {
  const copies = new Map<Container, Container>();
  const set = (holder: Container, key: string | number, value: unknown) => {
    (holder as Record<string | number, unknown>)[key] = value;
  };
  for (const { place, value } of changes) {
    const missing: Place[] = [];
    for (let at: Place | undefined = place; at && !copies.has(at.holder); at = at.above)
      missing.push(at);
    // From the top down, so that each copy has a holder to go into.
    for (const { holder, above } of missing.reverse()) {
      const copy = Array.isArray(holder) ? [...holder] : { ...holder };
      copies.set(holder, copy);
      const around = above && copies.get(above.holder);
      if (above && around) set(around, above.key, copy);
    }
    set(copies.get(place.holder) as Container, place.key, value);
  }
  return (copies.get(data) ?? data) as Data;
}
