import { credentialFor, useEmulator } from '../support/emulator';
import { binaryItem, byId, echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();

/** The hints that the editor shows beside the node's output. */
async function hintsOf(
  settings: Omit<Parameters<typeof runBaseten>[0], 'credential'>,
): Promise<string[]> {
  const { run } = await runBaseten({ credential: credentialFor(emulator()), ...settings });
  return (run.data.resultData.runData.Baseten?.[0]?.hints ?? []).map(({ message }) => message);
}

test('a hint says that files of the input are not part of the output', async () => {
  const items = [binaryItem('data', Buffer.from('a'), 'text/plain'), { json: {} }];
  expect(await hintsOf({ parameters: echo({ inputMode: 'item' }), items })).toStrictEqual([
    'The files of the input are not part of the output. To go on with them, turn on Include Other Input Fields.',
  ]);
  expect(
    await hintsOf({ parameters: echo({ inputMode: 'item' }), items: [{ json: {} }] }),
  ).toStrictEqual([]);
});

test('a hint says that results are lost', async () => {
  const parameters = {
    resource: 'asyncRequest',
    operation: 'get',
    ownerType: 'model',
    modelId: byId('abcd1234'),
  };
  emulator().faults.add({
    kind: 'status',
    status: 200,
    body: { request_id: 'r1', model_id: 'abcd1234', status: 'SUCCEEDED', webhook_status: 'FAILED' },
    match: { path: '/async_request/' },
    times: 'always',
  });
  const items = [{ json: { id: 'r1' } }, { json: { id: 'r2' } }];
  expect(
    await hintsOf({ parameters: { ...parameters, requestId: '={{ $json.id }}' }, items }),
  ).toStrictEqual([expect.stringMatching(/^The output of 2 of 2 requests was not delivered/)]);
});

test('a hint says how often requests were refused for a limit, and how it went on', async () => {
  emulator().faults.add({ kind: 'status', status: 429, body: {}, times: 2 });
  expect(
    await hintsOf({
      parameters: echo({ inputMode: 'item', options: { maxConcurrency: 1 } }),
      items: [{ json: { n: 1 } }, { json: { n: 2 } }],
    }),
  ).toStrictEqual([
    expect.stringMatching(
      /^Baseten refused requests 2 times because of a limit, and they were sent again\. From then on \d+ requests a minute were answered\./,
    ),
  ]);
});
