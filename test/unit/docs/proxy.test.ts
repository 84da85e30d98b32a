import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { CADDYFILE, HAPROXY_CFG } from '../../../host/proxy/proxy';

const page = (name: string) => readFileSync(join(__dirname, '../../../docs', name), 'utf8');

test('the configurations that the docs show are those that the tests run with', () => {
  const shown = [...page('proxy.md').matchAll(/^```\n([^`]*)```$/gm)].map(([, text]) => text);
  const used = [CADDYFILE, HAPROXY_CFG].map((file) => readFileSync(file, 'utf8'));
  expect(shown).toStrictEqual(used);
});

test.each(['async-with-a-trigger.md', 'never-lose-a-result.md', 'wait-for-a-result.md'])(
  '%s leads to it',
  (name) => {
    expect(page(name)).toContain('(proxy.md#while-n8n-starts)');
  },
);
