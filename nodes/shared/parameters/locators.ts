import type { IDisplayOptions, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { OwnerKind } from '../connection/endpoints';

/** The part of n8n's contexts that parameters are read from: nodes and sub-nodes have it. */
export type ParameterContext = Pick<IExecuteFunctions, 'getNodeParameter'>;

/** IDs in the addresses of Baseten's app and of its API, regional hosts and custom endpoints included. */
const MODEL_IN_URL = '(?:/models/|/overview/|model-)([A-Za-z0-9]+)';
const CHAIN_IN_URL = '(?:/chains/|chain-)([A-Za-z0-9]+)';

/** The locator of a model or a chain: picked from a list, by ID, or by a URL of it. */
export function ownerLocator(kind: OwnerKind, displayOptions?: IDisplayOptions): INodeProperties {
  const isModel = kind === 'model';
  const label = isModel ? 'Model' : 'Chain';
  const pattern = isModel ? MODEL_IN_URL : CHAIN_IN_URL;
  return {
    displayName: label,
    name: isModel ? 'modelId' : 'chainId',
    type: 'resourceLocator',
    default: { mode: 'list', value: '' },
    required: true,
    description: `The ${kind} to call`,
    ...(displayOptions && { displayOptions }),
    modes: [
      {
        displayName: 'From List',
        name: 'list',
        type: 'list',
        placeholder: `Select a ${kind}…`,
        typeOptions: {
          searchListMethod: isModel ? 'searchModels' : 'searchChains',
          searchable: true,
        },
      },
      {
        displayName: 'By ID',
        name: 'id',
        type: 'string',
        placeholder: 'e.g. abcd1234',
        hint: `The ID stands in the ${kind}'s address in the Baseten dashboard`,
      },
      {
        displayName: 'By URL',
        name: 'url',
        type: 'string',
        placeholder: `e.g. https://${kind}-abcd1234.api.baseten.co/production/${isModel ? 'predict' : 'run_remote'}`,
        extractValue: { type: 'regex', regex: pattern },
        validation: [
          {
            type: 'regex',
            properties: {
              regex: `.*${pattern}.*`,
              errorMessage: `This is no address of a Baseten ${kind}`,
            },
          },
        ],
      },
    ],
  };
}

/** A locator for something that belongs to a model or chain: found in a list, or written by name. */
export function partLocator(
  property: Pick<INodeProperties, 'displayName' | 'name' | 'description' | 'displayOptions'>,
  searchListMethod: string,
  placeholder: string,
): INodeProperties {
  return {
    ...property,
    type: 'resourceLocator',
    default: { mode: 'id', value: '' },
    required: true,
    modes: [
      {
        displayName: 'From List',
        name: 'list',
        type: 'list',
        placeholder: 'Select…',
        typeOptions: { searchListMethod, searchable: true },
      },
      {
        displayName: property.name === 'environment' ? 'By Name' : 'By ID',
        name: 'id',
        type: 'string',
        placeholder,
      },
    ],
  };
}

/** Reads a locator, whichever way its value was given. */
export function readLocator(context: ParameterContext, name: string, itemIndex: number): string {
  const value = context.getNodeParameter(name, itemIndex, '', { extractValue: true });
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
