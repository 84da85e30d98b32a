import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  TROUBLESHOOTING_FILES,
  troubleshootingTable,
  withTroubleshooting,
} from '../../../docs/generate/troubleshooting';

test.each(TROUBLESHOOTING_FILES)(
  '%s has the failures as the nodes tell them (npm run docs writes them)',
  (file) => {
    const text = readFileSync(join(__dirname, '../../..', file), 'utf8');
    expect(text).toBe(withTroubleshooting(text));
  },
);

test('every row has all its cells', () => {
  for (const row of troubleshootingTable().split('\n')) expect(row.match(/ \| /g)).toHaveLength(3);
});

test('a file without a place for the table is refused', () => {
  expect(() => withTroubleshooting('# Nothing')).toThrow(/no place/);
});
