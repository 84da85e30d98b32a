import * as host from 'n8n-workflow';

import { handsResultsBack } from '../../../../../nodes/Baseten/actions/modelOrChain/handsResultsBack';

/** An n8n that exports what both 1.x and 2.x do, as far as it matters here. */
jest.mock('n8n-workflow', () => ({ __esModule: true, sleep: () => undefined }));

const exported = host as unknown as Record<string, unknown>;

test('n8n 1.x, which exports nothing that came with 2.0, does not hand back the results of a sub-workflow', () => {
  expect(handsResultsBack()).toBe(false);
});

test.each(['calculateWorkflowChecksum', 'validateWorkflowHasTriggerLikeNode'])(
  'an n8n that exports %s does',
  (name) => {
    exported[name] = () => undefined;
    expect(handsResultsBack()).toBe(true);
    delete exported[name];
  },
);
