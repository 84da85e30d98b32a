import host from '../package.json';
import { Problem } from '../problem';
import { newestN8n, openIssues, type Repository } from './issues';
import published from './published.json';
import { changedDocuments, newerN8n } from './upstream';

/** Opens issues for what has changed at Baseten and n8n since the code was compared with it. */
async function main(): Promise<void> {
  try {
    const repository = runningRepository(process.env);
    const versions = { newest: await newestN8n(repository), tested: host.dependencies.n8n };
    const findings = [...newerN8n(versions), ...(await changedDocuments(published, read))];
    const opened = await openIssues(repository, findings);
    console.log(opened.length > 0 ? `Opened: ${opened.join('; ')}` : 'Nothing new.');
  } catch (error) {
    console.error(error instanceof Problem ? error.message : error);
    process.exitCode = 1;
  }
}

async function read(url: string): Promise<string> {
  const response = await fetch(url);
  if (response.ok) return await response.text();
  throw new Problem(`${url} responded ${response.status}.`);
}

/** @throws {Problem} if this is no workflow of GitHub */
function runningRepository(env: NodeJS.ProcessEnv): Repository {
  const { GITHUB_API_URL: api, GITHUB_REPOSITORY: name, GITHUB_TOKEN: token } = env;
  if (api && name && token) return { api, name, token };
  throw new Problem('This runs in a GitHub workflow, which says whose repository it is.');
}

void main();
