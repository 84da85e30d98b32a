import type { NodeInARow, WorkflowJson } from '../../host/n8n/workflowJson';

/** A node that is connected to an agent or a chain from below. */
export interface SubNode extends NodeInARow {
  /** How it is connected, such as `ai_tool`. */
  connection: string;
}

const LANGCHAIN = '@n8n/n8n-nodes-langchain';

/** The credential that the nodes of a workflow name. */
const CREDENTIAL = { basetenWorkspaceApi: { id: 'baseten', name: 'Baseten' } };

/** The model of n8n's own for OpenAI-compatible servers. */
export const OPENAI_MODEL: SubNode = {
  name: 'Model',
  type: `${LANGCHAIN}.lmChatOpenAi`,
  typeVersion: 1.2,
  connection: 'ai_languageModel',
  parameters: { model: { __rl: true, mode: 'id', value: 'emulator/chat' }, options: {} },
  credentials: { openAiApi: { id: 'openai', name: 'OpenAI' } },
};

/** A Baseten Chat Model. @param name of a Model API */
export const basetenModel = (name: string, options: object = {}): SubNode => ({
  name: 'Model',
  type: 'n8n-nodes-baseten.lmChatBaseten',
  typeVersion: 1,
  connection: 'ai_languageModel',
  parameters: { source: 'modelApi', model: { __rl: true, mode: 'id', value: name }, options },
  credentials: CREDENTIAL,
});

/** n8n's calculator. */
export const CALCULATOR: SubNode = {
  name: 'Calculator',
  type: `${LANGCHAIN}.toolCalculator`,
  typeVersion: 1,
  connection: 'ai_tool',
  parameters: {},
};

/** A Baseten node as a tool that makes an image. */
export const drawing = (): SubNode => ({
  name: 'Draw',
  type: 'n8n-nodes-baseten.basetenTool',
  typeVersion: 1,
  connection: 'ai_tool',
  parameters: {
    toolDescription: 'Draws a picture',
    resource: 'model',
    operation: 'predict',
    modelId: { __rl: true, mode: 'id', value: 'imagen01' },
    inputMode: 'json',
    input: '={{ { "prompt": $fromAI("prompt", "what to draw", "string") } }}',
  },
  credentials: CREDENTIAL,
});

/** A memory of the process. @param sessionKey its session; that of the chat if there is none */
export const memory = (sessionKey?: string): SubNode => ({
  name: 'Memory',
  type: `${LANGCHAIN}.memoryBufferWindow`,
  typeVersion: 1.3,
  connection: 'ai_memory',
  parameters:
    sessionKey === undefined
      ? { sessionIdType: 'fromInput' }
      : { sessionIdType: 'customKey', sessionKey },
});

/** A parser that makes an agent or a chain give an object with these texts. */
export const parserOf = (...names: string[]): SubNode => ({
  name: 'Parser',
  type: `${LANGCHAIN}.outputParserStructured`,
  typeVersion: 1.3,
  connection: 'ai_outputParser',
  parameters: {
    schemaType: 'manual',
    inputSchema: JSON.stringify({
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
      required: names,
    }),
  },
});

/** An AI Agent. @param text what it is asked; the chat's own words if there is none */
export const agent = (typeVersion: number, text?: string, options: object = {}): NodeInARow => ({
  name: 'Root',
  type: `${LANGCHAIN}.agent`,
  typeVersion,
  parameters: {
    ...(text === undefined ? { promptType: 'auto' } : { promptType: 'define', text }),
    options,
  },
});

/** A chain or another root node. @param type its type within n8n's package */
export const root = (type: string, typeVersion: number, parameters: object): NodeInARow => ({
  name: 'Root',
  type: `${LANGCHAIN}.${type}`,
  typeVersion,
  parameters: { ...parameters },
});

/** A start by hand. */
export const BY_HAND: NodeInARow = {
  name: 'Start',
  type: 'n8n-nodes-base.manualTrigger',
  typeVersion: 1,
  parameters: {},
};

/** A chat page that streams. @param path the end of its address */
export const chatPage = (path: string): NodeInARow => ({
  name: 'Start',
  type: `${LANGCHAIN}.chatTrigger`,
  typeVersion: 1.3,
  parameters: { public: true, mode: 'hostedChat', options: { responseMode: 'streaming' } },
  webhookId: path,
});

/** A node that gives an item with a picture. */
export const PICTURE: NodeInARow = {
  name: 'Picture',
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  parameters: {
    jsCode:
      "const data = Buffer.from('picture').toString('base64');\n" +
      "return [{ json: {}, binary: { data: { data, mimeType: 'image/png', fileName: 'a.png' } } }];",
  },
};

/** A workflow whose last node in the row has the sub-nodes. */
export function withSubNodes(name: string, row: NodeInARow[], subNodes: SubNode[]): WorkflowJson {
  const names = row.map((node) => node.name);
  const last = String(names.at(-1));
  const nodes = [...row, ...subNodes.map(({ connection: _, ...node }) => node)];
  const main = names.slice(0, -1).map((from, at) => [from, { main: to(String(names[at + 1])) }]);
  const below = subNodes.map(({ name: from, connection }) => [
    from,
    { [connection]: to(last, connection) },
  ]);
  return {
    name,
    nodes: nodes.map((node, index) => ({ ...node, id: node.name, position: [index * 220, 0] })),
    connections: Object.fromEntries([...main, ...below]) as Record<string, unknown>,
    settings: { executionOrder: 'v1' },
  };
}

const to = (node: string, type = 'main') => [[{ node, type, index: 0 }]];
