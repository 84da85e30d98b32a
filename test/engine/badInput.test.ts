import { CHAIN_IDS, MODEL_IDS } from '../../emulator';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId, byUrl, echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';

const emulator = useEmulator();
const submit = {
  operation: 'submitAsync',
  delivery: 'webhook',
  webhookUrl: 'https://n8n.example.com/webhook/x',
};
const CASES: Array<[string, Parameters<typeof echo>[0], RegExp]> = [
  ['broken JSON', { input: '{"a": }' }, /^Input is not valid JSON/],
  ['empty JSON', { input: '' }, /^Input is empty/],
  [
    'a binary field that the item does not have',
    { inputMode: 'binary', binaryPropertyName: 'photo' },
    /^The item has no binary data in "photo"/,
  ],
  [
    'a file that the item does not have',
    { files: { file: [{ path: 'a', binaryPropertyName: 'b' }] } },
    /^The item has no binary data in "b"/,
  ],
  [
    'an unsafe path',
    { inputMode: 'fields', inputFields: { field: [{ name: '__proto__.x', value: '1' }] } },
    /can't be used as a path/,
  ],
  ['an empty ID', { modelId: byId('={{ "" }}') }, /^Model ID is empty/],
  [
    'an ID that leaves the host',
    { modelId: byId('evil.example.com/') },
    /^Model ID "evil.example.com\/" has a character/,
  ],
  [
    'a URL of an environment for a call of production',
    {
      modelId: byUrl(`https://model-${MODEL_IDS.echo}.api.baseten.co/environments/staging/predict`),
    },
    /^The URL names the environment "staging", but Target is production/,
  ],
  [
    'a URL of a deployment from an expression',
    { modelId: byUrl(`={{ "https://app.baseten.co/models/${MODEL_IDS.echo}/deployments/q1w2" }}`) },
    /^The URL names the deployment "q1w2", but Target is production/,
  ],
  [
    'a regional URL for a call of production',
    { modelId: byUrl(`https://model-${MODEL_IDS.echo}-prod-us.api.baseten.co/predict`) },
    /^The URL names the regional environment "prod-us", but Target is production/,
  ],
  [
    'a URL of production for another environment, in a chat',
    {
      resource: 'chat',
      operation: 'complete',
      source: 'deployment',
      modelId: byUrl(`https://model-${MODEL_IDS.echo}.api.baseten.co/production/predict`),
      target: 'environment',
      environment: byId('staging'),
      prompt: 'Hi',
    },
    /^The URL names production, but Target is the environment "staging"/,
  ],
  [
    'a request ID that is an object',
    { resource: 'asyncRequest', operation: 'get', requestId: '={{ ({ id: 1 }) }}' },
    /^Request ID is empty/,
  ],
  ['an ID with a fragment', { modelId: byId('a#b') }, /^Model ID "a#b" has a character/],
  [
    'an environment that leaves its place in the path',
    { target: 'environment', environment: byId('a/../b') },
    /^Environment "a\/..\/b" has a character/,
  ],
  [
    'an environment of dots',
    { target: 'environment', environment: byId('..') },
    /^Environment ".." has a character/,
  ],
  [
    'a regional environment that leaves the host',
    { target: 'regional', environment: byId('us.evil.com') },
    /^Environment "us.evil.com" has a character/,
  ],
  [
    'an empty environment',
    { target: 'environment', environment: byId('={{ $json.missing }}') },
    /^Environment is empty/,
  ],
  [
    'a deployment with a query',
    { target: 'deployment', deploymentId: byId('a?b') },
    /^Deployment ID "a\?b" has a character/,
  ],
  [
    'a route that leaves its place in the path',
    { operation: 'callRoute', route: '/items/../../predict' },
    /^Route .* could leave the model's own server/,
  ],
  [
    'a route with a backslash',
    { operation: 'callRoute', route: '/items\\..\\x' },
    /^Route .* could leave/,
  ],
  [
    'a plain http webhook',
    { ...submit, webhookUrl: 'http://n8n.example.com/webhook/x' },
    /^Webhook URL "http:.*" can't be used/,
  ],
  ['an empty webhook URL', { ...submit, webhookUrl: '={{ "" }}' }, /^Webhook URL is empty/],
  ['an unknown delivery', { ...submit, delivery: '={{ $json.missing }}' }, /^Delivery can't be/],
  [
    'a missing route',
    { operation: 'callRoute', route: '={{ $json.missing }}' },
    /^There is no route/,
  ],
  [
    'metadata that is not an object',
    { ...submit, metadata: '[1]' },
    /^Metadata is not a JSON object/,
  ],
  [
    'metadata too long for a URL',
    { ...submit, metadata: JSON.stringify({ text: 'x'.repeat(5000) }) },
    /^Metadata is 5011 bytes/,
  ],
  ['an unknown priority', { ...submit, options: { priority: 7 } }, /^Priority can't be 7/],
  [
    'a Top P of 0',
    {
      resource: 'chat',
      operation: 'complete',
      model: byId('a/b'),
      prompt: 'Hi',
      options: { topP: 0 },
    },
    /^Top P can't be 0/,
  ],
  ['an impossible timeout', { options: { timeout: 7200 } }, /^Timeout can't be 7200/],
  [
    'an impossible concurrency',
    { options: { maxConcurrency: 257 } },
    /^Max Concurrency can't be 257/,
  ],
];

test.each(CASES)(
  '%s is not sent, and the error says what to fix',
  async (_name, parameters, message) => {
    const { error } = await runBaseten({
      credential: credentialFor(emulator()),
      parameters: echo(parameters),
    });
    expect(emulator().requests).toHaveLength(0);
    expect(error?.message).toMatch(message);
    expect(error?.description).toMatch(/\w/);
    expect(error?.context?.itemIndex).toBe(0);
  },
);

test('a request ID that leaves its place in the path is refused', async () => {
  const { error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: {
      resource: 'asyncRequest',
      operation: 'get',
      modelId: byId(MODEL_IDS.echo),
      requestId: '../production/predict',
    },
  });
  expect(emulator().requests).toHaveLength(0);
  expect(error?.message).toMatch(/^Request ID "..\/production\/predict" has a character/);
});

test('a URL of a chain that names another target is refused', async () => {
  const { error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: {
      resource: 'chain',
      operation: 'run',
      chainId: byUrl(`https://chain-${CHAIN_IDS.echo}.api.baseten.co/development/run_remote`),
    },
  });
  expect(error?.message).toBe('The URL names the development deployment, but Target is production');
  expect(emulator().requests).toHaveLength(0);
});

test('a webhook on this machine may be plain http', async () => {
  const { items } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: echo({ ...submit, webhookUrl: 'http://localhost:5678/webhook/x' }),
  });
  expect(items[0]?.json.request_id).toEqual(expect.any(String));
});

test.each([
  ['an empty key', { apiKey: ' ' }, /^The credential has no API key/],
  [
    'a key with a character nobody sees',
    { apiKey: 'AbCd\u200b1234' },
    /^The credential’s API key has a zero-width space \(U\+200B\) as character 5/,
  ],
  [
    'a key in curly quotes',
    { apiKey: '“AbCd1234”' },
    /^The credential’s API key has a curly quote \(U\+201C\) as character 1/,
  ],
  [
    'a key with a line break',
    { apiKey: 'AbCd\n1234' },
    /^The credential’s API key has a line break \(U\+000A\) as character 5/,
  ],
  [
    'a deployment URL that lets an ID choose the host',
    { deploymentUrl: 'https:{id}' },
    /would let an ID choose the host/,
  ],
  [
    'a deployment URL without a place for the ID',
    { deploymentUrl: 'https://gateway.example.com/' },
    /has no \{id\}/,
  ],
  [
    'a deployment URL that is not a URL',
    { deploymentUrl: 'gateway/{id}' },
    /can't be used as a base URL/,
  ],
])('the error says what is wrong with a credential: %s', async (_name, more, message) => {
  const { error } = await runBaseten({
    credential: credentialFor(emulator(), more),
    parameters: echo(),
  });
  expect(error?.message).toMatch(message);
  expect(emulator().requests).toHaveLength(0);
});
