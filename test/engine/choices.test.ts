import type { INodeParameters, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { CHAIN_IDS, MODEL_IDS } from '../../emulator';
import { runBaseten } from '../../host/n8n/engine';
import { Baseten } from '../../nodes/Baseten/Baseten.node';
import { credentialFor, useEmulator } from '../support/emulator';
import { byId } from '../support/parameters';

const emulator = useEmulator();

/** What operations need besides the field that is tested. */
const FILLED: INodeParameters = {
  modelId: byId(MODEL_IDS.echo),
  chainId: byId(CHAIN_IDS.echo),
  model: byId('emulator/chat'),
  // While Target is an expression, n8n wants all that any target needs.
  environment: byId('staging'),
  deploymentId: byId('q6yx4mp'),
  chainletId: byId('0ryl4q2'),
  chainletName: 'Entrypoint',
  autoscaling: { minReplica: 1 },
  requestId: 'abc',
  route: '/v1/models',
  text: 'a text',
  query: 'a query',
  texts: '["a text"]',
  prompt: 'Hello',
  webhookUrl: 'https://n8n.example.com/webhook/x',
  metadata: '{}',
  audioUrl: 'https://example.com/a.mp3',
  input: '{}',
};

interface Field {
  property: INodeProperties;
  /** The parameters with which the form shows it. */
  shown: INodeParameters;
  /** Where the parameters have it. */
  place: 'parameter' | 'option';
}

const UNKNOWN = '={{ "nonsense" }}';

/** All fields of the node that offer some values, but for resource and operation. */
const FIELDS: Field[] = new Baseten().description.properties.flatMap((property): Field[] => {
  const shown = firstValues(property);
  if (property.type === 'options' && !['resource', 'operation'].includes(property.name))
    return [{ property, shown, place: 'parameter' }];
  if (property.type !== 'collection') return [];
  return (property.options as INodeProperties[])
    .filter(({ type }) => type === 'options')
    .map((option) => ({
      property: option,
      shown: { ...shown, ...firstValues(option) },
      place: 'option',
    }));
});

/** The first of the values with which the form shows a field. */
function firstValues({ displayOptions }: INodeProperties): INodeParameters {
  return Object.fromEntries(
    Object.entries(displayOptions?.show ?? {}).map(([name, values]) => [
      name.replace(/^\//, ''),
      values?.[0] as string,
    ]),
  );
}

test('there are fields of every operation', () => {
  const operations = new Set(
    FIELDS.map(({ shown }) => `${String(shown.resource)}.${String(shown.operation)}`),
  );
  expect(operations.size).toBeGreaterThanOrEqual(12);
});

test.each(
  FIELDS.map((field) => {
    const { resource, operation } = field.shown;
    return [`${String(resource)} → ${String(operation)}: ${field.property.displayName}`, field];
  }) as Array<[string, Field]>,
)('%s that an expression sets to nonsense is an error that names its values', async (_, field) => {
  const { property, shown, place } = field;
  const given = { [property.name]: UNKNOWN };
  const { error } = await runBaseten({
    credential: credentialFor(emulator(), { webhookSecret: 'whsec_test' }),
    parameters: {
      ...FILLED,
      ...shown,
      ...(place === 'option' ? { options: given } : given),
    },
  });
  expect(error?.message).toBe(`${property.displayName} can't be "nonsense"`);
  for (const { value } of property.options as INodePropertyOptions[]) {
    // The error about a number says from where to where.
    if (typeof value === 'string') expect(error?.description).toContain(`"${value}"`);
  }
  expect(emulator().requests).toHaveLength(0);
});

test('the role of a message is one of its values, too', async () => {
  const { error } = await runBaseten({
    credential: credentialFor(emulator()),
    parameters: {
      ...FILLED,
      resource: 'chat',
      operation: 'complete',
      promptType: 'messages',
      messages: { message: [{ role: UNKNOWN, content: 'Hello' }] },
    },
  });
  expect(error?.message).toBe(`Role can't be "nonsense"`);
  expect(error?.description).toContain('"assistant", "system" and "user"');
});
