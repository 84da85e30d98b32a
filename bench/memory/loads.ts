import { MODEL_IDS } from '../../emulator';
import { API_KEY } from '../../host/emulator/emulatorProcess';
import { itemsNode } from '../../host/n8n/webhookRun';
import type { NodeInARow } from '../../host/n8n/workflowJson';
import { nodeOf } from '../predictions/nodes';
import type { Load, MemoryCaller } from './section';

/** Bytes of a response, and of an upload. */
export const BYTES = 500_000_000;
/** Small items that go through n8n. */
export const ITEMS = 10_000;

const CREDENTIALS = { basetenWorkspaceApi: { id: 'baseten', name: 'Baseten' } };

/** Returns the nodes of an execution that carries a load. The upload is downloaded first. */
export function nodesOf(load: Load, caller: MemoryCaller, baseUrl: string): NodeInARow[] {
  if (load === 'items') return [itemsNode(ITEMS, '{ n }'), predictNode(caller, baseUrl)];
  const call = caller === 'node' ? routeNode : requestNode;
  const download = call('Download', 'GET', `bytes/${BYTES}`, baseUrl);
  return load === 'answer'
    ? [download]
    : [download, call('Upload', 'POST', 'count-bytes', baseUrl)];
}

function predictNode(caller: MemoryCaller, baseUrl: string): NodeInARow {
  const node = nodeOf(caller, { items: ITEMS, modelMs: 0, eachWayMs: 0 }, baseUrl);
  return { name: 'Call', ...node, ...(caller === 'node' && { credentials: CREDENTIALS }) };
}

/** Calls a route by our node. */
function routeNode(name: string, method: 'GET' | 'POST', path: string): NodeInARow {
  return {
    name,
    type: 'n8n-nodes-baseten.baseten',
    typeVersion: 1,
    parameters: {
      resource: 'model',
      operation: 'callRoute',
      modelId: { __rl: true, mode: 'id', value: MODEL_IDS.echo },
      method,
      route: path,
      ...(method === 'POST' && { inputMode: 'binary' }),
    },
    credentials: CREDENTIALS,
  };
}

/** Calls a route by the HTTP Request node. */
function requestNode(
  name: string,
  method: 'GET' | 'POST',
  path: string,
  baseUrl: string,
): NodeInARow {
  return {
    name,
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    parameters: {
      method,
      url: `${baseUrl}/model-${MODEL_IDS.echo}/production/sync/${path}`,
      sendHeaders: true,
      headerParameters: { parameters: [{ name: 'Authorization', value: `Bearer ${API_KEY}` }] },
      ...(method === 'POST'
        ? { sendBody: true, contentType: 'binaryData', inputDataFieldName: 'data', options: {} }
        : { options: { response: { response: { responseFormat: 'file' } } } }),
    },
  };
}
