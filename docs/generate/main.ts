import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { TROUBLESHOOTING_FILES, withTroubleshooting } from './troubleshooting';

// Writes the tables that come from the code into the documentation.
for (const file of TROUBLESHOOTING_FILES) {
  const path = join(__dirname, '../..', file);
  writeFileSync(path, withTroubleshooting(readFileSync(path, 'utf8')));
  console.log(`${file} is up to date.`);
}
