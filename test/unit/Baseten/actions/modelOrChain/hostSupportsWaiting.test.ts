import * as host from 'n8n-workflow';

import { hostSupportsWaiting } from '../../../../../nodes/Baseten/actions/modelOrChain/hostSupportsWaiting';

/** An n8n that exports only what older and newer ones export. */
jest.mock('n8n-workflow', () => ({ __esModule: true, sleep: () => undefined }));

const exported = host as unknown as Record<string, unknown>;

test('an n8n that exports nothing that came with 2.41.0 does not support waiting', () => {
  expect(hostSupportsWaiting()).toBe(false);
});

test.each(['WAIT_FOR_SUB_EXECUTION', 'isIndefiniteWait'])('an n8n that exports %s does', (name) => {
  exported[name] = () => undefined;
  expect(hostSupportsWaiting()).toBe(true);
  delete exported[name];
});
