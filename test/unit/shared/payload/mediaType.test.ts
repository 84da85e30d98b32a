import { cleanType, endingOf, essenceOf } from '../../../../nodes/shared/payload/mediaType';

test.each<[unknown, string]>([
  ['IMAGE/PNG', 'image/png'],
  [' audio/wav ; rate=8000', 'audio/wav; rate=8000'],
  ['text/plain; a=\r\nX-Header: b', 'text/plain'],
  ['image/png\r\nX-Header: b', ''],
  ['png', ''],
  ['', ''],
  [undefined, ''],
  [5, ''],
])('the media type %j is sent as %j', (type, expected) => {
  expect(cleanType(type)).toBe(expected);
});

test.each<[string, string]>([
  ['audio/x-wav', 'wav'],
  ['image/jpeg', 'jpg'],
  ['Text/HTML; charset=utf-8', 'html'],
  ['application/octet-stream', 'bin'],
  ['', 'bin'],
])('a file of type %j ends in %s', (type, ending) => {
  expect(endingOf(type)).toBe(ending);
});

test('the essence of a type has no parameters', () => {
  expect(essenceOf('Text/Plain ; charset=utf-8')).toBe('text/plain');
});
