import type { INodeProperties } from 'n8n-workflow';

import type { Owner } from '../../../shared/connection/endpoints';
import type { ItemCall } from '../operation';
import { readOwner } from '../../../shared/parameters/addressing';
import { readChoice } from '../../../shared/parameters/choice';
import { ownerLocator } from '../../../shared/parameters/locators';
import { optionsCollection } from '../../../shared/parameters/options';

const OWNER_TYPE = {
  name: 'ownerType',
  label: 'Submitted To',
  values: ['chain', 'model'],
  fallback: 'model',
} as const;

/** The parameters that name an async request: the model or chain that has it, and its ID. */
export const requestParameters: INodeProperties[] = [
  {
    displayName: 'Submitted To',
    name: 'ownerType',
    type: 'options',
    default: 'model',
    description: 'What the request was submitted to',
    options: [
      { name: 'Chain', value: 'chain' },
      { name: 'Model', value: 'model' },
    ],
  },
  ownerLocator('model', { show: { ownerType: ['model'] } }),
  ownerLocator('chain', { show: { ownerType: ['chain'] } }),
  {
    displayName: 'Request ID',
    name: 'requestId',
    type: 'string',
    default: '',
    required: true,
    placeholder: 'e.g. {{ $json.request_id }}',
    description: 'The request_id in the output of Submit Async',
  },
  optionsCollection(),
];

/**
 * Reads which async request an item is about. Its ID is empty if the user entered nothing, or an
 * expression does not give a text.
 * @throws {UserInputError} if Submitted To is none of its values
 */
export function readRequest({ context, itemIndex }: ItemCall): { owner: Owner; requestId: string } {
  const kind = readChoice(context, OWNER_TYPE, itemIndex);
  const given: unknown = context.getNodeParameter('requestId', itemIndex, '');
  const requestId = typeof given === 'string' || typeof given === 'number' ? String(given) : '';
  return { owner: readOwner(context, kind, itemIndex), requestId };
}
