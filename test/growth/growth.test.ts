import { tooSlowAt } from '../fuzz/growth';
import { KINDS, READERS } from '../fuzz/readers';

/** Milliseconds for all kinds of texts of a reader, on a machine that is busy with other things. */
const LONGEST = 120_000;

test.each(Object.entries(READERS))(
  'the time for %s grows with its length at most, from 10 KB to 1 MB',
  async (_name, read) => {
    const tooSlow: unknown[] = [];
    for (const [kind, make] of Object.entries(KINDS)) {
      const growth = await tooSlowAt(read, make);
      if (growth) tooSlow.push({ kind, ...growth });
    }
    expect(tooSlow).toStrictEqual([]);
  },
  LONGEST,
);

test(
  'reading that grows with the square is noticed',
  async () => {
    const careless = async (text: string) => {
      let sum = 0;
      for (let from = 0; from < text.length; from += 200)
        for (let at = from; at < text.length; at++) sum += text.charCodeAt(at);
      // What nobody uses is not computed.
      if (sum === 0) throw new Error('The text is empty.');
    };
    // Ten times the text takes a hundred times as long, and may take two hundred times on a busy
    // machine. A hundred times the text takes ten thousand times as long.
    const noticed = await tooSlowAt(careless, KINDS['one letter'] as () => string);
    expect(noticed?.size).toBe(1_000_000);
  },
  LONGEST,
);

test('the texts are of at least twelve kinds', () => {
  expect(Object.keys(KINDS).length).toBeGreaterThanOrEqual(12);
});
