import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { isRecord } from '../../../shared/json';
import { readParameter } from '../../../shared/parameters/parameter';
import { readValues, type ModelField } from './exampleFields';

/** The form of the fields that the model's own example has. */
export const MODEL_FIELDS: INodeProperties = {
  displayName: 'Model Fields',
  name: 'modelFields',
  type: 'resourceMapper',
  noDataExpression: true,
  default: { mappingMode: 'defineBelow', value: null },
  typeOptions: {
    // n8n throws the values away when one of these changes: another model takes other fields.
    loadOptionsDependsOn: ['modelId.value', 'target', 'environment.value', 'deploymentId.value'],
    resourceMapper: {
      resourceMapperMethod: 'getModelFields',
      mode: 'map',
      addAllFields: true,
      supportAutoMap: false,
      hideNoDataError: true,
      valuesLabel: 'Model Fields',
      fieldWords: { singular: 'field', plural: 'fields' },
    },
  },
  displayOptions: { show: { inputMode: ['modelFields'] } },
};

/**
 * Reads what was entered into the fields of the model.
 * @returns like `readValues`
 * @throws {UserInputError} if a value is not of the type of its field
 */
export function readModelFields(
  context: IExecuteFunctions,
  itemIndex: number,
): ReturnType<typeof readValues> {
  // As a whole n8n gives it with expressions resolved, and every value as it was entered.
  const given = readParameter(context, 'modelFields', itemIndex, {});
  const { value, schema } = isRecord(given) ? given : {};
  const fields = Array.isArray(schema) ? schema.filter(isField) : [];
  return readValues(isRecord(value) ? value : {}, fields);
}

function isField(value: unknown): value is ModelField {
  return isRecord(value) && typeof value.id === 'string';
}
