import { MODEL_IDS } from '../../emulator';
import { API_KEY } from '../../host/emulator/emulatorProcess';
import { batchInterval, IN_FLIGHT } from './callers';
import type { CallerId, Condition } from './types';

/** A node as workflows have it. */
export interface NodeSettings {
  type: string;
  typeVersion: number;
  parameters: Record<string, unknown>;
}

/** Returns the URL for predictions of a model, by default the echo model. */
export const predictUrl = (baseUrl: string, model: string = MODEL_IDS.echo) =>
  `${baseUrl}/model-${model}/production/predict`;

/**
 * Returns the fields of a credential for an emulator.
 * @param connection `n8n` sends everything through n8n's HTTP client
 */
export function credentialFields(baseUrl: string, connection: 'auto' | 'n8n' = 'auto') {
  return {
    apiKey: API_KEY,
    endpoints: 'custom',
    deploymentUrl: `${baseUrl}/{kind}-{id}`,
    connection,
  };
}

/**
 * Returns the node that makes the predictions. All of them take the body from the item.
 * @throws {Error} if the caller is not a node
 */
export function nodeOf(caller: CallerId, condition: Condition, baseUrl: string): NodeSettings {
  switch (caller) {
    case 'node':
    case 'nodeOverN8n':
      return predictNode({ maxConcurrency: IN_FLIGHT });
    case 'nodeNothingSet':
      return predictNode({});
    case 'httpRequest':
      return httpRequestNode(baseUrl, {});
    case 'httpRequestBatches':
      return httpRequestNode(baseUrl, {
        batching: { batch: { batchSize: IN_FLIGHT, batchInterval: batchInterval(condition) } },
      });
    case 'loop':
      return {
        type: 'CUSTOM.awaitingLoop',
        typeVersion: 1,
        parameters: { url: predictUrl(baseUrl), key: API_KEY, body: '={{ $json }}' },
      };
    case 'nothing':
      return { type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} };
    default:
      throw new Error(`${caller} is not a node.`);
  }
}

/** Returns our node, with options and by default for the echo model. */
export const predictNode = (options: object, model: string = MODEL_IDS.echo): NodeSettings => ({
  type: 'n8n-nodes-baseten.baseten',
  typeVersion: 1,
  parameters: {
    resource: 'model',
    operation: 'predict',
    modelId: { __rl: true, mode: 'id', value: model },
    inputMode: 'json',
    input: '={{ $json }}',
    options,
  },
});

/**
 * Returns the HTTP Request node with options. The key is in a header, so n8n does not have to look
 * for a credential.
 */
export function httpRequestNode(
  baseUrl: string,
  options: object,
  { model, key = API_KEY }: { model?: string; key?: string } = {},
): NodeSettings {
  return {
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    parameters: {
      method: 'POST',
      url: predictUrl(baseUrl, model),
      sendHeaders: true,
      headerParameters: { parameters: [{ name: 'Authorization', value: `Bearer ${key}` }] },
      sendBody: true,
      specifyBody: 'json',
      jsonBody: '={{ $json }}',
      options,
    },
  };
}
