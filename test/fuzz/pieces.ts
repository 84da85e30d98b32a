import fc from 'fast-check';

/** Where bytes are cut. */
export type Cuts = number[] | 'each byte';

/** Places at which bytes are cut, inside characters and line ends, too. */
export const cuts: fc.Arbitrary<Cuts> = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.nat(), { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constant('each byte' as const) },
);

/** The same bytes in pieces. */
export function cutInto(bytes: Buffer, places: Cuts): Buffer[] {
  if (places === 'each byte') return [...bytes].map((byte) => Buffer.of(byte));
  const ends = [...new Set(places.map((at) => at % (bytes.length + 1)))].sort(
    (one, other) => one - other,
  );
  return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
}
