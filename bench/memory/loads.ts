import { MODEL_IDS } from '../../emulator';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { nodeOf } from '../predictions/nodes';
import { API_KEY } from '../../host/emulator/emulatorProcess';
import { itemsNode } from '../../host/n8n/webhookRun';
import type { Caller, Load } from './types';

type NodeJson = Omit<WorkflowJson['nodes'][0], 'id' | 'position'>;

/** Bytes of an answer, and of an upload. */
export const BYTES = 500_000_000;
export const ITEMS = 10_000;

/** The nodes of an execution that carries a load; the upload is downloaded first. */
export function nodesOf(load: Load, caller: Caller, baseUrl: string): NodeJson[] {
  if (load === 'items') return [itemsNode(ITEMS, '{ n }'), callNode(caller, baseUrl)];
  const call = caller === 'node' ? route : request;
  const download = call('Download', 'GET', `bytes/${BYTES}`, baseUrl);
  return load === 'answer'
    ? [download]
    : [download, call('Upload', 'POST', 'count-bytes', baseUrl)];
}

function callNode(caller: Caller, baseUrl: string): NodeJson {
  const node = nodeOf(caller, { items: ITEMS, modelMs: 0, eachWayMs: 0 }, baseUrl);
  return { name: 'Call', ...node, ...(caller === 'node' && { credentials: CREDENTIALS }) };
}

const CREDENTIALS = { basetenApi: { id: 'baseten', name: 'Baseten' } };

function route(name: string, method: 'GET' | 'POST', path: string): NodeJson {
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

function request(name: string, method: 'GET' | 'POST', path: string, baseUrl: string): NodeJson {
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
