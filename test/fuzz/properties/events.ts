import assert from 'node:assert/strict';

import fc from 'fast-check';

import { readEvents, type ServerSentEvent } from '../../../nodes/shared/http/sse';
import { hostileText } from '../hostile';
import { property } from '../property';

const text = fc.oneof(
  hostileText,
  fc.constantFrom('', ' ', '[DONE]', '{"a":1}', '🦊é', 'x: y', '\ufeff', ':'),
);
const long = fc
  .record({
    piece: fc.constantFrom('x', '🦊', ' ', ':', '{"a":'),
    times: fc.integer({ min: 1000, max: 5_000 }),
  })
  .map(({ piece, times }) => `data: ${piece.repeat(times)}`);
const line = fc.oneof(
  {
    weight: 300,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          'data: ',
          'data:',
          'data',
          'event: ',
          'event:',
          'id: ',
          'retry: ',
          ': ',
          ':',
          '\ufeffdata: ',
          'Data: ',
          ' data: ',
          '',
        ),
        text,
      )
      .map((parts) => parts.join('')),
  },
  { weight: 300, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: long },
);
const written = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 10 })
  .map((lines) => Buffer.from(lines.flat().join('')));
const broken = fc
  .tuple(written, fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.nat())
  .map(([bytes, junk, at]) => {
    const place = bytes.length === 0 ? 0 : at % bytes.length;
    return Buffer.concat([bytes.subarray(0, place), junk, bytes.subarray(place)]);
  });

/** The same bytes in pieces, cut anywhere, even inside characters and line ends. */
function cut(bytes: Buffer, cuts: number[]): Buffer[] {
  const places = [...new Set(cuts.map((at) => at % (bytes.length + 1)))].sort(
    (one, other) => one - other,
  );
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length));
}

/** Reads a whole body at once, as a second implementation to compare with. */
function reference(bytes: Buffer): ServerSentEvent[] {
  const blocks = new TextDecoder().decode(bytes).replace(/\r\n?/g, '\n').split('\n\n');
  return blocks.flatMap((block) => {
    const fields = block.split('\n').map((each) => {
      const [name = '', ...value] = each.split(':');
      const joined = value.join(':');
      return { name, value: joined.startsWith(' ') ? joined.slice(1) : joined };
    });
    const data = fields.filter(({ name }) => name === 'data').map(({ value }) => value);
    const event = fields.findLast(({ name }) => name === 'event')?.value || 'message';
    return data.length === 0 ? [] : [{ event, data: data.join('\n') }];
  });
}

/** The events of a stream do not depend on where it is cut into pieces. */
export const events = property({
  name: 'event streams in pieces',
  share: 12,
  inputs: fc.record({
    bytes: fc.oneof({ weight: 3, arbitrary: written }, { weight: 1, arbitrary: broken }),
    cuts: fc.oneof(fc.array(fc.nat(), { maxLength: 8 }), fc.constant('each byte' as const)),
  }),
  check: async ({ bytes, cuts }) => {
    const pieces =
      cuts === 'each byte' ? [...bytes].map((byte) => Buffer.of(byte)) : cut(bytes, cuts);
    const read: ServerSentEvent[] = [];
    for await (const event of readEvents(
      (async function* () {
        yield* pieces;
      })(),
    ))
      read.push(event);
    assert.deepEqual(read, reference(bytes));
    return read.length > 0 ? 'accepted' : 'refused';
  },
});
