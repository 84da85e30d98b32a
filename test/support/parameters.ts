import { MODEL_API_SLUGS, MODEL_IDS } from '../../emulator';
import type {
  IDataObject,
  INodeExecutionData,
  INodeParameters,
  NodeParameterValueType,
} from 'n8n-workflow';

/** A locator as the editor saves it. */
export function byId(value: string): NodeParameterValueType {
  return { __rl: true, mode: 'id', value };
}

/** A locator in which a URL was entered. */
export function byUrl(value: string): NodeParameterValueType {
  return { __rl: true, mode: 'url', value };
}

/** Parameters of a prediction by the echo model. */
export function echo(parameters: INodeParameters = {}): INodeParameters {
  return { resource: 'model', operation: 'predict', modelId: byId(MODEL_IDS.echo), ...parameters };
}

/** Parameters of a question to the emulator's Model API. */
export function chat(parameters: INodeParameters = {}): INodeParameters {
  return {
    resource: 'chat',
    operation: 'complete',
    model: byId(MODEL_API_SLUGS.chat),
    prompt: 'Hello',
    ...parameters,
  };
}

/** An item with a file in its binary data. */
export function binaryItem(
  property: string,
  content: Buffer,
  mimeType: string,
  json: IDataObject = {},
  fileName?: string,
): INodeExecutionData {
  return { json, binary: { [property]: { data: content.toString('base64'), mimeType, fileName } } };
}
