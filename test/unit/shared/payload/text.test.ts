import { decodeText } from '../../../../nodes/shared/payload/text';

const UTF8 = Buffer.from('Grüße 👋');
const LATIN1 = Buffer.from('Grüße', 'latin1');
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

test.each<[string, Buffer, string | undefined, string]>([
  ['UTF-8', UTF8, undefined, 'Grüße 👋'],
  ['UTF-8 that says so', UTF8, 'text/plain; charset=UTF-8', 'Grüße 👋'],
  ['a byte order mark', Buffer.from('\ufeffGrüße'), undefined, 'Grüße'],
  ['UTF-16 with a mark', utf16('Grüße 👋'), undefined, 'Grüße 👋'],
  ['UTF-16 with a mark, big end first', utf16('Grüße').swap16(), undefined, 'Grüße'],
  ['ISO-8859-1', LATIN1, 'text/plain; charset=ISO-8859-1', 'Grüße'],
  ['a charset in quotes', LATIN1, 'text/plain; a="; charset=utf-8"; Charset="latin1"', 'Grüße'],
  ['Shift JIS', Buffer.from([0x93, 0xfa]), 'text/plain;charset=shift_jis', '日'],
  ['a charset that nobody knows', UTF8, 'text/plain; charset=x-none', 'Grüße 👋'],
  ['nothing', Buffer.alloc(0), 'text/plain; charset=latin1', ''],
])('text: %s', (_, body, contentType, expected) => {
  expect(decodeText(body, contentType)).toBe(expected);
});

test('JSON is UTF-8 even if its header says another charset, unless its bytes are not', () => {
  const type = 'application/json; charset=ISO-8859-1';
  expect(decodeText(UTF8, type, true)).toBe('Grüße 👋');
  expect(decodeText(LATIN1, type, true)).toBe('Grüße');
});
