import {
  toWireMessages,
  type LangChainMessage,
} from '../../../../nodes/LmChatBaseten/conversation/messages';
import { PastAnswers } from '../../../../nodes/LmChatBaseten/conversation/pastAnswers';

const NOTHING = new PastAnswers();
const [M, N] = ['#0a1b2c3d', '#11111111'];
const human = (content: unknown): LangChainMessage => ({ type: 'human', content });
const ai = (calls: Array<[id: string, args?: unknown]>, more: object = {}): LangChainMessage => ({
  type: 'ai',
  content: '',
  tool_calls: calls.map(([id, args = { x: 1 }]) => ({ id, name: 'f', args })),
  ...more,
});
const tool = (id: string, content: unknown = 'ok'): LangChainMessage => ({
  type: 'tool',
  tool_call_id: id,
  content,
});
const reasoned = (text: string) => ({ additional_kwargs: { reasoning_content: text } });
const call = (id: string, input = '{"x":1}') => ({
  id,
  type: 'function',
  function: { name: 'f', arguments: input },
});

test('texts keep their roles', () => {
  const messages = [
    { type: 'system', content: 'Be brief.' },
    human('Hello'),
    { type: 'ai', content: [{ type: 'text', text: 'Hi' }] },
    { type: 'generic', content: 'x' },
  ];
  expect(toWireMessages(messages, NOTHING)).toStrictEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hi' },
    { role: 'user', content: 'x' },
  ]);
});

test('a call and its result go back under the ID that the server gave', () => {
  const messages = [human('a'), ai([[`c1${M}`]]), tool(`c1${M}`, [{ type: 'text', text: 'ok' }])];
  expect(toWireMessages(messages, NOTHING).slice(1)).toStrictEqual([
    { role: 'assistant', content: null, tool_calls: [call('c1')] },
    { role: 'tool', tool_call_id: 'c1', content: 'ok' },
  ]);
});

test('calls of one answer that come back one by one go back together', () => {
  const messages = [
    human('a'),
    ai([[`c1${M}`]], reasoned('hm')),
    tool(`c1${M}`, '1'),
    ai([[`c2${M}`]], reasoned('hm')),
    tool(`c2${M}`, '2'),
    ai([[`c1${N}`]]),
    tool(`c1${N}`, '3'),
  ];
  expect(toWireMessages(messages, NOTHING).slice(1)).toStrictEqual([
    {
      role: 'assistant',
      content: null,
      reasoning_content: 'hm',
      tool_calls: [call('c1'), call('c2')],
    },
    { role: 'tool', tool_call_id: 'c1', content: '1' },
    { role: 'tool', tool_call_id: 'c2', content: '2' },
    { role: 'assistant', content: null, tool_calls: [call('c1')] },
    { role: 'tool', tool_call_id: 'c1', content: '3' },
  ]);
});

test('calls of another model stay as they are', () => {
  const messages = [ai([['c1']]), tool('c1'), ai([['c2']]), tool('c2')];
  expect(toWireMessages(messages, NOTHING)).toHaveLength(4);
});

test('a message that comes again with all its calls counts once', () => {
  const both = ai([[`c1${M}`], [`c2${M}`]]);
  const messages = [both, tool(`c1${M}`), both, tool(`c2${M}`)];
  expect(toWireMessages(messages, NOTHING).map(({ tool_calls: calls }) => calls)).toStrictEqual([
    [call('c1'), call('c2')],
    undefined,
    undefined,
  ]);
});

test('the ID that an agent puts among the arguments is taken out, and no other one', () => {
  const id = `c1${M}`;
  const messages = [
    ai([[id, { id, x: 1 }]]),
    tool(id),
    ai([[`c2${N}`, { id: 7 }]]),
    tool(`c2${N}`),
  ];
  const [first, , second] = toWireMessages(messages, NOTHING);
  expect(first?.tool_calls).toStrictEqual([call('c1')]);
  expect(second?.tool_calls).toStrictEqual([call('c2', '{"id":7}')]);
});

test('reasoning goes back with calls, and without them it does not', () => {
  const messages = [
    { type: 'ai', content: 'Hi', ...reasoned('before') },
    ai([[`c1${M}`]], reasoned('hm')),
    tool(`c1${M}`),
  ];
  expect(
    toWireMessages(messages, NOTHING).map(({ reasoning_content: text }) => text),
  ).toStrictEqual([undefined, 'hm', undefined]);
});

test('calls without a result are left out, and a message that has nothing else', () => {
  const messages = [
    ai([['c1'], ['c2']], { content: 'I ask.' }),
    tool('c2'),
    ai([['c3']]),
    ai([['c4']], { content: 'I ask again.' }),
    human('b'),
  ];
  expect(toWireMessages(messages, NOTHING)).toStrictEqual([
    { role: 'assistant', content: 'I ask.', tool_calls: [call('c2')] },
    { role: 'tool', tool_call_id: 'c2', content: 'ok' },
    { role: 'assistant', content: 'I ask again.' },
    { role: 'user', content: 'b' },
  ]);
});

test('what this process remembers of an answer goes back as the model wrote it', () => {
  const past = new PastAnswers();
  const inputs = new Map([['c1', '{ "x": 1.0 }']]);
  past.keep('0a1b2c3d', { content: 'Let me see.', reasoning: 'hm', inputs });
  expect(toWireMessages([ai([[`c1${M}`]]), tool(`c1${M}`)], past)[0]).toStrictEqual({
    role: 'assistant',
    content: 'Let me see.',
    reasoning_content: 'hm',
    tool_calls: [call('c1', '{ "x": 1.0 }')],
  });
});

test('a process remembers some answers, and no long ones', () => {
  const past = new PastAnswers();
  const answer = { content: 'x', reasoning: '', inputs: new Map<string, string>() };
  for (let at = 0; at < 501; at++) past.keep(String(at), answer);
  past.keep('long', { ...answer, content: 'x'.repeat(50_001) });
  expect(['0', '1', '500', 'long'].map((mark) => past.find(mark) !== undefined)).toStrictEqual([
    false,
    true,
    true,
    false,
  ]);
});

const PNG = 'data:image/png;base64,QUJD';
test.each<[string, unknown, unknown]>([
  ['a text', 'Hello', 'Hello'],
  ['blocks of text', [{ type: 'text', text: 'a' }, 'b'], 'ab'],
  ['nothing', [], ''],
  [
    'an image as a data URL',
    [
      { type: 'text', text: 'See' },
      { type: 'image_url', image_url: { url: PNG } },
    ],
    [
      { type: 'text', text: 'See' },
      { type: 'image_url', image_url: { url: PNG } },
    ],
  ],
  [
    'an image by its address alone',
    [{ type: 'image_url', image_url: 'https://a.example/x.png' }],
    [{ type: 'image_url', image_url: { url: 'https://a.example/x.png' } }],
  ],
  [
    'an image block with data',
    [{ type: 'image', source_type: 'base64', mime_type: 'image/png', data: 'QUJD' }],
    [{ type: 'image_url', image_url: { url: PNG } }],
  ],
  [
    'an image block with its type in another spelling',
    [{ type: 'image', mimeType: 'image/png', data: 'QUJD' }],
    [{ type: 'image_url', image_url: { url: PNG } }],
  ],
  [
    'an image block with an address',
    [{ type: 'image', source_type: 'url', url: 'https://a.example/x.png' }],
    [{ type: 'image_url', image_url: { url: 'https://a.example/x.png' } }],
  ],
  [
    'sound',
    [{ type: 'audio', mime_type: 'audio/mpeg', data: 'QUJD' }],
    [{ type: 'input_audio', input_audio: { data: 'QUJD', format: 'mp3' } }],
  ],
  [
    'a document',
    [
      {
        type: 'file',
        source_type: 'base64',
        mime_type: 'application/pdf',
        data: 'QUJD',
        metadata: { filename: 'a.pdf' },
      },
    ],
    [
      {
        type: 'file',
        file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,QUJD' },
      },
    ],
  ],
  [
    'a part of the API',
    [{ type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } }],
    [{ type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } }],
  ],
])('a user’s message may be %s', (_name, content, sent) => {
  expect(toWireMessages([human(content)], NOTHING)).toStrictEqual([
    { role: 'user', content: sent },
  ]);
});

test('a tool’s result may have images, and anything else goes as JSON', () => {
  const content = [
    { type: 'text', text: 'a' },
    { type: 'resource', uri: 'x' },
  ];
  const image = { type: 'image_url', image_url: { url: PNG } };
  const messages = [ai([['c1'], ['c2']]), tool('c1', content), tool('c2', [image])];
  expect(toWireMessages(messages, NOTHING).slice(1)).toStrictEqual([
    { role: 'tool', tool_call_id: 'c1', content: 'a{"type":"resource","uri":"x"}' },
    { role: 'tool', tool_call_id: 'c2', content: [image] },
  ]);
});
