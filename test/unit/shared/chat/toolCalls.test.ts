import { cpuTimeOf } from '../../../support/cpuTime';
import { ToolCallAssembly, toolCallsIn, withIds } from '../../../../nodes/shared/chat/toolCalls';

type Delta = Record<string, unknown>;
const delta = (fields: Delta, name?: string, args?: unknown): Delta => ({
  ...fields,
  function: { ...(name !== undefined && { name }), ...(args !== undefined && { arguments: args }) },
});

/** The calls of deltas, as `ID:name:arguments`. */
function callsOf(deltas: Delta[]): string[] {
  const assembly = new ToolCallAssembly();
  for (const one of toolCallsIn(deltas)) assembly.add(one);
  return assembly
    .result()
    .map(({ id, function: called }) => `${id}:${called?.name}:${called?.arguments}`);
}

const A = 'a:f:{"x":1}';
const B = 'b:g:{"y":2}';
test.each<[string, Delta[], string[]]>([
  [
    'with an index',
    [
      delta({ index: 0, id: 'a' }, 'f', ''),
      delta({ index: 0 }, undefined, '{"x":'),
      delta({ index: 0 }, undefined, '1}'),
    ],
    [A],
  ],
  [
    'with the ID repeated as an empty text',
    [delta({ index: 0, id: 'a' }, 'f', '{"x":'), delta({ index: 0, id: '' }, '', '1}')],
    [A],
  ],
  [
    'with the ID and the name repeated',
    [delta({ index: 0, id: 'a' }, 'f', '{"x":'), delta({ index: 0, id: 'a' }, 'f', '1}')],
    [A],
  ],
  [
    'all with index 0 and IDs of their own',
    [delta({ index: 0, id: 'a' }, 'f', '{"x":1}'), delta({ index: 0, id: 'b' }, 'g', '{"y":2}')],
    [A, B],
  ],
  [
    'all with index 0, IDs of their own and arguments in pieces',
    [
      delta({ index: 0, id: '0' }, 'f', '{"x":'),
      delta({ index: 0, id: '0' }, undefined, '1}'),
      delta({ index: 0, id: '1' }, 'g', '{"y":'),
      delta({ index: 0, id: '1' }, undefined, '2}'),
    ],
    ['0:f:{"x":1}', '1:g:{"y":2}'],
  ],
  [
    'all with index 0, and pieces that alternate',
    [
      delta({ index: 0, id: 'a' }, 'f', '{"x":'),
      delta({ index: 0, id: 'b' }, 'g', '{"y":'),
      delta({ index: 0, id: 'a' }, undefined, '1'),
      delta({ index: 0 }, undefined, '}'),
      delta({ index: 0, id: 'b' }, undefined, '2}'),
    ],
    [A, B],
  ],
  [
    'with another ID in each piece',
    [delta({ index: 0, id: 'a' }, 'f', '{"x":'), delta({ index: 0, id: 'zz' }, undefined, '1}')],
    [A],
  ],
  [
    'with index 0 and without IDs',
    [
      delta({ index: 0 }, 'f', '{"x":1}'),
      delta({ index: 0 }, 'f', '{"x":2}'),
      delta({ index: 0 }, 'g', '{}'),
    ],
    ['call_1:f:{"x":1}', 'call_2:f:{"x":2}', 'call_3:g:{}'],
  ],
  [
    'without an index, in pieces',
    [
      delta({ id: 'a' }, 'f', '{"x":'),
      delta({}, undefined, '1'),
      delta({ id: 'a' }, undefined, '}'),
      delta({ id: 'b' }, 'g', '{"y":2'),
      delta({ id: '' }, '', '}'),
    ],
    [A, B],
  ],
  [
    'without an index, whole',
    [delta({ id: 'a' }, 'f', '{"x":1}'), delta({ id: 'b' }, 'g', '{"y":2}')],
    [A, B],
  ],
  [
    'without an index or an ID, whole',
    [delta({}, 'f', '{"x":1}'), delta({}, 'f', '{"x":1}'), delta({}, 'g', '{"y":2}')],
    ['call_1:f:{"x":1}', 'call_2:f:{"x":1}', 'call_3:g:{"y":2}'],
  ],
  [
    'without an index or an ID, with the name in each piece',
    [delta({}, 'f', '{"x":'), delta({}, 'f', '1}')],
    ['call_1:f:{"x":1}'],
  ],
  [
    'with an index that comes later',
    [delta({ id: 'a' }, 'f', '{"x":'), delta({ index: 0, id: 'a' }, undefined, '1}')],
    [A],
  ],
  [
    'in another order than their indexes',
    [delta({ index: 1, id: 'b' }, 'g', '{"y":2}'), delta({ index: 0, id: 'a' }, 'f', '{"x":1}')],
    [A, B],
  ],
  [
    'with huge and negative indexes',
    [delta({ index: 1e8, id: 'b' }, 'g', '{"y":2}'), delta({ index: -3, id: 'a' }, 'f', '{"x":1}')],
    [A, B],
  ],
  [
    'with an index as text',
    [delta({ index: '0', id: 'a' }, 'f', '{"x":'), delta({ index: 0 }, undefined, '1}')],
    [A],
  ],
  ['with arguments as an object', [delta({ index: 0, id: 'a' }, 'f', { x: 1 })], [A]],
  [
    'with arguments as objects with a field each',
    [
      delta({ index: 0, id: 'a' }, 'f', {}),
      delta({ index: 0 }, undefined, { x: 1 }),
      delta({ index: 0 }, undefined, { z: null }),
    ],
    ['a:f:{"x":1,"z":null}'],
  ],
  [
    'with an empty object in front of the text',
    [delta({ index: 0, id: 'a' }, 'f', {}), delta({ index: 0 }, undefined, '{"x":1}')],
    [A],
  ],
  [
    'with a field of arguments that is named like one of Object’s own',
    [delta({ id: 'a' }, 'f', JSON.parse('{"__proto__": 1, "x": 2}'))],
    ['a:f:{"__proto__":1,"x":2}'],
  ],
  ['without arguments', [delta({ index: 0, id: 'a' }, 'f')], ['a:f:']],
  [
    'with a name that grows',
    [delta({ index: 0 }, 'get_'), delta({ index: 0 }, 'get_weather', '{}')],
    ['call_1:get_weather:{}'],
  ],
  [
    'with a name in pieces',
    [
      delta({ index: 0, id: 'a' }, 'get_', ''),
      delta({ index: 0 }, 'weat'),
      delta({ index: 0 }, 'her', ''),
      delta({ index: 0 }, undefined, '{}'),
      delta({ index: 1, id: 'b' }, 'f', '{}'),
    ],
    ['a:get_weather:{}', 'b:f:{}'],
  ],
  [
    'with a name in pieces and the ID in each',
    [delta({ id: 'a' }, 'get_'), delta({ id: 'a' }, 'weather'), delta({ id: 'a' }, '', '{}')],
    ['a:get_weather:{}'],
  ],
  [
    'with a name in pieces and without an ID',
    [delta({ index: 0 }, 'get_'), delta({ index: 0 }, 'weather', '{}')],
    ['call_1:get_weather:{}'],
  ],
  [
    'with other names, blank arguments and without IDs',
    [delta({ index: 0 }, 'f', ''), delta({ index: 0 }, 'g', '')],
    ['call_1:f:', 'call_2:g:'],
  ],
  [
    'with the same ID for all, whole',
    [
      delta({ id: 'a' }, 'f', '{"x":1}'),
      delta({ id: 'a' }, 'g', '{"y":2}'),
      delta({ id: 'a' }, 'g', '{"y":3}'),
    ],
    [A, 'a_1:g:{"y":2}', 'a_2:g:{"y":3}'],
  ],
  [
    'with the same ID and indexes of their own',
    [delta({ index: 0, id: 'a' }, 'f', '{"x":1}'), delta({ index: 1, id: 'a' }, 'g', '{}')],
    [A, 'a_1:g:{}'],
  ],
  ['without a function around them', [{ id: 'a', name: 'f', arguments: '{"x":1}' }], [A]],
  ['with a number as their ID', [delta({ id: 7 }, 'f', '{}')], ['7:f:{}']],
])('calls come out whole from deltas %s', (_name, deltas, calls) => {
  expect(callsOf(deltas)).toStrictEqual(calls);
});

test('a custom tool’s call has its text', () => {
  const assembly = new ToolCallAssembly();
  assembly.add({ index: 0, id: 'a', type: 'custom', custom: { name: 'sql', input: 'select ' } });
  assembly.add({ index: 0, custom: { input: '1' } });
  expect(assembly.result()).toStrictEqual([
    { id: 'a', type: 'custom', custom: { name: 'sql', input: 'select 1' } },
  ]);
});

test('fields of the server’s own are kept', () => {
  const assembly = new ToolCallAssembly();
  assembly.add({ index: 0, id: 'a', extra_content: { signature: 's' }, function: { name: 'f' } });
  assembly.add({ index: 0, extra_content: null, function: { arguments: '{}' } });
  expect(assembly.result()).toStrictEqual([
    {
      id: 'a',
      type: 'function',
      extra_content: { signature: 's' },
      function: { name: 'f', arguments: '{}' },
    },
  ]);
});

test.each([
  ['a list', [{ id: 'a' }, null, 'x', { id: 'b' }], ['a', 'b']],
  ['one call', { id: 'a', function: { name: 'f' } }, ['a']],
  ['an object of calls', { 0: { id: 'a', name: 'f' }, 1: { id: 'b' } }, ['a', 'b']],
  ['null', null, []],
  ['a text', 'x', []],
])('tool calls are read from %s', (_name, value, ids) => {
  expect(toolCallsIn(value).map(({ id }) => id)).toStrictEqual(ids);
});

test('a call without an ID gets one that no other call has', () => {
  expect(
    withIds([{}, { id: 'call_1' }, { id: '' }, { id: null }]).map(({ id }) => id),
  ).toStrictEqual(['call_2', 'call_1', 'call_3', 'call_4']);
});

test('a call with the ID of another one gets an ID of its own', () => {
  expect(withIds([{ id: 'a' }, { id: 'a' }, { id: 'a_1' }, { id: 'a' }])).toStrictEqual([
    { id: 'a' },
    { id: 'a_2' },
    { id: 'a_1' },
    { id: 'a_3' },
  ]);
});

test('100,000 calls without an ID get one in a fraction of a second', async () => {
  const taken = await cpuTimeOf(() => {
    expect(withIds(Array.from({ length: 100_000 }, () => ({}))).at(-1)?.id).toBe('call_100000');
  });
  expect(taken).toBeLessThan(5000);
});

test('100,000 pieces are put together in a fraction of a second', async () => {
  const pieces = Array.from({ length: 100_000 }, (_, at) =>
    delta({ index: 0, id: `id${at}` }, undefined, at === 0 ? '{"x":"' : 'y'),
  );
  let calls: string[] = [];
  const taken = await cpuTimeOf(() => {
    calls = callsOf([delta({ index: 0, id: 'a' }, 'f', ''), ...pieces]);
  });
  expect(calls[0]).toHaveLength(100_009);
  expect(taken).toBeLessThan(5000);
});
