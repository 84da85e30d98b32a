import assert from 'node:assert/strict';

import fc from 'fast-check';

import { tooSlowAt } from '../growth';
import { hostileText } from '../hostile';
import { property, type Outcome } from '../property';
import { KINDS, PIECES, READERS } from '../readers';

/** A start, a piece that is repeated and an end: what makes careless code go back over a text. */
const shape = fc.record({
  start: fc.oneof(fc.constant(''), hostileText),
  piece: fc.oneof(
    fc.constantFrom(...PIECES, ...Object.values(KINDS).map((make) => make(8))),
    hostileText.filter((text) => text !== ''),
  ),
  end: fc.oneof(fc.constant(''), hostileText),
});

/** No reader takes longer than in proportion to what it reads. */
export const growth = property({
  name: 'time grows with the length at most',
  share: 0.005,
  inputs: fc.record({ reader: fc.constantFrom(...Object.keys(READERS)), shape }),
  check: async ({ reader, shape: { start, piece, end } }): Promise<Outcome> => {
    const makeInput = (size: number) => start + piece.repeat(Math.ceil(size / piece.length)) + end;
    assert.equal(await tooSlowAt(READERS[reader]!, makeInput), undefined);
    return 'accepted';
  },
});
