import { toConnection } from '../../../../nodes/shared/connection/connection';
import type { Target } from '../../../../nodes/shared/connection/endpoints';
import { Memory } from '../../../../nodes/shared/knowledge/memory';
import { deploymentStateOf, knowledgeOf } from '../../../../nodes/shared/knowledge/modelKnowledge';
import { fakeTime } from '../../../support/clock';
import { fakeHttp, type FakeRequest } from '../../../support/fakeHttp';

const MODELS = 'https://api.baseten.co/v1/models/abc';
const PRODUCTION: Target = { type: 'production' };
const metadata = (model_metadata: unknown) => ({ config: { model_metadata } });

/** Asks a management API that gives these responses by URL, and 404 for any other. */
function asking(
  responses: Record<string, unknown>,
  credential: Record<string, string> = {},
  target: Target = PRODUCTION,
) {
  const sent: FakeRequest[] = [];
  const fake = fakeHttp('fetch', async (request) => {
    sent.push(request);
    const body = responses[request.url];
    if (typeof body === 'number') return { status: body, body: '{}' };
    return body === undefined ? { status: 404 } : { body: JSON.stringify(body) };
  });
  const time = fakeTime();
  const memory = new Memory(time);
  const question = {
    context: fake.context,
    connection: toConnection({ ...fake.credential, ...credential }),
    modelId: ' abc ',
    target,
  };
  return {
    sent,
    time,
    question,
    knowledge: async (more: object = {}) => await knowledgeOf({ ...question, ...more }, memory),
    state: async () => await deploymentStateOf(question, memory),
  };
}

const urlsOf = (sent: FakeRequest[]) => sent.map(({ url }) => url.replace(MODELS, ''));
const configOf = (id: string) => `${MODELS}/deployments/${id}/config?output_format=parsed`;
const example = metadata({ example_model_input: { prompt: 'a fox' }, tags: ['image', 5] });

test.each<[Target, string, unknown]>([
  [PRODUCTION, '/environments/production', { current_deployment: { id: 'dep1' } }],
  [
    { type: 'environment', environment: 'staging' },
    '/environments/staging',
    { current_deployment: { id: 'dep1' } },
  ],
  [
    { type: 'regional', environment: 'prod-us' },
    '/environments/prod-us',
    { current_deployment: { id: 'dep1' } },
  ],
  [{ type: 'development' }, '/deployments/development', { id: 'dep1' }],
])('the configuration is that of the deployment in %j', async (target, path, response) => {
  const { knowledge, sent } = asking(
    { [MODELS + path]: response, [configOf('dep1')]: example },
    {},
    target,
  );
  expect(await knowledge()).toStrictEqual({
    deploymentId: 'dep1',
    example: { prompt: 'a fox' },
    tags: ['image'],
    predictEndpoint: '',
  });
  expect(urlsOf(sent)).toStrictEqual([path, '/deployments/dep1/config?output_format=parsed']);
});

test('a deployment that is named is asked at once', async () => {
  const { knowledge, sent } = asking(
    { [configOf('dep9')]: example },
    {},
    {
      type: 'deployment',
      deploymentId: 'dep9',
    },
  );
  expect((await knowledge()).deploymentId).toBe('dep9');
  expect(sent).toHaveLength(1);
});

test.each([
  ['no example', metadata({})],
  ['no metadata', { config: {} }],
  ['metadata that is null', metadata(null)],
  ['no configuration', { config: null, raw_config: null }],
  [
    'an example that is null and tags that are none',
    metadata({ example_model_input: null, tags: 'a' }),
  ],
])('%s is nothing known', async (_, response) => {
  const { knowledge } = asking(
    { [configOf('dep9')]: response },
    {},
    {
      type: 'deployment',
      deploymentId: 'dep9',
    },
  );
  expect(await knowledge()).toStrictEqual({
    deploymentId: 'dep9',
    example: undefined,
    tags: [],
    predictEndpoint: '',
  });
});

test('the route that predict leads to is known, if the model has a server of its own', async () => {
  const response = { config: { docker_server: { predict_endpoint: '/v1/rerank' } } };
  const { knowledge } = asking(
    { [configOf('dep9')]: response },
    {},
    {
      type: 'deployment',
      deploymentId: 'dep9',
    },
  );
  expect((await knowledge()).predictEndpoint).toBe('/v1/rerank');
});

test('the key is the one for the management API', async () => {
  const { state, sent } = asking(
    {
      [`${MODELS}/environments/production`]: { current_deployment: { id: 'd', status: 'ACTIVE' } },
    },
    { managementApiKey: 'manage-456' },
  );
  expect(await state()).toStrictEqual({ id: 'd', status: 'ACTIVE', isAwake: true });
  expect(sent[0]?.headers.Authorization).toBe('Bearer manage-456');
});

test('answers are remembered: a target for 30 seconds, a configuration for five minutes', async () => {
  const { knowledge, sent, time } = asking({
    [`${MODELS}/environments/production`]: { current_deployment: { id: 'dep1' } },
    [configOf('dep1')]: example,
  });
  await knowledge();
  await knowledge();
  expect(sent).toHaveLength(2);
  await time.wait(30_000);
  await knowledge();
  expect(sent).toHaveLength(3);
  await time.wait(270_000);
  await knowledge();
  expect(sent).toHaveLength(5);
});

test('another key shares no answer', async () => {
  const { knowledge, sent } = asking(
    { [configOf('dep9')]: example },
    {},
    {
      type: 'deployment',
      deploymentId: 'dep9',
    },
  );
  await knowledge();
  await knowledge({ connection: toConnection({ apiKey: 'other-key' }) });
  expect(sent).toHaveLength(2);
});

test.each([
  ['a refusal', 403, { status: 403 }],
  [
    'an environment without a deployment',
    { current_deployment: null },
    { message: 'Model abc has no deployment there' },
  ],
  ['a response that is not an environment', { current_deployment: 5 }, { kind: 'response' }],
  ['a list', [], { kind: 'response' }],
])('%s is an error', async (_, response, error) => {
  const { knowledge } = asking({ [`${MODELS}/environments/production`]: response });
  await expect(knowledge()).rejects.toMatchObject(error);
});

test('who is stopped waits no longer, and whoever else asked still gets the answer', async () => {
  const stop = new AbortController();
  const { knowledge } = asking({
    [`${MODELS}/environments/production`]: { current_deployment: { id: 'dep1' } },
    [configOf('dep1')]: example,
  });
  const stopped = knowledge({ signal: stop.signal });
  const other = knowledge();
  stop.abort();
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  expect((await other).deploymentId).toBe('dep1');
  await expect(knowledge({ signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
});
