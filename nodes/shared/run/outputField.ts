import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { UserInputError } from '../errors/userInputError';
import type { Options } from '../parameters/options';
import { isUnsafeName } from '../payload/dataPath';

/** Option: the field that the answer goes into. */
export const OUTPUT_FIELD: INodeProperties = {
  displayName: 'Put Output in Field',
  name: 'outputField',
  type: 'string',
  default: '',
  placeholder: 'e.g. answer',
  description:
    'Name of one field for the answer alone, such as the text of a chat or the vector of Create. If it is empty, the answer has its own fields.',
};

/** What an answer comes to, for the items whose answer is more than that. */
const mainValues = new WeakMap<INodeExecutionData, unknown>();

/**
 * Says what goes into the field that the user names: the text of a chat, for example.
 * @param item of an operation
 * @param value if this is nothing, the whole answer goes there
 */
export function withMain(item: INodeExecutionData, value: unknown): INodeExecutionData {
  if (value !== undefined) mainValues.set(item, value);
  return item;
}

/**
 * Reads the field that an item's answer goes into.
 * @returns nothing if the answer keeps its own fields
 * @throws {UserInputError} if JavaScript keeps the name for itself
 */
export function readOutputField({ outputField }: Options): string | undefined {
  const isText = typeof outputField === 'string' || typeof outputField === 'number';
  const name = isText ? String(outputField).trim() : '';
  if (name === '') return undefined;
  if (!isUnsafeName(name)) return name;
  throw new UserInputError(
    `Put Output in Field can't be ${JSON.stringify(name)}`,
    'JavaScript keeps this name for itself. Choose another one, such as answer.',
  );
}

/** Puts an answer into a field. An answer that is a file alone has none to put there. */
export function inField(item: INodeExecutionData, field: string): INodeExecutionData {
  const isOnlyFile = item.binary !== undefined && Object.keys(item.json).length === 0;
  const value = mainValues.has(item) ? mainValues.get(item) : isOnlyFile ? undefined : item.json;
  if (value === undefined) return item;
  return { ...item, json: { [field]: value as IDataObject } };
}
