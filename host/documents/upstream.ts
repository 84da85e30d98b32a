import { createHash } from 'node:crypto';
import { Problem } from '../problem';

/** A document that Baseten publishes, and that this project was made from. */
export interface PublishedDocument {
  name: string;
  url: string;
  /** The fingerprint of the version that the code was last compared with. */
  seen: string;
}

/** What is to be looked at, as an issue of the repository. */
export interface Finding {
  title: string;
  body: string;
}

/** Versions of n8n, such as `2.41.1`. */
export interface N8nVersions {
  newest: string;
  tested: string;
}

const MANAGEMENT_STEPS =
  'Save it to a file, run `npm run types:management -- FILE`, and run the tests with `BASETEN_MANAGEMENT_OPENAPI=FILE`.';
const INFERENCE_STEPS =
  'Save it to a file, and run the tests with `BASETEN_OPENAPI=FILE`: they compare the emulator with it.';

/**
 * Compares what Baseten publishes with what the code was made from.
 * @param read gives the text of a document
 * @returns a finding for each document that is another one now
 * @throws {Problem} if a document can't be read, or is not JSON
 */
export async function changedDocuments(
  documents: PublishedDocument[],
  read: (url: string) => Promise<string>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, url, seen } of documents) {
    const now = fingerprintOf(await read(url), url);
    if (now === seen) continue;
    const steps = name === 'management' ? MANAGEMENT_STEPS : INFERENCE_STEPS;
    findings.push({
      title: `Baseten's document of the ${name} API has changed (${now})`,
      body: `${url} is another document than the one that the code was last compared with (${seen}).\n\n${steps} Then put its fingerprint, \`${now}\`, into \`host/documents/published.json\`.`,
    });
  }
  return findings;
}

/** @returns a finding if n8n has a newer version than the one that the tests run on */
export function newerN8n({ newest, tested }: N8nVersions): Finding[] {
  if (!isNewer(newest, tested)) return [];
  return [
    {
      title: `n8n ${newest} is out`,
      body: `The tests run on n8n ${tested}. Put the new version into \`host/package.json\`, and n8n-core and n8n-workflow of it into \`package.json\`. Then run \`npm test\`, \`npm run test:server\` and \`npm run test:browser\`, and name the version in \`docs/compatibility.md\`.`,
    },
  ];
}

/**
 * A short name for what a document says, whatever the order of its fields.
 * @throws {Problem} if the text is not JSON
 */
export function fingerprintOf(text: string, url: string): string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Problem(`${url} is not JSON.`);
  }
  return createHash('sha256')
    .update(JSON.stringify(sorted(document)))
    .digest('hex')
    .slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  const at = [0, 1, 2].find((index) => a?.[index] !== b?.[index]);
  return at !== undefined && (a?.[at] ?? 0) > (b?.[at] ?? 0);
}
