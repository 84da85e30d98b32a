import type { IHookFunctions } from 'n8n-workflow';

import { BasetenTrigger } from '../../../nodes/BasetenTrigger/BasetenTrigger.node';
import { NOW, webhookContext } from '../../support/webhookContext';

test('the trigger has one version, for which n8n evaluates no expression at each delivery', () => {
  expect(new BasetenTrigger().description.version).toBe(2);
});

test('there is nothing to find before activation and nothing to remove after it', async () => {
  const context = webhookContext().context as unknown as IHookFunctions;
  const { checkExists, delete: takeDown } = new BasetenTrigger().webhookMethods.default;
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
