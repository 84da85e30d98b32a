import assert from 'node:assert/strict';

import fc from 'fast-check';

import { NoVector, readVectors } from '../../../nodes/shared/vectors';
import { property } from '../property';

const DIMENSIONS = 5;

/** What can be wrong with the vector of one text. */
const DAMAGES = ['none', 'none', 'none', 'none', 'NaN', 'shorter', 'not base64', 'null', 'dropped'];

const entry = fc.record({
  vector: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), {
    minLength: DIMENSIONS,
    maxLength: DIMENSIONS,
  }),
  as: fc.constantFrom('list', 'base64', 'lines of base64'),
  damage: fc.constantFrom(...DAMAGES),
  place: fc.nat(1000),
});
type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

function encoded({ vector, as, damage }: Entry): unknown {
  if (damage === 'null') return null;
  if (damage === 'not base64') return 'no vector, but words';
  const damaged =
    damage === 'NaN' ? [...vector.slice(1), NaN] : damage === 'shorter' ? vector.slice(1) : vector;
  // JSON has null for NaN.
  if (as === 'list') return JSON.parse(JSON.stringify(damaged)) as unknown;
  const bytes = new Uint8Array(new Float32Array(damaged).buffer);
  const base64 = btoa(String.fromCharCode(...bytes));
  return as === 'base64' ? base64 : base64.replace(/.{8}/g, '$&\r\n');
}

/** Vectors come in any form and order, and some can't be used: each text gets its own, or none. */
export const vectors = property({
  name: 'vectors of embeddings',
  share: 1,
  inputs: fc.record({
    entries: fc.array(entry, { minLength: 1, maxLength: 9 }),
    indexes: fc.constantFrom('numbers', 'text', 'none'),
    areAsked: fc.boolean(),
  }),
  check: ({ entries, indexes, areAsked }) => {
    const sent = entries
      .map((each, index) => ({ each, index }))
      .filter(({ each }) => each.damage !== 'dropped');
    // Only indexes can tell which vector is whose if the order is another.
    if (indexes !== 'none') sent.sort((a, b) => a.each.place - b.each.place);
    const data = sent.map(({ each, index }) => ({
      embedding: encoded(each),
      ...(indexes !== 'none' && { index: indexes === 'text' ? String(index) : index }),
    }));
    const read = () =>
      readVectors(data, {
        count: entries.length,
        dimensions: areAsked ? DIMENSIONS : undefined,
        subject: 'a model',
      });
    const isUnclear = sent.length < entries.length && (indexes === 'none' || sent.length === 0);
    if (isUnclear) {
      assert.throws(read, /was sent \d texts and responded with \d vectors/);
      return 'refused';
    }
    const short = entries.filter(({ damage }) => damage === 'shorter').length;
    const whole = entries.filter(({ damage }) => damage === 'none').length;
    // If nobody asked for a length, it is that of most vectors.
    const right =
      areAsked || whole > short ? 'none' : short > whole ? 'shorter' : 'neither of the two';
    const given = read();
    assert.equal(given.length, entries.length);
    entries.forEach((each, index) => {
      const vector = given[index];
      const own = each.damage === 'shorter' ? each.vector.slice(1) : each.vector;
      if (each.damage === right) assert.deepEqual(zeros(vector), zeros(own));
      else assert(vector instanceof NoVector, `text ${index} has a vector`);
    });
    return given.every((vector) => vector instanceof NoVector) ? 'refused' : 'accepted';
  },
});

/** JSON does not keep the sign of a zero. */
function zeros(vector: unknown): unknown {
  return Array.isArray(vector) ? vector.map((value: number) => value + 0) : vector;
}
