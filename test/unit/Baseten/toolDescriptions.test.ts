import { NodeHelpers } from 'n8n-workflow';

import { Baseten } from '../../../nodes/Baseten/Baseten.node.ts';

/** What n8n tells an agent about the node as a tool with this operation. */
function toolDescription(resource: string, operation: string): string {
  return NodeHelpers.makeDescription({ resource, operation }, new Baseten().description);
}

test.each([
  ['deployment', 'activate', /starts it and costs money/],
  ['deployment', 'deactivate', /stops it/],
  ['deployment', 'retry', /builds and deploys it again/],
  ['deployment', 'updateAutoscaling', /^Change/],
  ['deployment', 'promote', /changes what serves/],
  ['environment', 'controlPromotion', /Cancel.*changes what serves/],
  ['managementApi', 'callRoute', /may change or delete things/],
  ['asyncRequest', 'cancel', /^Cancel/],
])('an agent is told what %s → %s stops or changes', (resource, operation, words) => {
  expect(toolDescription(resource, operation)).toMatch(words);
});
