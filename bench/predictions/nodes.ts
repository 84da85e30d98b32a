import { MODEL_IDS } from '../../emulator';
import { API_KEY } from '../../host/emulator/emulatorProcess';
import type { Condition, WayId } from './types';
import { batchInterval, IN_FLIGHT } from './ways';

/** A node as workflows have it. */
export interface NodeSettings {
  type: string;
  typeVersion: number;
  parameters: Record<string, unknown>;
}

/** Where the echo model answers predictions. */
export const predictUrl = (baseUrl: string) =>
  `${baseUrl}/model-${MODEL_IDS.echo}/production/predict`;

/** The fields of a credential for an emulator; `connection: 'n8n'` sends everything through n8n's HTTP client. */
export function credentialFields(baseUrl: string, connection: 'auto' | 'n8n') {
  return {
    apiKey: API_KEY,
    endpoints: 'custom',
    deploymentUrl: `${baseUrl}/{kind}-{id}`,
    connection,
  };
}

/** The node that makes the predictions, by each way that is a node. All of them take the body from the item. */
export function nodeOf(way: WayId, condition: Condition, baseUrl: string): NodeSettings {
  switch (way) {
    case 'node':
    case 'nodeOverN8n':
      return {
        type: 'n8n-nodes-baseten.baseten',
        typeVersion: 1,
        parameters: {
          resource: 'model',
          operation: 'predict',
          modelId: { __rl: true, mode: 'id', value: MODEL_IDS.echo },
          inputMode: 'json',
          input: '={{ $json }}',
          options: { maxConcurrency: IN_FLIGHT },
        },
      };
    case 'httpRequest':
      return httpRequest(baseUrl, {});
    case 'httpRequestBatches':
      return httpRequest(baseUrl, {
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
      throw new Error(`${way} is no node.`);
  }
}

/** The key stands in a header, which spares n8n the look for a credential. */
function httpRequest(baseUrl: string, options: object): NodeSettings {
  return {
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    parameters: {
      method: 'POST',
      url: predictUrl(baseUrl),
      sendHeaders: true,
      headerParameters: { parameters: [{ name: 'Authorization', value: `Bearer ${API_KEY}` }] },
      sendBody: true,
      specifyBody: 'json',
      jsonBody: '={{ $json }}',
      options,
    },
  };
}
