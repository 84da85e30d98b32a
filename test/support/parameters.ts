import {
  MODEL_API_SLUGS,
  MODEL_IDS,
  startEmulator,
  type Emulator,
  type EmulatorOptions,
} from '../../emulator';
import type {
  IDataObject,
  INodeExecutionData,
  INodeParameters,
  NodeParameterValueType,
} from 'n8n-workflow';

/** Starts an emulator before a file's tests and stops it after them. */
export function useEmulator(options: EmulatorOptions = {}): () => Emulator {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator(options);
  });
  afterEach(() => {
    emulator.clearRequests();
    emulator.faults.clear();
  });
  afterAll(async () => {
    await emulator.close();
  });
  return () => emulator;
}

/** A credential for the emulator. */
export function credentialFor(
  emulator: Emulator,
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    apiKey: emulator.apiKey,
    endpoints: 'custom',
    deploymentUrl: emulator.deploymentUrl,
    modelApiUrl: emulator.modelApiUrl,
    managementUrl: emulator.managementUrl,
    ...more,
  };
}

/** A locator as the editor saves it. */
export function byId(value: string): NodeParameterValueType {
  return { __rl: true, mode: 'id', value };
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
