import type { INodeParameters } from 'n8n-workflow';

import { CHAIN_IDS, deploymentIdFor, MODEL_IDS } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, echo } from '../support/parameters';

const emulator = useEmulator({ wakeMs: 0 });
const DEPLOYMENT = deploymentIdFor(MODEL_IDS.echo, 'production');

/** Runs an operation for items, of which each prediction fails. @returns the error items */
async function failures(
  parameters: INodeParameters,
  { items = 1, apiKey = emulator().apiKey } = {},
) {
  emulator().faults.add({
    kind: 'status',
    status: 500,
    times: 'always',
    match: { path: /\/(predict|run_remote|sync\/.*)$/ },
  });
  const result = await runBaseten({
    credential: credentialFor(emulator(), { apiKey }),
    parameters: { ...parameters, options: { maxRetries: 0, ...(parameters.options as object) } },
    items: Array.from({ length: items }, (_, row) => ({ json: { row } })),
    onError: 'continueRegularOutput',
  });
  return result.items.map(({ json }) => json as { message: string; details: Details });
}

interface Details {
  requestId: string;
  logs?: Array<{ level: string; message: string; chainlet?: string }>;
}
const asked = (part: string) => emulator().requests.filter(({ path }) => path.endsWith(part));

test('the first item that fails has what the model logged for its request', async () => {
  const [first, ...others] = await failures(echo({ input: '{}' }), { items: 3 });
  expect(first?.details.logs).toStrictEqual([
    {
      time: expect.any(String) as string,
      level: 'ERROR',
      message: expect.stringContaining('The request failed with 500') as string,
    },
  ]);
  expect(first?.message).toContain('Log of this request:\nERROR The request failed with 500');
  expect(others.map(({ details }) => details.logs)).toStrictEqual([undefined, undefined]);
  const [look, ...more] = asked('/logs');
  expect(more).toStrictEqual([]);
  expect(look?.query).toMatchObject({
    request_id: first?.details.requestId,
    min_level: 'WARNING',
    direction: 'desc',
    limit: '20',
  });
});

test('so has a route of the model’s own server, and a chain with each of its chainlets', async () => {
  const route = { operation: 'callRoute', route: byId('/health') };
  expect((await failures(echo(route)))[0]?.details.logs).toHaveLength(1);
  const chain = { resource: 'chain', operation: 'run', chainId: byId(CHAIN_IDS.echo), input: '{}' };
  expect((await failures(chain))[0]?.details.logs).toMatchObject([{ chainlet: 'Entrypoint' }]);
});

test('a secret in a line is hidden, and of many lines the last twenty come in order', async () => {
  const { apiKey, logs } = emulator();
  const requestId = 'r1';
  for (let line = 0; line < 25; line++)
    logs.add(DEPLOYMENT, { message: `line ${line}, key ${apiKey}`, level: 'ERROR', requestId });
  emulator().faults.add({
    kind: 'status',
    status: 400,
    body: 'not this input',
    headers: { 'x-baseten-request-id': requestId },
  });
  const [first] = await failures(echo({ input: '{}' }));
  const messages = first?.details.logs?.map(({ message }) => message);
  expect(messages).toHaveLength(20);
  expect([messages?.[0], messages?.at(-1)]).toStrictEqual([
    'line 5, key [API key]',
    'line 24, key [API key]',
  ]);
  expect(JSON.stringify(first)).not.toContain(apiKey);
});

test('nothing is said if the key may not read logs, and nothing asked if it is off', async () => {
  const apiKey = emulator().inferenceOnlyKey;
  const [first] = await failures(echo({ input: '{}' }), { apiKey });
  expect(first?.details).not.toHaveProperty('logs');
  emulator().clearRequests();
  await failures(echo({ input: '{}', options: { logsOnError: false } }));
  expect(emulator().requests).toHaveLength(1);
});

test('a success asks for no log', async () => {
  await runBaseten({ credential: credentialFor(emulator()), parameters: echo({ input: '{}' }) });
  expect(emulator().requests).toHaveLength(1);
});

test('if a failure ends the run, no further item begins while the log is read', async () => {
  emulator().faults.add({ kind: 'delay', ms: 50, match: { path: /deployments\/production$/ } });
  emulator().faults.add({ kind: 'status', status: 500, match: { path: /predict$/ } });
  const { error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({ input: '{}', options: { maxRetries: 0, maxConcurrency: 1 } }),
    items: Array.from({ length: 20 }, () => ({ json: {} })),
  });
  expect(error?.description).toContain('Log of this request:');
  expect(asked('/predict')).toHaveLength(1);
});
