/** Codes of the languages that speech models know. */
const CODES =
  'af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi ' +
  'hr ht hu hy id is it ja jv ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no ' +
  'oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo ' +
  'yue zh';

/** Names that differ from those that Node knows. */
const OTHER_NAMES: Record<string, string> = {
  castilian: 'es',
  flemish: 'nl',
  haitian: 'ht',
  mandarin: 'zh',
  moldavian: 'ro',
  myanmar: 'my',
  nynorsk: 'nn',
  sinhalese: 'si',
  tagalog: 'tl',
  valencian: 'ca',
};

let byName: Map<string, string> | undefined;

/**
 * The code of a language: some models say `en`, others `english` or `English`.
 * @param language a code or an English name
 * @returns what was given if it is neither
 */
export function languageCode(language: string): string {
  const text = language.trim();
  if (/^[A-Za-z]{2,3}$/.test(text)) return text.toLowerCase();
  byName ??= namesOf(CODES.split(' '));
  return byName.get(text.toLowerCase()) ?? text;
}

function namesOf(codes: string[]): Map<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'language' });
  return new Map([
    ...Object.entries(OTHER_NAMES),
    ...codes.map((code): [string, string] => [(names.of(code) ?? code).toLowerCase(), code]),
  ]);
}
