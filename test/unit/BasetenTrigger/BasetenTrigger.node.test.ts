import type { IHookFunctions } from 'n8n-workflow';

import { BasetenTrigger } from '../../../nodes/BasetenTrigger/BasetenTrigger.node';
import {
  NOW,
  OTHER_SECRET,
  SECRET,
  webhookContext,
  type WebhookSettings,
} from '../../support/webhookContext';

type ActivationMode = ReturnType<IHookFunctions['getActivationMode']>;

const { webhookMethods } = new BasetenTrigger();
const NO_SECRET = 'There is no webhook secret to verify deliveries with';

function hookContext(mode: ActivationMode, settings: WebhookSettings): IHookFunctions {
  return {
    ...webhookContext(settings).context,
    getActivationMode: () => mode,
  } as unknown as IHookFunctions;
}
const activate = async (mode: ActivationMode, settings: WebhookSettings) =>
  await webhookMethods.default.create.call(hookContext(mode, settings));

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
      'If the credential has no such field, another installed package for Baseten has replaced its form: remove that package. ' +
      'To take deliveries without verifying them, turn Verify Signature off.',
  );
});

test.each(unattended.flatMap((mode) => without.map(([what, secret]) => ({ mode, what, secret }))))(
  '$mode with $what keeps the webhook, because nobody would see an error',
  async ({ mode, secret }) => {
    expect(await activate(mode, { secret })).toBe(true);
  },
);

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

test('there is nothing to find before activation and nothing to remove after it', async () => {
  const context = hookContext('activate', {});
  const { checkExists, delete: takeDown } = webhookMethods.default;
  expect([await checkExists.call(context), await takeDown.call(context)]).toStrictEqual([
    false,
    true,
  ]);
});

test('the webhook receives deliveries', async () => {
  jest.useFakeTimers({ now: NOW, advanceTimers: true });
  const { workflowData } = await new BasetenTrigger().webhook.call(webhookContext().context);
  jest.useRealTimers();
  expect(workflowData?.[0]?.[0]?.json.request_id).toBe('req-1');
});
