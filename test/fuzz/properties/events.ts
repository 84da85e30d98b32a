import assert from 'node:assert/strict';

import fc from 'fast-check';

import { readEvents, type ServerSentEvent } from '../../../nodes/shared/http/sse';
import { hostileText } from '../hostile';
import { cutInto, cuts } from '../pieces';
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

/** Reads a whole body at once, as a second implementation to compare with. */
function reference(bytes: Buffer): ServerSentEvent[] {
  const blocks = new TextDecoder().decode(bytes).replace(/\r\n?/g, '\n').split('\n\n');
  return blocks.flatMap((block) => {
    const fields = block.split('\n').map((each) => {
      // Some servers give an error as a line of its own, without a name.
      if (each.startsWith('{') && isWhole(each)) return { name: 'data', value: each };
      const [name = '', ...value] = each.split(':');
      const joined = value.join(':');
      return { name, value: joined.startsWith(' ') ? joined.slice(1) : joined };
    });
    return eventsOf(fields.filter(({ name }) => name === 'data' || name === 'event'));
  });
}

type Field = { name: string; value: string };

/** The first data that is whole is an event of its own, if more that is not blank follows. */
function eventsOf(fields: Field[]): ServerSentEvent[] {
  const filled = fields.flatMap(({ name, value }, at) =>
    name === 'data' && value.trim() !== '' ? [at] : [],
  );
  const [first, second] = filled;
  if (first !== undefined && second !== undefined && isWhole(fields[first]?.value ?? '')) {
    // A name between the two belongs to the second.
    const isLater = ({ name }: Field, at: number) => name === 'event' && at > firstData(fields);
    const head = fields.slice(0, second);
    const names = head.filter(isLater).slice(-1);
    const own = head.filter((field, at) => !isLater(field, at));
    return [...eventsOf(own), ...eventsOf([...names, ...fields.slice(second)])];
  }
  const data = fields.filter(({ name }) => name === 'data').map(({ value }) => value);
  const event = fields.findLast(({ name }) => name === 'event')?.value || 'message';
  return data.length === 0 ? [] : [{ event, data: data.join('\n') }];
}

function firstData(fields: Field[]): number {
  return fields.findIndex(({ name }) => name === 'data');
}

function isWhole(text: string): boolean {
  try {
    return text.trim() === '[DONE]' || JSON.parse(`[${text}]`).length === 1;
  } catch {
    return false;
  }
}

/** The events of a stream do not depend on where it is cut into pieces. */
export const events = property({
  name: 'event streams in pieces',
  share: 12,
  inputs: fc.record({
    bytes: fc.oneof({ weight: 3, arbitrary: written }, { weight: 1, arbitrary: broken }),
    cuts: fc.oneof(
      { weight: 1, arbitrary: cuts },
      { weight: 1, arbitrary: fc.constant('each byte' as const) },
    ),
  }),
  check: async ({ bytes, cuts: places }) => {
    const pieces = cutInto(bytes, places);
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
