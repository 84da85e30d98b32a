import { handsResultsBack } from '../../../nodes/Baseten/actions/handsResultsBack';

/** What n8n-workflow exports, as far as it matters here. */
const exported: Record<string, unknown> = {};
jest.mock('n8n-workflow', () => exported);

afterEach(() => {
  for (const name of Object.keys(exported)) delete exported[name];
});

test('n8n 1.x, which exports nothing that came with 2.0, does not hand back the results of a sub-workflow', () => {
  Object.assign(exported, { sleep() {}, updateDisplayOptions() {} });
  expect(handsResultsBack()).toBe(false);
});

test.each(['calculateWorkflowChecksum', 'validateWorkflowHasTriggerLikeNode'])('an n8n that exports %s does', (name) => {
  exported[name] = () => undefined;
  expect(handsResultsBack()).toBe(true);
});
