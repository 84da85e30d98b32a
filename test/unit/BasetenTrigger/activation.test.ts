import * as host from 'n8n-workflow';
import type { IHookFunctions } from 'n8n-workflow';

import { BasetenTrigger } from '../../../nodes/BasetenTrigger/BasetenTrigger.node';
import {
  OTHER_SECRET,
  SECRET,
  webhookContext,
  type WebhookSettings,
} from '../../support/webhookContext';

type ActivationMode = ReturnType<IHookFunctions['getActivationMode']>;

/** A copy of what n8n exports, from which a test can take something away. */
jest.mock('n8n-workflow', () => ({ __esModule: true, ...jest.requireActual('n8n-workflow') }));

const { webhookMethods } = new BasetenTrigger();
const NO_SECRET = 'There is no webhook secret to verify deliveries with';

function hookContext(mode: ActivationMode, settings: WebhookSettings) {
  const { context, log } = webhookContext(settings);
  const hooks = { ...context, getActivationMode: () => mode } as unknown as IHookFunctions;
  return { context: hooks, log };
}
const activate = async (mode: ActivationMode, settings: WebhookSettings) =>
  await webhookMethods.default.create.call(hookContext(mode, settings).context);

const attended: ActivationMode[] = ['activate', 'update', 'manual', 'create'];
const unattended: ActivationMode[] = ['init', 'leadershipChange'];
const without: Array<[string, string | undefined]> = [
  ['no credential', undefined],
  ['an empty secret', ''],
  ['a secret of spaces and commas', ' , '],
];

test.each(attended.flatMap((mode) => without.map(([what, secret]) => ({ mode, what, secret }))))(
  '$mode with $what is refused',
  async ({ mode, secret }) => {
    await expect(activate(mode, { secret })).rejects.toThrow(NO_SECRET);
  },
);

test('the error says where to get a secret, where to enter it, and how to do without one', async () => {
  const error = (await activate('activate', { secret: '' }).catch((each: unknown) => each)) as {
    description: string;
  };
  expect(error.description).toBe(
    'Create one in Baseten under Settings → Webhook secrets and enter it as Webhook Secret in the credential. ' +
      'To take deliveries without verifying them, turn Verify Signature off.',
  );
});

test.each(unattended.flatMap((mode) => without.map(([what, secret]) => ({ mode, what, secret }))))(
  '$mode with $what keeps the webhook, because nobody would see an error, and logs it',
  async ({ mode, secret }) => {
    const { context, log } = hookContext(mode, { secret });
    expect(await webhookMethods.default.create.call(context)).toBe(true);
    expect(log).toStrictEqual([`["Results: ${NO_SECRET}",null]`]);
  },
);

test.each(unattended)("%s keeps the webhook if the credential can't be read", async (mode) => {
  const { context } = hookContext(mode, {});
  context.getCredentials = () => Promise.reject(new Error('vault is sealed'));
  expect(await webhookMethods.default.create.call(context)).toBe(true);
});

const wrongOutcomes: Array<[unknown, string]> = [
  [[], 'No Outcomes are chosen, so no result can start the workflow'],
  [undefined, 'No Outcomes are chosen, so no result can start the workflow'],
  [null, 'No Outcomes are chosen, so no result can start the workflow'],
  [['succeeded', 'Failed'], 'Outcomes can\'t be "Failed"'],
  ['success', 'Outcomes can\'t be "success"'],
];

test.each(wrongOutcomes)('outcomes of %j are refused', async (outcomes, message) => {
  await expect(activate('activate', { parameters: { outcomes } })).rejects.toThrow(message);
});

test.each(wrongOutcomes)('outcomes of %j keep the webhook at a start of n8n', async (outcomes) => {
  expect(await activate('init', { parameters: { outcomes } })).toBe(true);
});

test.each<[object, string]>([
  [{ timestampTolerance: 'soon' }, 'Timestamp Tolerance can\'t be "soon"'],
  [{ maxGroupSize: 0 }, "Max Group Size can't be 0"],
  [{ modelIds: {} }, "Model IDs can't be {}"],
  [{ base64Fields: { path: 'x' } }, 'Base64 Fields can\'t be {"path":"x"}'],
  [{ base64ToFiles: 'on' }, 'Base64 to Files can\'t be "on"'],
])('options of %j are refused', async (options, message) => {
  await expect(activate('activate', { parameters: { options } })).rejects.toThrow(message);
});

test.each([[['failed']], [['failed', 'succeeded']], ['succeeded']])(
  'outcomes of %j are fine',
  async (outcomes) => {
    expect(await activate('activate', { parameters: { outcomes } })).toBe(true);
  },
);

describe('an n8n older than 2.8.0', () => {
  const SINCE_2_8 = ['validateNodeCredentials', 'isNodeConnected', 'isTriggerLikeNode'];
  const exported = host as unknown as Record<string, unknown>;
  const before = SINCE_2_8.map((name) => exported[name]);
  beforeEach(() => SINCE_2_8.forEach((name) => delete exported[name]));
  afterEach(() => SINCE_2_8.forEach((name, index) => (exported[name] = before[index])));

  const message =
    'Baseten Trigger needs n8n 2.8.0 or newer: an older n8n answers a delivery before it has recorded it, so results can be lost';

  test.each(attended)('%s is refused there', async (mode) => {
    await expect(activate(mode, {})).rejects.toThrow(message);
  });

  test('at its start the log says so, and the webhook stays', async () => {
    const { context, log } = hookContext('init', {});
    expect([await webhookMethods.default.create.call(context), log]).toStrictEqual([
      true,
      [`["Results: ${message}",null]`],
    ]);
  });

  test.each(SINCE_2_8)('is not one that exports %s', async (name) => {
    exported[name] = () => undefined;
    expect(await activate('activate', {})).toBe(true);
  });
});

test.each([...attended, ...unattended])(
  '%s without a secret is fine if nothing is verified',
  async (mode) => {
    expect(
      await activate(mode, { secret: undefined, parameters: { verifySignature: false } }),
    ).toBe(true);
  },
);

test.each([...attended, ...unattended])('%s with a secret is fine', async (mode) => {
  expect(await activate(mode, { secret: `${SECRET},${OTHER_SECRET}` })).toBe(true);
});
