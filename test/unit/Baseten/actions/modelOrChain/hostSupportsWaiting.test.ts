import * as host from 'n8n-workflow';

import { hostSupportsWaiting } from '../../../../../nodes/Baseten/actions/modelOrChain/hostSupportsWaiting';

/** An n8n that exports only what both 1.x and 2.x export. */
jest.mock('n8n-workflow', () => ({ __esModule: true, sleep: () => undefined }));

const exported = host as unknown as Record<string, unknown>;

test('n8n 1.x, which exports nothing that came with 2.0, does not support waiting', () => {
  expect(hostSupportsWaiting()).toBe(false);
});

test.each(['calculateWorkflowChecksum', 'validateWorkflowHasTriggerLikeNode'])(
  'an n8n that exports %s does',
  (name) => {
    exported[name] = () => undefined;
    expect(hostSupportsWaiting()).toBe(true);
    delete exported[name];
  },
);
