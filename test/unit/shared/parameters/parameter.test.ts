import type { INode } from 'n8n-workflow';

import { readParameter } from '../../../../nodes/shared/parameters/parameter';

/** A context that counts how often n8n is asked, and gives each item a value of its own. */
function contextOf(parameters: INode['parameters']) {
  const getNodeParameter = jest.fn((name: string, itemIndex: number, fallback?: unknown) => {
    const value = parameters[name] ?? fallback;
    return typeof value === 'string' && value.startsWith('=') ? `item ${itemIndex}` : value;
  });
  const context = { getNodeParameter, getNode: () => ({ parameters }) as INode };
  return { context: context as never, getNodeParameter };
}

test('a parameter without an expression is read once a run', () => {
  const { context, getNodeParameter } = contextOf({ options: { timeout: 5 } });
  for (let item = 0; item < 3; item++)
    expect(readParameter(context, 'options', item, {})).toStrictEqual({ timeout: 5 });
  expect(getNodeParameter).toHaveBeenCalledTimes(1);
});

test('an expression is read for each item, wherever it stands', () => {
  const { context, getNodeParameter } = contextOf({
    target: '={{ $json.target }}',
    options: { nested: [{ timeout: '={{ $json.seconds }}' }] },
  });
  expect([0, 1].map((item) => readParameter(context, 'target', item))).toStrictEqual([
    'item 0',
    'item 1',
  ]);
  for (let item = 0; item < 3; item++) readParameter(context, 'options', item, {});
  expect(getNodeParameter).toHaveBeenCalledTimes(5);
});

test('a parameter that the node does not have gives the fallback of each place that reads it', () => {
  const { context } = contextOf({});
  expect(readParameter(context, 'target', 0, 'production')).toBe('production');
  expect(readParameter(context, 'target', 0, 'development')).toBe('development');
  expect(readParameter(context, 'target', 1, 'production')).toBe('production');
});

test('a value that n8n takes out of a locator is not the locator', () => {
  const { context, getNodeParameter } = contextOf({ modelId: { mode: 'id', value: 'abcd1234' } });
  readParameter(context, 'modelId', 0, '', { extractValue: true });
  readParameter(context, 'modelId', 0, '');
  expect(getNodeParameter).toHaveBeenCalledTimes(2);
});

test('two runs share nothing', () => {
  const [one, other] = [contextOf({ target: 'production' }), contextOf({ target: 'development' })];
  expect(readParameter(one.context, 'target', 0)).toBe('production');
  expect(readParameter(other.context, 'target', 0)).toBe('development');
});

test('what n8n refuses is asked for again', () => {
  const { context, getNodeParameter } = contextOf({ modelId: 'x' });
  getNodeParameter.mockImplementationOnce(() => {
    throw new Error('not a URL');
  });
  expect(() => readParameter(context, 'modelId', 0)).toThrow('not a URL');
  expect(readParameter(context, 'modelId', 1)).toBe('x');
});
