import { decodeFile } from '../../../../nodes/shared/payload/base64';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const long = Buffer.alloc(48, 0xa5);

const FILES: Array<[name: string, text: string, content: Buffer, type?: string]> = [
  ['base64 with its padding', 'aGk=', Buffer.from('hi')],
  ['long base64 without padding', long.toString('base64'), long],
  ['base64url', long.toString('base64url'), long],
  [
    'a short file that is known by its bytes',
    PNG.subarray(0, 15).toString('base64'),
    PNG.subarray(0, 15),
  ],
  [
    'line breaks',
    `${long.toString('base64').slice(0, 30)}\r\n${long.toString('base64').slice(30)}\n`,
    long,
  ],
  ['a data URL', 'data:image/png;base64,aGk', Buffer.from('hi'), 'image/png'],
  ['a data URL without a type', 'data:;base64,aGk=', Buffer.from('hi')],
  [
    'a data URL with parameters',
    ' DATA:Audio/WAV;rate=8000;BASE64,aGk=',
    Buffer.from('hi'),
    'audio/wav',
  ],
  ['a data URL with its base64 encoded', 'data:a/b;base64,aGk%3D%0A', Buffer.from('hi'), 'a/b'],
  [
    'a data URL that is encoded for a URL',
    'data:image/svg+xml,%3Csvg%3E%C3%A4ü</svg>',
    Buffer.from('<svg>äü</svg>'),
    'image/svg+xml',
  ],
  [
    'a data URL with a charset',
    'data:text/plain;charset=utf-8,hi%20there',
    Buffer.from('hi there'),
    'text/plain',
  ],
];

test.each(FILES.map(([name, text, content, type]) => ({ name, text, content, type })))(
  '$name is a file',
  ({ text, content, type }) => {
    expect(decodeFile(text)).toStrictEqual({ content, ...(type !== undefined && { type }) });
  },
);

test.each<[string, unknown]>([
  ['a word', 'done'],
  ['a longer word', 'information'],
  ['a name', 'sunset-over-mountains_v2'],
  ['prose', 'no base64!'],
  ['a link', 'https://example.com/fox.png,data'],
  ['prose that begins like a data URL', 'data: five items, all done'],
  ['both alphabets at once', `${'a+_'.repeat(40)}`],
  ['too many digits', 'A'.repeat(65)],
  ['nothing', ''],
  ['blanks', ' \n'],
  ['an empty data URL', 'data:image/png;base64,'],
  ['a data URL without a comma', 'data:image/png;base64'],
  ['a number', 5],
  ['an object', { a: 1 }],
  ['null', null],
])('%s is not a file', (_, value) => {
  expect(decodeFile(value)).toBeUndefined();
});
