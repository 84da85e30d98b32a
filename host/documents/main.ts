import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format } from 'prettier';
import { managementTypes } from './managementTypes';

/** Where the types lie. */
const TYPES = resolve(__dirname, '../../nodes/shared/management/openapi.ts');

/**
 * Writes the types of the management API anew. The first argument is Baseten's document, the second
 * one another place for the types, for a look at what would change.
 */
async function main(): Promise<void> {
  const [document, target = TYPES] = process.argv.slice(2);
  if (!document) throw new Error('Give the path of Baseten’s management OpenAPI document.');
  const text = await managementTypes(document);
  await writeFile(
    target,
    await format(text, { parser: 'typescript', singleQuote: true, printWidth: 100 }),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
