import { Problem } from '../problem';
import type { Finding } from './upstream';

/** The repository whose workflow runs this, as GitHub says it. */
export interface Repository {
  /** Base URL of GitHub's API. */
  api: string;
  /** `owner/name`. */
  name: string;
  token: string;
}

/** Issues that are looked at for one of the same title. GitHub gives so many at once. */
const LAST_ISSUES = 100;

/**
 * Opens an issue for each finding that has none yet, open or closed.
 * @returns the titles of those that were opened
 * @throws {Problem} if GitHub refuses
 */
export async function openIssues(repository: Repository, findings: Finding[]): Promise<string[]> {
  if (findings.length === 0) return [];
  const path = `/repos/${repository.name}/issues`;
  const known = (await ask(
    repository,
    'GET',
    `${path}?state=all&per_page=${LAST_ISSUES}`,
  )) as Array<{
    title: string;
  }>;
  const titles = new Set(known.map(({ title }) => title));
  const opened = findings.filter(({ title }) => !titles.has(title));
  for (const finding of opened) await ask(repository, 'POST', path, finding);
  return opened.map(({ title }) => title);
}

/** The newest version of n8n that is not a preview. @throws {Problem} if GitHub does not say it */
export async function newestN8n(repository: Repository): Promise<string> {
  const release = await ask(repository, 'GET', '/repos/n8n-io/n8n/releases/latest');
  const tag = (release as { tag_name?: unknown }).tag_name;
  const version = typeof tag === 'string' ? /\d+\.\d+\.\d+$/.exec(tag)?.[0] : undefined;
  if (version) return version;
  throw new Problem(`The newest release of n8n has no version: ${JSON.stringify(tag)}.`);
}

async function ask(
  { api, token }: Repository,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Problem(`GitHub responded ${response.status} to ${method} ${path}.`);
  return await response.json();
}
