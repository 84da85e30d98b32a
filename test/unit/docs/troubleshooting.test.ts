import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  TROUBLESHOOTING_FILES,
  troubleshootingTables,
  withTroubleshooting,
} from '../../../docs/generate/troubleshooting';
import { FAILURES } from '../../../nodes/shared/errors/failures';

/** The rows of each table, without its head. */
const tables = troubleshootingTables()
  .split(/^## /m)
  .slice(1)
  .map((part) =>
    part
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2),
  );

test.each(TROUBLESHOOTING_FILES)(
  '%s has the failures as the nodes tell them (npm run docs writes them)',
  (file) => {
    const text = readFileSync(join(__dirname, '../../..', file), 'utf8');
    expect(text).toBe(withTroubleshooting(text));
  },
);

test('every failure has a row: also a stopped execution and a web page', () => {
  expect(tables.flat()).toHaveLength(Object.keys(FAILURES).length + 2);
});

test('every row has all its cells', () => {
  for (const row of tables.flat()) expect(row.match(/ \| /g)).toHaveLength(3);
});

test('no table has more rows than a person looks through', () => {
  for (const rows of tables) expect(rows.length).toBeLessThanOrEqual(20);
});

test('a file without a place for the tables is refused', () => {
  expect(() => withTroubleshooting('# Nothing')).toThrow(/no place/);
});
