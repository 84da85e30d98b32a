import {
  fileNameIn,
  headerParameters,
  percentDecoded,
  safeFileName,
} from '../../../../nodes/shared/payload/headerValue';

test.each<[string | undefined, string | undefined]>([
  [undefined, undefined],
  ['attachment', undefined],
  ['attachment; filename=fox.png', 'fox.png'],
  ['attachment; filename="a \\"b\\"; c.png"', 'a "b"; c.png'],
  ['inline; FILENAME = "fox.png" ; size=3', 'fox.png'],
  ['filename="fox.png"', 'fox.png'],
  ['attachment; name="; filename=evil.png"; filename="fox.png"', 'fox.png'],
  [
    "attachment; filename=naive.png; filename*=UTF-8''na%C3%AFve%20%F0%9F%A6%8A.png",
    'naïve 🦊.png',
  ],
  ["attachment; filename*=iso-8859-1'en'na%EFve.png", 'naïve.png'],
  ["attachment; filename*=UTF-8''%ff; filename=fox.png", 'fox.png'],
  ["attachment; filename*=UTF-8''%2e%2e; filename=fox.png", 'fox.png'],
  ['attachment; filename="na%C3%AFve.png"', 'naïve.png'],
  ['attachment; filename="100% fox.png"', '100% fox.png'],
  // `fetch` gives the bytes of a header as Latin-1.
  [`attachment; filename="${Buffer.from('naïve.png').toString('latin1')}"`, 'naïve.png'],
  [`attachment; filename="${Buffer.from('naïve.png', 'latin1').toString('latin1')}"`, 'naïve.png'],
  ['attachment; filename="狐.png"', '狐.png'],
  ['attachment; filename="../../etc/passwd"', 'passwd'],
  ['attachment; filename="C:\\\\temp\\\\fox.png"', 'fox.png'],
  ['attachment; filename="C:\\temp\\fox.png"', 'fox.png'],
  ["attachment; filename*=UTF-8''..%2F..%2Ffox.png", 'fox.png'],
  ['attachment; filename="fox\u202egnp.exe"', 'foxgnp.exe'],
  ['attachment; filename=""', undefined],
  ['attachment; filename=".."', undefined],
  ['attachment; filename="a/"', undefined],
])('the file of %j is called %j', (header, name) => {
  expect(fileNameIn(header)).toBe(name);
});

test('a long name is shortened and keeps its ending', () => {
  const name = safeFileName(`${'a'.repeat(300)}.png`);
  expect(name).toHaveLength(200);
  expect(name).toMatch(/^a+\.png$/);
});

test('the first of two parameters counts', () => {
  expect([...headerParameters('text/plain; Charset="a"; charset=b; x')]).toStrictEqual([
    ['charset', 'a'],
  ]);
});

test('percent codes become bytes, and everything else stays', () => {
  expect(percentDecoded('%41%zz€%ff')).toStrictEqual(
    Buffer.concat([Buffer.from('A%zz€'), Buffer.from([255])]),
  );
});
