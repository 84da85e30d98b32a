import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import type { OwnerKind } from '../connection/endpoints';
import { isRecord } from '../json';
import { ID_IN_URL } from './ownerUrl';
import { readParameter, type ParameterContext } from './parameter';

/**
 * The parameter that names a model or chain: from a list, by its ID, or by a URL that contains it.
 * @param displayOptions when the form shows it; always by default
 * @see https://docs.n8n.io/integrations/creating-nodes/build/reference/ui-elements/
 */
export function ownerLocator(kind: OwnerKind, displayOptions?: IDisplayOptions): INodeProperties {
  const isModel = kind === 'model';
  const label = isModel ? 'Model' : 'Chain';
  const pattern = ID_IN_URL[kind];
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
        hint: `The ID is part of the ${kind}'s address in the Baseten dashboard`,
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
              errorMessage: `This is not an address of a Baseten ${kind}`,
            },
          },
        ],
      },
    ],
  };
}

/**
 * A parameter that names a part of a model or chain, such as an environment: from a list or by
 * hand.
 * @param searchListMethod name of the method that fills the list
 * @param placeholder example of a name or ID
 */
export function partLocator(
  property: Pick<INodeProperties, 'displayName' | 'name' | 'description' | 'displayOptions'>,
  searchListMethod: string,
  placeholder: string,
): INodeProperties {
  return {
    ...property,
    type: 'resourceLocator',
    default: { mode: 'list', value: '' },
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

/**
 * Reads a resource locator in any of its modes.
 * @param name of the parameter
 * @param itemIndex position of the item in the input
 * @returns its value; an empty text if it has none, or an expression does not give a text
 */
export function readLocator(context: ParameterContext, name: string, itemIndex: number): string {
  const value = readParameter(context, name, itemIndex, '', { extractValue: true });
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/**
 * Reads the URL by which a resource locator names something.
 * @param name of the parameter
 * @param itemIndex position of the item in the input
 * @returns nothing if the node does not have the parameter, or it is in another mode
 */
export function readLocatorUrl(
  context: ParameterContext,
  name: string,
  itemIndex: number,
): string | undefined {
  const locator: unknown = readParameter(context, name, itemIndex, null);
  if (!isRecord(locator) || locator.mode !== 'url') return undefined;
  return typeof locator.value === 'string' ? locator.value : undefined;
}
