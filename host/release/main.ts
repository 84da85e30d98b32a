import manifest from '../../package.json';
import { Problem } from '../problem';
import { checkAddress, checkRegistryName } from './ownership';

/**
 * Refuses a release if the address in package.json or the name on the registry isn't the project's.
 */
async function main(): Promise<void> {
  try {
    await checkAddress(manifest, releasingRepository(process.env));
    await checkRegistryName(manifest);
  } catch (error) {
    console.error(error instanceof Problem ? error.message : error);
    process.exitCode = 1;
  }
}

/**
 * The repository whose workflow runs the release, as GitHub says it.
 * @throws {Problem} if this is not such a workflow
 */
function releasingRepository({ GITHUB_SERVER_URL, GITHUB_REPOSITORY }: NodeJS.ProcessEnv): string {
  if (GITHUB_SERVER_URL && GITHUB_REPOSITORY) return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
  throw new Problem('A release runs in a GitHub workflow, which says whose repository it is.');
}

void main();
