import { EXAMPLES } from '../../host/demo/examples';
import { runExample } from '../../host/demo/runExample';
import type { Run } from '../../host/n8n/run';
import { FAST_WEBHOOKS, type SimulatedTestBed } from '../../host/n8n/testBed';
import { chainOf } from '../../host/n8n/workflowJson';
import { installedHost } from '../support/installedHost';
import { startTestBed } from '../support/testBed';
import { changedCredential, slowEcho } from '../support/workflows';

const MINUTE = 60_000;

let testBed: SimulatedTestBed;
/** Every run of this file. At its end they are searched for secrets. */
const runs: Run[] = [];

beforeAll(async () => {
  // Debug: no secret may be in anything that n8n can be made to log.
  const env = { ...FAST_WEBHOOKS, N8N_LOG_LEVEL: 'debug' };
  testBed = await startTestBed({ host: await installedHost(), env });
}, 20 * MINUTE);

afterAll(async () => await testBed?.close(), MINUTE);

test('n8n loads the packed nodes under their own names', async () => {
  expect(await testBed.n8n.api.nodeTypes()).toContain('n8n-nodes-baseten.baseten');
});

describe('credential test', () => {
  test('accepts a right key', async () => {
    const result = await testBed.n8n.api.testCredential(testBed.credential);
    expect(result).toMatchObject({ status: 'OK' });
  });

  test('refuses a wrong key and says so', async () => {
    const result = await testBed.n8n.api.testCredential(
      changedCredential(testBed, { apiKey: 'wrong-key-4711' }),
    );
    expect(result.status).toBe('Error');
    expect(result.message).toMatch(/^Baseten refused this API key\./);
  });

  test('accepts a key that is limited to inference, beside one for the management API', async () => {
    const { inferenceOnlyKey: apiKey, apiKey: managementApiKey } = testBed.emulator;
    for (const data of [{ apiKey }, { apiKey, managementApiKey }]) {
      const result = await testBed.n8n.api.testCredential(changedCredential(testBed, data));
      expect(result).toMatchObject({ status: 'OK' });
    }
  });

  test('accepts the key of a Frontier Gateway as such alone', async () => {
    const { gatewayKey: apiKey } = testBed.emulator;
    const statusOf = async (authorization: string) => {
      const credential = changedCredential(testBed, { apiKey, authorization });
      return (await testBed.n8n.api.testCredential(credential)).status;
    };
    expect(await statusOf('apiKey')).toBe('OK');
    expect(await statusOf('bearer')).toBe('Error');
  });

  test.each([
    [{ managementApiKey: 'wrong-key-4711' }, /^Baseten refused this Management API Key\./],
    [{ webhookSecret: 'sk-4711' }, /^A webhook secret does not begin with whsec_\./],
  ])('refuses %j and says so', async (data, words) => {
    const result = await testBed.n8n.api.testCredential(changedCredential(testBed, data));
    expect(result).toMatchObject({ status: 'Error', message: expect.stringMatching(words) });
    expect(result.message).not.toContain('4711');
  });
});

test('n8n gets the fields of a model for the form', async () => {
  const { id, name } = testBed.credential;
  const { fields } = await testBed.n8n.api.call<{ fields: Array<{ displayName: string }> }>(
    'POST',
    '/rest/dynamic-node-parameters/resource-mapper-fields',
    {
      nodeTypeAndVersion: { name: 'n8n-nodes-baseten.baseten', version: 1.1 },
      path: 'parameters.modelFields',
      methodName: 'getModelFields',
      currentNodeParameters: {
        resource: 'model',
        operation: 'predict',
        modelId: { __rl: true, mode: 'id', value: 'imagen01' },
        target: 'production',
      },
      credentials: { basetenWorkspaceApi: { id, name } },
    },
  );
  expect(fields.map(({ displayName }) => displayName)).toStrictEqual([
    'prompt (e.g. A red fox in the snow)',
    'width (e.g. 256)',
    'height (e.g. 256)',
  ]);
});

describe('examples', () => {
  // Some have schedules, whose requests would be counted by later tests.
  afterEach(async () => await testBed.n8n.api.archiveAll(), 3 * MINUTE);

  test.each(EXAMPLES)(
    '$file gives what it should',
    async (example) => {
      const { run, outcome, failure } = await runExample(testBed, example);
      if (run) runs.push(run);
      expect(failure).toBeUndefined();
      expect(outcome?.summary).not.toBe('');
    },
    6 * MINUTE,
  );
});

test(
  "the agent's second model call holds the tool's result",
  async () => {
    testBed.emulator.clearRequests();
    const agent = EXAMPLES.find(({ file }) => file === 'agent-with-tool.json');
    if (agent) await runExample(testBed, agent);
    const bodies = testBed.emulator.requests.map(
      (request) => request.json() as { messages: Message[] },
    );
    expect(bodies).toHaveLength(2);
    expect(bodies[0]?.messages.some(({ role }) => role === 'tool')).toBe(false);
    const tool = bodies[1]?.messages.find(({ role }) => role === 'tool');
    expect(JSON.stringify(tool?.content)).toContain('42');
  },
  MINUTE,
);

/** A message of a chat request. */
interface Message {
  role: string;
  content: unknown;
}

describe('200 items of 100 ms, 16 in flight', () => {
  let run: Run;

  beforeAll(async () => {
    testBed.emulator.resetCounters();
    const id = await testBed.add(slowEcho({ items: 200, latencyMs: 100, maxConcurrency: 16 }));
    run = await testBed.n8n.api.runAndWait(id, 'Start');
    runs.push(run);
  }, 2 * MINUTE);

  test('reach the model 16 at a time', () => {
    expect(testBed.emulator.peakInFlight).toBe(16);
  });

  test('come back in the order of the input', () => {
    expect(run.error).toBeUndefined();
    expect(run.items('Echo').map(({ json }) => json.n)).toEqual([...Array(200).keys()]);
  });

  test('are paired with the items they came from', () => {
    const indexes = run.items('Echo').map(({ pairedItem }) => pairedItem);
    expect(indexes).toEqual([...Array(200).keys()].map((item) => ({ item })));
  });

  test('let later nodes look back at the item each came from', () => {
    expect(run.items('Look Back').every(({ json }) => json.n === json.was)).toBe(true);
  });

  test('run side by side', () => {
    // One after the other they would take 17 s, side by side 1 s. A busy machine takes longer.
    expect(run.nodeMs('Echo')).toBeLessThan(6_000);
  });
});

test.each([
  ['a workspace’s key', 'Bearer', {}],
  ['a gateway’s key', 'Api-Key', { authorization: 'apiKey' }],
  ['a gateway’s setting that does not hold', 'Bearer', { authorization: 'apiKey', endpoints: '' }],
])('the HTTP Request node sends %s as %s', async (_, scheme, data) => {
  const { n8n, emulator } = testBed;
  const apiKey = scheme === 'Bearer' ? emulator.apiKey : emulator.gatewayKey;
  const credential = changedCredential(testBed, { apiKey, ...data });
  const workflow = chainOf('HTTP Request', [
    { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
    {
      name: 'HTTP Request',
      type: 'n8n-nodes-base.httpRequest',
      typeVersion: 4.2,
      parameters: {
        url: `${emulator.modelApiUrl}/models`,
        authentication: 'predefinedCredentialType',
        nodeCredentialType: 'basetenWorkspaceApi',
      },
      credentials: { basetenWorkspaceApi: { id: '', name: '' } },
    },
  ]);
  const id = await n8n.api.createCredential(credential);
  emulator.clearRequests();
  const run = await n8n.api.runAndWait(
    await n8n.api.importWorkflow(workflow, { basetenWorkspaceApi: id }),
    'Start',
  );
  expect(run.error).toBeUndefined();
  expect(emulator.requests.map(({ headers }) => headers.authorization)).toStrictEqual([
    `${scheme} ${apiKey}`,
  ]);
});

describe('secrets', () => {
  test('a failed call shows no key', async () => {
    const { api } = testBed.n8n;
    const wrong = await api.createCredential(
      changedCredential(testBed, { apiKey: 'wrong-key-4711' }),
    );
    const workflow = slowEcho({ items: 1, latencyMs: 0, maxConcurrency: 1 });
    const run = await api.runAndWait(
      await api.importWorkflow(workflow, { basetenWorkspaceApi: wrong }),
      'Start',
    );
    expect(run.status).toBe('error');
    expect(run.raw).not.toContain('wrong-key-4711');
  });

  test('no execution holds the key', () => {
    expect(runs.length).toBeGreaterThan(EXAMPLES.length);
    const key = String(testBed.credential.data.apiKey);
    expect(runs.filter(({ raw }) => raw.includes(key)).map(({ id }) => id)).toEqual([]);
  });

  test("n8n's log holds no key", () => {
    const log = testBed.n8n.logs();
    expect(log).toContain('Editor is now accessible');
    expect(
      log.split('\n').filter((line) => line.includes(String(testBed.credential.data.apiKey))),
    ).toEqual([]);
    expect(log).not.toContain('wrong-key-4711');
  });
});
