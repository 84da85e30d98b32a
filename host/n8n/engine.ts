// First: n8n-core reads its settings when it is loaded.
import './engineEnvironment.js';
import {
  Cipher,
  Credentials,
  EncryptionKeyProxy,
  ExecutionLifecycleHooks,
  WorkflowExecute,
} from 'n8n-core';
import { Container } from '@n8n/di';
import {
  createRunExecutionData,
  NodeConnectionTypes,
  Workflow,
  type ICredentialDataDecryptedObject,
  type ICredentialsHelper,
  type INode,
  type INodeExecutionData,
  type INodeParameters,
  type INodeType,
  type INodeTypes,
  type IRun,
  type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

// With its ending: without it some loaders find the codex file Baseten.node.json first.
import { Baseten } from '../../nodes/Baseten/Baseten.node.ts';

const CREDENTIAL = { id: 'credential-1', name: 'Baseten' };

/** A node that gives the items of the test to the node behind it, as a trigger would. */
const startNode = (items: INodeExecutionData[]): INodeType => ({
  description: {
    displayName: 'Start',
    name: 'start',
    group: ['trigger'],
    version: 1,
    description: 'Gives the items of the test',
    defaults: { name: 'Start' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    properties: [],
  },
  execute: async () => [items],
});

/** How the Baseten node is run. */
export interface NodeRun {
  parameters: INodeParameters;
  items?: INodeExecutionData[];
  credential: ICredentialDataDecryptedObject;
  onError?: INode['onError'];
  /** A node that takes the place of the Baseten node, and its version. */
  other?: { type: INodeType; version: number };
  /** The ID of the execution, if several run at the same time. */
  executionId?: string;
  /** Is called when the execution runs, with a function that stops it. */
  onStarted?: (cancel: () => void) => void;
}

/** What the node gave. */
export interface NodeResult {
  items: INodeExecutionData[];
  /** The items of the error output, if the node has one. */
  errorItems: INodeExecutionData[];
  error?: Error & {
    description?: string | null;
    httpCode?: string | null;
    context?: { itemIndex?: number };
  };
  run: IRun;
}

/**
 * A workflow with the Baseten node behind a node that gives `items`, and all that n8n's engine
 * needs to run it. By default one empty item is given.
 */
export async function nodeContext({
  parameters,
  credential,
  onError,
  other,
  items = [{ json: {} }],
  executionId = 'execution-1',
}: NodeRun) {
  const node: INode = {
    id: 'b',
    name: 'Baseten',
    type: 'n8n-nodes-baseten.baseten',
    typeVersion: other?.version ?? 1,
    position: [200, 0],
    parameters,
    credentials: { basetenWorkspaceApi: CREDENTIAL },
    onError,
  };
  const start: INode = {
    id: 's',
    name: 'Start',
    type: 'test.start',
    typeVersion: 1,
    position: [0, 0],
    parameters: {},
  };
  const workflow = new Workflow({
    id: 'workflow-1',
    name: 'Test',
    nodes: [start, node],
    connections: {
      Start: { main: [[{ node: 'Baseten', type: NodeConnectionTypes.Main, index: 0 }]] },
    },
    active: false,
    nodeTypes: nodeTypes(items, other?.type ?? new Baseten()),
    settings: { executionOrder: 'v1' },
  });
  return { workflow, start, node, additionalData: await executionData(credential, executionId) };
}

/**
 * Runs the Baseten node in n8n's own engine. An error of the node is a part of what is returned.
 */
export async function runBaseten(settings: NodeRun): Promise<NodeResult> {
  const { workflow, start, additionalData } = await nodeContext(settings);
  const input = { main: [[{ json: {} }]] };
  const runData = createRunExecutionData({
    executionData: { nodeExecutionStack: [{ node: start, data: input, source: null }] },
  });
  const execution = new WorkflowExecute(additionalData, 'trigger', runData).processRunExecutionData(
    workflow,
  );
  settings.onStarted?.(() => execution.cancel());
  const run = await execution;
  const task = run.data.resultData.runData.Baseten?.[0];
  return {
    items: task?.data?.main?.[0] ?? [],
    errorItems: task?.data?.main?.[1] ?? [],
    error: (task?.error ?? run.data.resultData.error) as NodeResult['error'],
    run,
  };
}

function nodeTypes(items: INodeExecutionData[], node: INodeType): INodeTypes {
  const types: Record<string, INodeType> = {
    'test.start': startNode(items),
    'n8n-nodes-baseten.baseten': node,
  };
  const byName = (type: string): INodeType => {
    const found = types[type];
    if (!found) throw new Error(`The test knows no node type ${type}`);
    return found;
  };
  return { getByName: byName, getByNameAndVersion: byName, getKnownTypes: () => ({}) };
}

/**
 * What n8n's server gives its engine. The credential is really encrypted and decrypted, but not in
 * a database.
 */
export async function executionData(
  data: ICredentialDataDecryptedObject,
  executionId: string,
): Promise<IWorkflowExecuteAdditionalData> {
  const stored = await encrypt(data);
  const helper: Partial<ICredentialsHelper> = {
    getParentTypes: () => [],
    isCredentialUsableByNode: () => true,
    getDecrypted: async () =>
      await new Credentials(CREDENTIAL, 'basetenWorkspaceApi', stored).getData(),
  };
  const workflowData = {
    id: 'workflow-1',
    name: 'Test',
    nodes: [],
    connections: {},
    active: false,
  };
  return {
    credentialsHelper: helper as ICredentialsHelper,
    hooks: new ExecutionLifecycleHooks('trigger', executionId, workflowData as never),
    executionId,
    currentNodeExecutionIndex: 0,
    variables: {},
    restApiUrl: '',
    instanceBaseUrl: '',
    formBaseUrl: '',
    formWaitingBaseUrl: 'http://127.0.0.1/form-waiting',
    formTestBaseUrl: '',
    webhookBaseUrl: '',
    webhookWaitingBaseUrl: 'http://127.0.0.1/webhook-waiting',
    webhookTestBaseUrl: '',
    mcpBaseUrl: '',
    mcpTestBaseUrl: '',
    logAiEvent: () => {},
  } as unknown as IWorkflowExecuteAdditionalData;
}

async function encrypt(data: ICredentialDataDecryptedObject): Promise<string> {
  const cipher = Container.get(Cipher);
  const key = {
    id: 'test-key',
    value: cipher.encryptDEKWithInstanceKey('ab'.repeat(32)),
    algorithm: 'aes-256-gcm' as const,
    format: 'prefixed' as const,
  };
  const find = async () => key;
  Container.get(EncryptionKeyProxy).setProvider({
    getActiveKey: find,
    getKeyById: find,
    getLegacyKey: find,
  } as never);
  const credentials = new Credentials(CREDENTIAL, 'basetenWorkspaceApi');
  await credentials.setData(data);
  return String(credentials.getDataToSave().data);
}
