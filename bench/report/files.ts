import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const RESULTS_FOLDER = join(__dirname, '..', 'results');

/** Where a part's results are. */
export const resultsFile = (part: string) => join(RESULTS_FOLDER, `${part}.json`);

/** A part's results; undefined where it was not measured. */
export function readResults<Results>(part: string): Results | undefined {
  const file = resultsFile(part);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined;
}
