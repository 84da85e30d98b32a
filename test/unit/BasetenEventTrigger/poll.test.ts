import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import { poll } from '../../../nodes/BasetenEventTrigger/poll';
import { HttpState } from '../../../nodes/shared/http/state';
import { fakeTime } from '../../support/clock';
import { fakeHttp, type FakeRequest } from '../../support/fakeHttp';

const MODELS = 500;

/** A poll of all models, and how the network answers it. */
function pollOf(respond: (request: FakeRequest) => object, more: Partial<IPollFunctions> = {}) {
  const time = fakeTime();
  const requests: Array<{ path: string; at: number }> = [];
  const { context, credential } = fakeHttp('fetch', async (request) => {
    requests.push({ path: new URL(request.url).pathname, at: time.elapsed() });
    return { body: JSON.stringify(respond(request)) };
  });
  const staticData: IDataObject = {};
  const log: string[] = [];
  const poller = {
    ...context,
    getNode: () => ({ name: 'Events' }),
    getNodeParameter: (name: string, fallback: unknown) =>
      name === 'statuses' ? ['UNHEALTHY'] : fallback,
    getCredentials: async () => credential,
    getWorkflowStaticData: () => staticData,
    getMode: () => 'trigger',
    getActivationMode: () => 'activate',
    logger: { warn: (line: string) => log.push(line), error: (line: string) => log.push(line) },
    ...more,
  } as unknown as IPollFunctions;
  const state = new HttpState(time);
  return { poll: async () => await poll(poller, state), poller, state, requests, staticData, log };
}

const createdAt = '2026-01-01T00:00:00Z';

/** A workspace in which each model has one deployment. */
function workspace(statusOf: (id: string) => string) {
  return ({ url }: FakeRequest) => {
    const { pathname } = new URL(url);
    const ids = Array.from({ length: MODELS }, (_, number) => `model${number}`);
    if (pathname.endsWith('/models')) {
      return { models: ids.map((id) => ({ id, name: id, created_at: createdAt })) };
    }
    const model = pathname.split('/').at(-2) ?? '';
    const deployment = { id: `of-${model}`, name: 'one', environment: null, created_at: createdAt };
    return { deployments: [{ ...deployment, status: statusOf(model) }] };
  };
}

test('500 models are read with one call each, spread over the time between two polls', async () => {
  let unhealthy: string[] = [];
  const { poll: once, requests } = pollOf(
    workspace((id) => (unhealthy.includes(id) ? 'UNHEALTHY' : 'ACTIVE')),
  );
  expect(await once()).toBeNull();
  expect(new Set(requests.map(({ path }) => path)).size).toBe(MODELS + 1);
  expect(requests).toHaveLength(MODELS + 1);
  const inSecond = new Map<number, number>();
  for (const { at } of requests) {
    const second = Math.floor(at / 1000);
    inSecond.set(second, (inSecond.get(second) ?? 0) + 1);
  }
  expect(Math.max(...inSecond.values())).toBeLessThanOrEqual(11);
  expect((requests.at(-1)?.at ?? 0) - (requests[0]?.at ?? 0)).toBeLessThan(60_000);
  unhealthy = ['model7', 'model499'];
  const [items] = (await once()) ?? [];
  expect(items?.map(({ json }) => (json.model as IDataObject).id)).toStrictEqual(unhealthy);
  expect(await once()).toBeNull();
});

test('what is the same is not written again, so that n8n has nothing to save', async () => {
  const { poll: once, staticData } = pollOf(workspace(() => 'ACTIVE'));
  await once();
  Object.freeze(staticData);
  expect(await once()).toBeNull();
});

test('a poll that still runs is not overtaken by the next one', async () => {
  const { poll: once, requests } = pollOf(workspace(() => 'ACTIVE'));
  const first = once();
  expect(await once()).toBeNull();
  await first;
  expect(requests).toHaveLength(MODELS + 1);
});

test('a poll ends when n8n gives it no more time', async () => {
  const {
    poll: once,
    state,
    staticData,
  } = pollOf(
    workspace(() => 'ACTIVE'),
    { getPollBudgetMs: () => 36_000 },
  );
  const limits: number[] = [];
  jest.spyOn(state.time, 'limit').mockImplementation((milliseconds) => {
    limits.push(milliseconds);
    return milliseconds === 36_000 ? AbortSignal.abort() : new AbortController().signal;
  });
  await expect(once()).rejects.toThrow('A poll took longer than the 36 seconds');
  expect(limits[0]).toBe(36_000);
  expect(staticData).toStrictEqual({});
});
