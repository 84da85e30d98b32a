import manifest from '../../package.json';
import { Problem } from '../problem';
import { checkAddress, checkRegistryName } from './ownership';

/**
 * Refuses a release if the address in package.json or the name on the registry isn't the project's.
 */
async function main(): Promise<void> {
  try {
    await checkAddress(manifest);
    await checkRegistryName(manifest);
  } catch (error) {
    console.error(error instanceof Problem ? error.message : error);
    process.exitCode = 1;
  }
}

void main();
