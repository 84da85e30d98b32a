import { languageCode } from '../../../../nodes/shared/formats/languages';

test.each([
  ['en', 'en'],
  [' EN ', 'en'],
  ['english', 'en'],
  ['Chinese', 'zh'],
  ['cantonese', 'yue'],
  ['Portuguese', 'pt'],
  ['haitian creole', 'ht'],
  ['castilian', 'es'],
  ['myanmar', 'my'],
  ['en-US', 'en-US'],
  ['Klingon', 'Klingon'],
])('%j is the language %s', (language, code) => {
  expect(languageCode(language)).toBe(code);
});
