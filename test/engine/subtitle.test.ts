import { Workflow, type INodeParameters } from 'n8n-workflow';

import { Baseten } from '../../nodes/Baseten/Baseten.node.ts';

const locator = (value: string, cachedResultName?: string) => ({
  __rl: true,
  mode: 'list',
  value,
  cachedResultName,
});

/** The subtitle of a node with these parameters, evaluated in the way of n8n's editor. */
async function subtitle(parameters: INodeParameters): Promise<unknown> {
  const baseten = new Baseten();
  const byName = () => baseten;
  const node = {
    id: 'b',
    name: 'Baseten',
    type: 'n8n-nodes-baseten.baseten',
    typeVersion: 1,
    position: [0, 0] as [number, number],
    parameters,
  };
  const workflow = new Workflow({
    id: 'w',
    nodes: [node],
    connections: {},
    active: false,
    nodeTypes: { getByName: byName, getByNameAndVersion: byName, getKnownTypes: () => ({}) },
  });
  return workflow.expression.getSimpleParameterValue(
    node,
    baseten.description.subtitle ?? '',
    'internal',
    {},
  );
}

test.each([
  [{}, 'predict: production'],
  [{ modelId: locator('abcd1234', 'whisper') }, 'predict: whisper · production'],
  [{ modelId: { __rl: true, mode: 'id', value: 'abcd1234' } }, 'predict: abcd1234 · production'],
  [
    { modelId: locator('a', 'whisper'), target: 'environment', environment: locator('staging') },
    'predict: whisper · staging',
  ],
  [
    { modelId: locator('a', 'whisper'), target: 'deployment', deploymentId: locator('q6yx4mp') },
    'predict: whisper · q6yx4mp',
  ],
  [
    { operation: 'submitAsync', modelId: locator('a', 'whisper') },
    'submit async: whisper · production',
  ],
  [{ resource: 'chain', operation: 'run', chainId: locator('c', 'rag') }, 'run: rag · production'],
  [
    {
      resource: 'asyncRequest',
      operation: 'get',
      ownerType: 'chain',
      chainId: locator('c', 'rag'),
    },
    'get: rag',
  ],
  [
    { resource: 'chat', operation: 'complete', model: locator('zai-org/GLM-4.6') },
    'complete: zai-org/GLM-4.6',
  ],
  [
    {
      resource: 'chat',
      operation: 'complete',
      source: 'deployment',
      modelId: locator('m', 'llama'),
    },
    'complete: llama · production',
  ],
  [{ resource: 'chat', operation: 'complete' }, 'complete: chat'],
])('the subtitle of %j is %j', async (parameters, expected) => {
  expect(await subtitle(parameters as INodeParameters)).toBe(expected);
});
