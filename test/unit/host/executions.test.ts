import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExecutionStatusList } from 'n8n-workflow';
import { N8nApi } from '../../../host/n8n/api';

let server: Server | undefined;

afterEach(async () => {
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** Starts an n8n whose list has these pages. Returns its API and the queries that it got. */
async function n8nWith(pages: string[][]) {
  const queries: URLSearchParams[] = [];
  server = createServer(({ url = '' }, response) => {
    queries.push(new URL(url, 'http://127.0.0.1').searchParams);
    const at = Number(queries.at(-1)?.get('cursor') ?? 0);
    const results = (pages[at] ?? []).map((id) => ({ id, status: 'success' }));
    const nextCursor = at + 1 < pages.length ? String(at + 1) : null;
    response.end(JSON.stringify({ data: { results, nextCursor } }));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { api: new N8nApi(`http://127.0.0.1:${port}`), queries };
}

// n8n makes one query of a list of statuses. Without one it makes two at once, of executions that
// run and of those that don't, and one that ends in between may be in neither.
test('executions of every status are asked for, so that none is missed while it ends', async () => {
  const { api, queries } = await n8nWith([['3', '2'], ['1']]);
  expect((await api.executions('w1')).map(({ id }) => id)).toEqual(['3', '2', '1']);
  for (const query of queries) {
    const filter = JSON.parse(query.get('filter') ?? '') as {
      workflowId: string;
      status: string[];
    };
    expect(filter.workflowId).toBe('w1');
    expect(filter.status.sort()).toEqual([...ExecutionStatusList].sort());
  }
  expect(queries).toHaveLength(2);
});
