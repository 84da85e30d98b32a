import type { Container, Place } from '../payload/places';

/** What leads to files, and is none of the rest: for each holder the keys. */
type Ways = Map<Container, Set<string | number>>;

/** @param places of the files in an answer */
export function waysTo(places: Place[]): Ways {
  const ways: Ways = new Map();
  for (const place of places) {
    for (let at: Place | undefined = place; at; at = at.above) {
      const keys = ways.get(at.holder) ?? new Set();
      if (keys.has(at.key)) break;
      ways.set(at.holder, keys.add(at.key));
    }
  }
  return ways;
}

/** The fields of the object around a file, and of those around that one, without files. */
export function restOf(place: Place, ways: Ways): Record<string, unknown> {
  let rest: Record<string, unknown> = {};
  for (let at: Place | undefined = place; at; at = at.above) {
    const { holder } = at;
    if (Array.isArray(holder)) continue;
    const fields = Object.entries(holder).filter(([name]) => !ways.get(holder)?.has(name));
    rest = { ...Object.fromEntries(fields), ...rest };
  }
  return rest;
}
