import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { CADDYFILE } from '../../../host/proxy/proxy';

const page = (name: string) => readFileSync(join(__dirname, '../../../docs', name), 'utf8');

test('the configuration that the docs show is the one that the tests run with', () => {
  const shown = [...page('scaling.md').matchAll(/^```\n([^`]*)```$/gm)].map(([, text]) => text);
  expect(shown).toStrictEqual([readFileSync(CADDYFILE, 'utf8')]);
});

test.each(['async-with-a-trigger.md', 'never-lose-a-result.md', 'wait-for-a-result.md'])(
  '%s leads to it',
  (name) => {
    expect(page(name)).toContain('(scaling.md#while-n8n-starts)');
  },
);
