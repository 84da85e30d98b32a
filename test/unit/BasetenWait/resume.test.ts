import { BasetenWait } from '../../../nodes/BasetenWait/BasetenWait.node';
import type { View } from '../../../nodes/BasetenWait/asleep';
import type { ToKeeper } from '../../../nodes/shared/waiting/messages';
import type { AsyncResult } from '../../../nodes/shared/webhook/verify';
import { waitContext, WAIT_SECRET, type WaitSettings } from '../../support/waitContext';

const WATCHING: View = { phase: 'watching', turn: 3, have: [1] };
const RESULT = { request_id: 'req-1', errors: [], data: { n: 1 } } as AsyncResult;

/** What a keeper that sleeps does with a message. */
async function hears(message: ToKeeper, view?: View, settings: WaitSettings = {}) {
  const noted = view && JSON.stringify(view);
  const { context, reply } = waitContext({
    message,
    noted,
    parameters: { secret: WAIT_SECRET },
    ...settings,
  });
  return { response: await new BasetenWait().webhook.call(context), reply };
}

test('it begins when it is told to, with nothing in its hands', async () => {
  expect((await hears({ kind: 'go', turn: 0 })).response).toStrictEqual({
    webhookResponse: { wait: 'ready', have: [] },
    workflowData: [[{ json: {} }]],
  });
});

test('results wake it, as text', async () => {
  const { response } = await hears({ kind: 'keep', results: { 0: RESULT } }, WATCHING);
  expect(response).toStrictEqual({
    webhookResponse: { wait: 'watching', have: [1] },
    workflowData: [[{ json: { results: { 0: JSON.stringify(RESULT) } } }]],
  });
});

describe('when it is closed', () => {
  const close = async (name: string, view?: View) =>
    (await hears({ kind: 'close' }, view, { name })).response.workflowData;

  test.each<[string, string, View | undefined]>([
    ['before it has begun', 'Sleep', undefined],
    ['when it watches for the first time', 'Watch', { ...WATCHING, turn: 1 }],
    ['in its last sleep', 'Last', WATCHING],
  ])('%s it ends without data, so that n8n wakes nobody with it', async (_, name, view) => {
    expect(await close(name, view)).toStrictEqual([]);
  });

  test('later it goes where it can end without data', async () => {
    expect(await close('Watch', WATCHING)).toStrictEqual([[{ json: { ends: true } }]]);
  });
});

test('in its last sleep it takes nothing else any more', async () => {
  const keep: ToKeeper = { kind: 'keep', results: { 0: RESULT } };
  for (const message of [keep, { kind: 'go', turn: 3 } as const])
    expect((await hears(message, WATCHING, { name: 'Last' })).response).toStrictEqual({
      webhookResponse: { wait: 'done', have: [1] },
    });
});

test.each<[string, ToKeeper, View]>([
  ['a question', { kind: 'have' }, WATCHING],
  ['results that it has', { kind: 'keep', results: { 1: RESULT } }, WATCHING],
  ['a "go" for an earlier turn', { kind: 'go', turn: 2 }, WATCHING],
  [
    'results when it is done',
    { kind: 'keep', results: { 0: RESULT } },
    { ...WATCHING, phase: 'done' },
  ],
  ['a "go" when it is done', { kind: 'go', turn: 3 }, { ...WATCHING, phase: 'done' }],
  ['a message that it does not know', { kind: 'dance' } as never, WATCHING],
])('%s only makes it say what it has', async (_, message, view) => {
  expect((await hears(message, view)).response).toStrictEqual({
    webhookResponse: { wait: view.phase, have: [1] },
  });
});

test.each<[string, WaitSettings]>([
  ['a message that another secret sealed', { sealedWith: 'other' }],
  ['a message to a keeper without a secret', { parameters: { secret: '' } }],
])('%s wakes nothing and learns nothing', async (_, settings) => {
  expect((await hears({ kind: 'close' }, WATCHING, settings)).response).toStrictEqual({
    webhookResponse: { message: 'This address is not for you.' },
  });
});

test('a result of Baseten’s is not taken here', async () => {
  const { response } = await hears({ kind: 'have' }, WATCHING, { message: undefined });
  expect(response.workflowData).toBeUndefined();
});

test('it never throws', async () => {
  const { response, reply } = await hears({ kind: 'have' }, undefined, { noted: '{' });
  expect([response, reply.statusCode]).toStrictEqual([{ noWebhookResponse: true }, 500]);
});
