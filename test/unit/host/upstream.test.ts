import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { newestN8n, openIssues } from '../../../host/documents/issues';
import published from '../../../host/documents/published.json';
import { changedDocuments, fingerprintOf, newerN8n } from '../../../host/documents/upstream';

const URL = 'https://example.com/spec';
const seen = fingerprintOf('{"b": [1, {"y": 2, "x": 1}], "a": null}', URL);
const documents = [{ name: 'management', url: URL, seen }];

describe('a document of Baseten', () => {
  test('is the same if its fields stand in another order', async () => {
    const read = async () => '{"a":null,"b":[1,{"x":1,"y":2}]}';
    await expect(changedDocuments(documents, read)).resolves.toEqual([]);
  });

  test('is another one if a value differs, and the finding says what to do', async () => {
    const [finding] = await changedDocuments(documents, async () => '{"a":1}');
    expect(finding?.title).toMatch(
      /^Baseten's document of the management API has changed \(\w{16}\)$/,
    );
    expect(finding?.body).toContain('npm run types:management');
    expect(finding?.body).toContain(URL);
  });

  test('has to be JSON', async () => {
    await expect(changedDocuments(documents, async () => '<html>')).rejects.toThrow(
      `${URL} is not JSON.`,
    );
  });

  const files = [process.env.BASETEN_MANAGEMENT_OPENAPI, process.env.BASETEN_OPENAPI];
  published.forEach(({ name, url, seen: known }, index) => {
    const file = files[index];
    if (file === undefined) return;
    test(`of the ${name} API is the one that the tests compare with`, () => {
      expect(fingerprintOf(readFileSync(file, 'utf8'), url)).toBe(known);
    });
  });
});

test.each([
  ['2.42.0', ['n8n 2.42.0 is out']],
  ['2.41.2', ['n8n 2.41.2 is out']],
  ['3.0.0', ['n8n 3.0.0 is out']],
  ['2.41.1', []],
  ['2.9.9', []],
  ['1.123.0', []],
])('of n8n %s is said, while the tests run on 2.41.1: %j', (newest, titles) => {
  expect(newerN8n({ newest, tested: '2.41.1' }).map(({ title }) => title)).toEqual(titles);
});

describe('an issue', () => {
  let server: Server;
  let issues: Array<{ title: string }>;
  let tag: string;
  const keys: Array<string | undefined> = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      keys.push(request.headers.authorization);
      void answer(request).then((body) => response.end(JSON.stringify(body)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => await new Promise((resolve) => server.close(resolve)));

  async function answer(request: IncomingMessage): Promise<unknown> {
    if (request.url === '/repos/n8n-io/n8n/releases/latest') return { tag_name: tag };
    if (request.method === 'GET') return issues;
    const chunks = await request.toArray();
    issues.push(JSON.parse(Buffer.concat(chunks).toString()) as { title: string });
    return {};
  }

  const repository = () => ({
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    name: 'owner/project',
    token: 'token-1',
  });

  test('is opened once for each finding', async () => {
    issues = [{ title: 'old' }];
    const findings = ['old', 'new'].map((title) => ({ title, body: 'What to do' }));
    await expect(openIssues(repository(), findings)).resolves.toEqual(['new']);
    await expect(openIssues(repository(), findings)).resolves.toEqual([]);
    expect(issues).toEqual([{ title: 'old' }, { title: 'new', body: 'What to do' }]);
    expect(new Set(keys)).toEqual(new Set(['Bearer token-1']));
  });

  test('needs a version of n8n', async () => {
    tag = 'n8n@2.42.0';
    await expect(newestN8n(repository())).resolves.toBe('2.42.0');
    tag = 'nightly';
    await expect(newestN8n(repository())).rejects.toThrow('has no version: "nightly"');
  });
});
